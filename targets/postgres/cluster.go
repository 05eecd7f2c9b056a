package postgres

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"checker/targets"
	"checker/targets/docker"
	"checker/targets/relational"
)

// cluster is the nodes and how to talk to them.
type cluster struct {
	*docker.Environment
	sessions
}

// sessions opens clients.
type sessions struct {
	cfg     targets.Config
	address func(node string) string
	manager *manager // of fail-over; nil for a server alone
}

// take takes a server that runs already.
func take(cfg targets.Config) (targets.Cluster, error) {
	if r := cfg.Settings[replicationSetting]; r != alone {
		return nil, fmt.Errorf("%s=%s is for containers: what runs already is taken as it is", replicationSetting, r)
	}
	running := targets.Running(cfg)
	return struct {
		*targets.Endpoints
		sessions
	}{running, sessions{cfg: cfg, address: running.Address}}, nil
}

func open(ctx context.Context, program string, cfg targets.Config) (targets.Cluster, error) {
	image, err := docker.ImageFor(ctx, cfg.Image, recipe())
	if err != nil {
		return nil, err
	}
	env, err := docker.Open(ctx, docker.Spec{
		Target: "postgres", Nodes: cfg.Nodes, Image: image, Data: dataFolder,
		Command: command(cfg.Settings[replicationSetting]), Ready: ready, Program: program, Seed: cfg.Seed,
		Disks: slices.Contains(cfg.Faults, "disk"), Log: cfg.Log, LeaveUp: cfg.LeaveUp,
	})
	if err != nil {
		return nil, err
	}
	c := &cluster{env, sessions{cfg: cfg, address: func(node string) string { return net.JoinHostPort(env.Address(node), port) }}}
	if cfg.Settings[replicationSetting] != alone {
		if c.manager, err = manage(env, cfg); err != nil {
			return nil, errors.Join(err, env.Close())
		}
	}
	return c, nil
}

// database has the driver send what it is given, and no more. User, password and
// database are those of the environment, or postgres, which needs no password here.
func database(address string) (*sql.DB, error) {
	host, at, err := net.SplitHostPort(address)
	if err != nil {
		host, at = address, port
	}
	cfg, err := pgx.ParseConfig(fmt.Sprintf("host=%s port=%s user=%s dbname=%s sslmode=disable", host, at,
		cmp.Or(os.Getenv("PGUSER"), "postgres"), cmp.Or(os.Getenv("PGDATABASE"), "postgres")))
	if err != nil {
		return nil, err
	}
	cfg.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	return stdlib.OpenDB(*cfg, stdlib.OptionBeforeConnect(neverCancel)), nil
}

var errNeverCancel = errors.New("checker does not cancel what it has sent")

// neverCancel keeps the driver from asking the server, over a connection of its own, to
// give up what has taken too long. A COMMIT that waits for a standby would then take
// effect without.
func neverCancel(_ context.Context, cfg *pgx.ConnConfig) error {
	dial, connected := cfg.DialFunc, false
	cfg.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		if connected {
			return nil, errNeverCancel
		}
		return dial(ctx, network, address)
	}
	cfg.AfterConnect = func(context.Context, *pgconn.PgConn) error {
		connected = true
		return nil
	}
	return nil
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
func (c sessions) OpenClient(_ context.Context, cfg targets.ClientConfig) (targets.Client, error) {
	begin := begin(c.cfg.Settings[isolationSetting])
	if c.manager == nil {
		return relational.New(dialect(relational.Only(c.address(cfg.Node), begin)), c.cfg.Workload), nil
	}
	route := func(readsOnly bool) relational.Server {
		if node := c.manager.standbyFor(cfg.Node); readsOnly && node != "" {
			// A standby knows no serializable transactions.
			return relational.Server{Address: c.address(node), Begin: []string{"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"}}
		}
		return relational.Server{Address: c.address(c.manager.primaryFor(cfg.Node)), Begin: []string{begin}}
	}
	return relational.New(dialect(route), c.cfg.Workload), nil
}

// Primaries are the nodes that take themselves for primaries.
func (c *cluster) Primaries(context.Context) ([]string, error) {
	if c.manager == nil {
		return c.Nodes(), nil
	}
	return c.manager.primaries(), nil
}

// Close removes the nodes.
func (c *cluster) Close() error {
	if c.manager != nil {
		c.manager.close()
	}
	return c.Environment.Close()
}

// begin is the statement that begins a transaction.
func begin(isolation string) string { return "BEGIN ISOLATION LEVEL " + levels[isolation] }

func dialect(route func(readsOnly bool) relational.Server) relational.Dialect {
	return relational.Dialect{
		Open:        database,
		Route:       route,
		OnConflict:  "ON CONFLICT (k) DO UPDATE SET v =",
		Commit:      commit,
		Uncommitted: uncommitted,
	}
}

// commit looks at what the server says it did: the COMMIT of a transaction that has
// failed rolls it back, and is no error.
func commit(ctx context.Context, c *sql.Conn) error {
	return c.Raw(func(conn any) error {
		done, err := conn.(*stdlib.Conn).Conn().Exec(ctx, "COMMIT")
		if err == nil && done.String() != "COMMIT" {
			err = fmt.Errorf("%w: %s", errRolledBack, done)
		}
		return err
	})
}
