package mariadb

import (
	"context"
	"database/sql"
	"io"
	"log"
	"slices"
	"time"

	"github.com/go-sql-driver/mysql"

	"checker/targets"
	"checker/targets/docker"
	"checker/targets/relational"
)

const port = "3306"

// start makes the data on the first start, in a folder that takes its name when it is
// whole, and becomes the server.
const start = `set -e
chown mysql: /data
if [ ! -d /data/main ]; then
	rm -rf /data/new
	mariadb-install-db --user=mysql --datadir=/data/new --skip-test-db >/dev/null
	mv /data/new /data/main
	sync /data
fi
cat >/tmp/init.sql <<END
CREATE USER IF NOT EXISTS checker@'%';
GRANT ALL ON *.* TO checker@'%';
CREATE DATABASE IF NOT EXISTS checker;
END
mkdir -p /run/mysqld && chown mysql: /run/mysqld
exec mariadbd --user=mysql --datadir=/data/main --init-file=/tmp/init.sql "$@"
`

// command starts a server.
func command(settings map[string]string) func(docker.Node, []docker.Node) docker.Command {
	args := []string{
		"sh", "-c", start, "mariadb",
		"--bind-address=0.0.0.0", "--port=" + port, "--skip-name-resolve", "--max-connections=200",
		"--idle-transaction-timeout=5", // s, of clients that were cut off
		"--innodb-lock-wait-timeout=2", // s, less than clients wait
	}
	if settings[binaryLogSetting] == binaryLogOn {
		args = append(args, "--log-bin=binary", "--sync-binlog=1")
	}
	return func(docker.Node, []docker.Node) docker.Command { return docker.Command{Args: args} }
}

// cluster is the node and how to talk to it.
type cluster struct {
	*docker.Environment
	cfg targets.Config
}

func open(ctx context.Context, program string, cfg targets.Config) (targets.Cluster, error) {
	image, err := docker.ImageFor(ctx, cfg.Image, docker.Packages("mariadb", []string{"mariadb-server"}, "/var/lib/mysql"))
	if err != nil {
		return nil, err
	}
	env, err := docker.Open(ctx, docker.Spec{
		Target: "mariadb", Nodes: cfg.Nodes, Image: image, Data: "/data",
		Command: command(cfg.Settings), Ready: ready, Program: program, Seed: cfg.Seed,
		Disks: slices.Contains(cfg.Faults, "disk"), Log: cfg.Log, LeaveUp: cfg.LeaveUp,
	})
	if err != nil {
		return nil, err
	}
	return &cluster{env, cfg}, nil
}

// database has the driver send what it is given, and no more.
func database(address string) (*sql.DB, error) {
	cfg := mysql.NewConfig()
	cfg.User, cfg.Net, cfg.Addr, cfg.DBName = "checker", "tcp", address, "checker"
	cfg.CheckConnLiveness = false
	cfg.Logger = log.New(io.Discard, "", 0) // what it says, it also returns
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

// ready asks a server anything.
func ready(ctx context.Context, n docker.Node) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	db, err := database(n.Address + ":" + port)
	if err != nil {
		return err
	}
	defer db.Close()
	return db.PingContext(ctx)
}

// OpenClient opens the session of a process.
func (c *cluster) OpenClient(_ context.Context, cfg targets.ClientConfig) (targets.Client, error) {
	return relational.New(dialect(c.Address(cfg.Node)+":"+port, c.cfg.Settings[isolationSetting]), c.cfg.Workload), nil
}

func dialect(address, isolation string) relational.Dialect {
	return relational.Dialect{
		Open:        database,
		Route:       relational.Only(address, levels[isolation].begin()...),
		OnConflict:  "ON DUPLICATE KEY UPDATE v =",
		Uncommitted: uncommitted,
	}
}
