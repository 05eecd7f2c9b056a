package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"checker/targets"
	"checker/targets/docker"
	"checker/targets/relational"
)

// cluster is the nodes and how to talk to them.
type cluster struct {
	*docker.Environment
	cfg targets.Config
}

func open(ctx context.Context, program string, cfg targets.Config) (targets.Cluster, error) {
	image, err := docker.Build(ctx, recipe())
	if err != nil {
		return nil, err
	}
	env, err := docker.Open(ctx, docker.Spec{
		Target: "postgres", Nodes: cfg.Nodes, Image: image, Data: dataFolder,
		Command: command, Ready: ready, Program: program, Seed: cfg.Seed, Log: cfg.Log, LeaveUp: cfg.LeaveUp,
	})
	if err != nil {
		return nil, err
	}
	return &cluster{Environment: env, cfg: cfg}, nil
}

// database has the driver send what it is given, and no more.
func database(address string) (*sql.DB, error) {
	cfg, err := pgx.ParseConfig(fmt.Sprintf("postgres://postgres@%s/postgres?sslmode=disable", address))
	if err != nil {
		return nil, err
	}
	cfg.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	return stdlib.OpenDB(*cfg), nil
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
	db, err := database(c.Address(cfg.Node) + ":" + port)
	if err != nil {
		return nil, err
	}
	return relational.New(db, dialect(c.cfg.Settings[isolationSetting]), c.cfg.Workload), nil
}

func dialect(isolation string) relational.Dialect {
	return relational.Dialect{
		Begin:       []string{"BEGIN ISOLATION LEVEL " + levels[isolation]},
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
