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
// whole, and becomes the server. A standby, which is told of its primary, copies the
// data from there. Nobody else is alive in the pod by then, so that a lock file is an
// old one.
const start = `set -e
primary=$1
shift
as="setpriv --reuid=postgres --regid=postgres --clear-groups"
bin=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)
chown postgres: /data
while [ ! -d /data/main ]; do
	rm -rf /data/new
	if [ "$primary" ]; then
		until $as $bin/pg_isready --quiet --host="$primary"; do sleep 0.1; done
		$as $bin/pg_basebackup --pgdata=/data/new --dbname="host=$primary user=postgres application_name=standby" \
			--write-recovery-conf --checkpoint=fast || continue
	else
		$as $bin/initdb --pgdata=/data/new --auth=trust --encoding=UTF8 --locale=C >/dev/null
		printf 'host all all all trust\nhost replication all all trust\n' >>/data/new/pg_hba.conf
	fi
	mv /data/new /data/main
	sync /data
done
rm -f /data/main/postmaster.pid
exec $as $bin/postgres -D /data/main "$@"
`

// command starts a server: the first node's is the primary, any other a standby of it.
func command(replication string) func(docker.Node, []docker.Node) docker.Command {
	return func(n docker.Node, all []docker.Node) docker.Command {
		primary := ""
		options := []string{
			"listen_addresses=*", "port=" + port, "unix_socket_directories=",
			"max_connections=200", "deadlock_timeout=200ms",
			"idle_in_transaction_session_timeout=5s", // of clients that were cut off
			// Tables are small, and who scans one whole conflicts with everybody.
			"enable_seqscan=off",
			"wal_sender_timeout=1s", "wal_receiver_timeout=1s", "wal_receiver_status_interval=200ms", "wal_retrieve_retry_interval=200ms",
		}
		switch {
		case n != all[0]:
			primary = all[0].Address
		case replication == remoteApply:
			options = append(options, "synchronous_standby_names=standby", "synchronous_commit=remote_apply")
		}
		args := []string{"sh", "-c", start, "postgres", primary}
		for _, o := range options {
			args = append(args, "-c", o)
		}
		return docker.Command{Args: args}
	}
}
