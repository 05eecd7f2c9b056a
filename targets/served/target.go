package served

import (
	"context"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"checker/history"
	"checker/targets"
	"checker/targets/docker"
	"checker/targets/refdb"
	"checker/targets/refdb/sharded"
	"checker/targets/refdb/sharded/server"
)

// Node is what a node's process is told.
type Node = server.Config

// Port is where nodes listen.
const Port = server.Port

// Run runs a node on a listener until it cannot go on.
func Run(n Node, l net.Listener) error { return server.Run(n, l) }

// Base is the reference database as it is simulated, which says what there is and
// what ops mean.
type Base interface {
	targets.Target
	// Command translates an op of a workload.
	Command(workload string, op history.Op) (refdb.Command, error)
	// Value is the value of the completion of an op.
	Value(workload string, op history.Op, r refdb.Result) history.Value
	// Transactional tells the workloads that run over shards.
	Transactional(workload string) bool
	// Transactions translates an op of such a workload to transactions, one after the
	// other, mostly one.
	Transactions(workload string, op history.Op) ([][]sharded.Op, error)
	// Results is the value of the completion of such an op, from the results of all
	// micro-ops.
	Results(workload string, op history.Op, results [][]int64) history.Value
}

// RefDB returns the target that is simulated, or runs in containers.
func RefDB(base Base) Target { return Target{Base: base} }

// Target is the reference database.
type Target struct {
	Base
	Program string // a node and the agent in its pod; "" is this program
}

// The settings of the base that real nodes know; others must be left as they are.
const (
	readsSetting       = "reads"
	sendingSetting     = "sending"
	oneByOne           = "one-by-one"
	electionSetting    = "election-timeout"
	shardsSetting      = "shards"
	replicationSetting = "replication"
	isolationSetting   = "isolation"
	commitSetting      = "commit"
	snapshotsSetting   = "snapshots"
	snapshotsPast      = "past"
	membersSetting     = "members"
	membersDynamic     = "dynamic"
)

// maxStaleness is how old a snapshot of the past may be, as in simulation.
const maxStaleness = time.Second

var known = []string{readsSetting, sendingSetting, electionSetting, shardsSetting, replicationSetting, isolationSetting, commitSetting, snapshotsSetting, membersSetting}

// snapshotEvery is as in simulation: a run of a minute is to meet many snapshots.
const snapshotEvery = 50

// Describe says what the database offers.
func (t Target) Describe() targets.Description {
	d := t.Base.Describe()
	d.Environments = append(d.Environments, "docker")
	d.Unhealthy = "^panic: |^fatal error: |^SIGSEGV"
	return d
}

// Open starts a cluster.
func (t Target) Open(ctx context.Context, cfg targets.Config) (targets.Cluster, error) {
	if cfg.Env != "docker" {
		return t.Base.Open(ctx, cfg)
	}
	if err := t.refuse(cfg); err != nil {
		return nil, err
	}
	promise, err := t.Base.Promise(cfg.Workload, cfg.Settings)
	if err != nil {
		return nil, err
	}
	program := t.Program
	if program == "" {
		if program, err = os.Executable(); err != nil {
			return nil, err
		}
	}
	image, err := docker.Build(ctx, docker.Recipe{Name: "refdb", Dockerfile: "FROM scratch\nCOPY checker /checker\n", Files: map[string]string{"checker": program}})
	if err != nil {
		return nil, err
	}
	c := &cluster{base: t.Base, cfg: cfg}
	c.Environment, err = docker.Open(ctx, docker.Spec{
		Target: "refdb", Nodes: cfg.Nodes, Image: image, Data: "/data", Program: program,
		Command: command(cfg, promise), Ready: c.ready, Seed: cfg.Seed, Disks: slices.Contains(cfg.Faults, "disk"), Log: cfg.Log, LeaveUp: cfg.LeaveUp,
	})
	if err != nil {
		return nil, err
	}
	if cfg.Settings[membersSetting] == membersDynamic && !promise.Transactions {
		return c.addOperator(), nil
	}
	return c, nil
}

// refuse refuses what only simulated nodes know.
func (t Target) refuse(cfg targets.Config) error {
	d := t.Base.Describe()
	defaults, err := d.CheckSettings(nil)
	if err != nil {
		return err
	}
	for _, s := range d.Settings {
		if value, ok := cfg.Settings[s.Name]; ok && !slices.Contains(known, s.Name) && value != defaults[s.Name] {
			return fmt.Errorf("the setting %s=%s is for simulated nodes: leave it at %s, or use --env sim", s.Name, value, defaults[s.Name])
		}
	}
	if t.Transactional(cfg.Workload) {
		return nil
	}
	for _, bug := range cfg.Bugs {
		if _, err := refdb.ParseBugs(bug); err != nil {
			return fmt.Errorf("the planted bug %s is one of transactions, and the workload %s has none", bug, cfg.Workload)
		}
	}
	if _, err := t.Command(cfg.Workload, history.Op{}); err != nil && strings.Contains(err.Error(), "a single group") {
		return err
	}
	return nil
}

// command starts a node. What is voted on by how many is the promise's to know: it may depend on other settings.
func command(cfg targets.Config, promise targets.Promise) func(docker.Node, []docker.Node) docker.Command {
	return func(n docker.Node, all []docker.Node) docker.Command {
		peers := make([]string, len(all))
		for i, m := range all {
			peers[i] = net.JoinHostPort(m.Address, Port)
		}
		args := []string{
			"/checker", "refdb-node", "--id", strconv.Itoa(1 + slices.Index(all, n)), "--peers", strings.Join(peers, ","),
			"--data", "/data", "--reads", cfg.Settings[readsSetting], "--bugs", strings.Join(cfg.Bugs, ","),
			"--snapshot-every", strconv.Itoa(snapshotEvery), "--one-by-one=" + strconv.FormatBool(cfg.Settings[sendingSetting] == oneByOne),
		}
		if election := cfg.Settings[electionSetting]; election != "" {
			args = append(args, "--election-timeout", election)
		}
		if promise.Transactions {
			args = append(args, "--shards", cfg.Settings[shardsSetting], "--replication", strconv.Itoa(min(promise.Voters, cfg.Nodes)),
				"--isolation", cfg.Settings[isolationSetting], "--commit", cfg.Settings[commitSetting])
			if cfg.Settings[snapshotsSetting] == snapshotsPast {
				args = append(args, "--staleness", maxStaleness.String())
			}
		}
		return docker.Command{Args: args}
	}
}
