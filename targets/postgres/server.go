package postgres

import (
	"checker/targets/docker"
)

// port is where servers listen.
const port = "5432"

// dataFolder is where the volume of a node is.
const dataFolder = "/data"

// recipe makes the image of a server. The cluster that Debian's package makes is left
// out: each node makes its own.
func recipe() docker.Recipe {
	return docker.Packages("postgres", []string{"postgresql-15"}, "/var/lib/postgresql/15")
}

// start makes the data on the first start, in a folder that takes its name when it is
// whole, and becomes the server. Nobody else is alive in the pod by then, so that a
// lock file is an old one.
const start = `set -e
as="setpriv --reuid=postgres --regid=postgres --clear-groups"
bin=/usr/lib/postgresql/15/bin
chown postgres: /data
if [ ! -d /data/main ]; then
	rm -rf /data/new
	$as $bin/initdb --pgdata=/data/new --auth=trust --encoding=UTF8 --locale=C >/dev/null
	echo 'host all all all trust' >>/data/new/pg_hba.conf
	mv /data/new /data/main
	sync /data
fi
rm -f /data/main/postmaster.pid
exec $as $bin/postgres -D /data/main "$@"
`

// command starts a server.
func command(docker.Node, []docker.Node) docker.Command {
	return docker.Command{Args: []string{
		"sh", "-c", start, "postgres",
		"-c", "listen_addresses=*", "-c", "port=" + port, "-c", "unix_socket_directories=",
		"-c", "max_connections=200", "-c", "deadlock_timeout=200ms",
		// Tables are small, and who scans one whole conflicts with everybody.
		"-c", "enable_seqscan=off",
	}}
}
