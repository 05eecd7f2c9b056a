package redis

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"checker/history"
	"checker/targets"
	"checker/targets/docker"
)

// Redis is the target.
type Redis struct{ Program string } // the agent in the pods; "" is this program

// Describe says what the target offers.
func (Redis) Describe() targets.Description {
	return targets.Description{
		Name: "redis", Summary: "Redis, a key-value store, on one node that syncs before it answers", Version: "7.0, as Debian 12 has it",
		Environments: []string{"docker", targets.None}, Images: true, Workloads: []string{"register", "set"},
	}
}

// Promise says what a server alone guarantees.
func (r Redis) Promise(workload string, _ map[string]string) (targets.Promise, error) {
	if d := r.Describe(); !slices.Contains(d.Workloads, workload) {
		return targets.Promise{}, fmt.Errorf("redis does not run the workload %q: it offers %s", workload, strings.Join(d.Workloads, ", "))
	}
	return targets.Promise{
		Nodes: 1, FaultModel: []string{"partition", "kill", "pause", "clock"}, ConsistencyModels: []string{"linearizable"},
		Summary: "one command at a time, in memory and in the log before it is answered",
	}, nil
}

// Open starts a server, or takes the one that runs.
func (r Redis) Open(ctx context.Context, cfg targets.Config) (targets.Cluster, error) {
	if cfg.Env == targets.None {
		running := targets.Running(cfg)
		return struct {
			*targets.Endpoints
			opener
		}{running, running.Address}, nil
	}
	image, err := docker.ImageFor(ctx, cfg.Image, docker.Packages("redis", []string{"redis-server"}))
	if err != nil {
		return nil, err
	}
	env, err := docker.Open(ctx, docker.Spec{
		Target: "redis", Nodes: cfg.Nodes, Image: image, Data: "/data", Program: r.Program, Seed: cfg.Seed, Log: cfg.Log, LeaveUp: cfg.LeaveUp,
		Disks: slices.Contains(cfg.Faults, "disk"),
		Command: func(docker.Node, []docker.Node) docker.Command {
			return docker.Command{Args: []string{"redis-server", "--dir", "/data", "--protected-mode", "no", "--appendonly", "yes", "--appendfsync", "always"}}
		},
		Ready: func(ctx context.Context, n docker.Node) error {
			c := client{wire{address: n.Address}}
			defer c.Close()
			_, err := c.do(ctx, "PING")
			return err
		},
	})
	if err != nil {
		return nil, err
	}
	return struct {
		*docker.Environment
		opener
	}{env, env.Address}, nil
}

// opener opens clients of nodes whose addresses it knows.
type opener func(node string) string

// OpenClient opens the session of a process.
func (address opener) OpenClient(_ context.Context, cfg targets.ClientConfig) (targets.Client, error) {
	return &client{wire{address: address(cfg.Node)}}, nil
}

// client is a session.
type client struct{ wire }

// Setup removes what an earlier run left in a server that was not started for this one.
func (c *client) Setup(ctx context.Context) error {
	_, err := c.do(ctx, "EVAL", "for _, k in ipairs(redis.call('KEYS', 'checker:*')) do redis.call('DEL', k) end", "0")
	return err
}

// Teardown does the same.
func (c *client) Teardown(ctx context.Context) error { return c.Setup(ctx) }

// Invoke executes an op. What goes wrong when it may have been sent is indeterminate,
// unless it only reads.
func (c *client) Invoke(ctx context.Context, op history.Op) history.Op {
	value, err := c.execute(ctx, op)
	switch {
	case err == nil:
		op.Type, op.Value = history.Ok, value
		return op
	case op.F == "read" || errors.Is(err, errNothingHappened):
		op.Type = history.Fail
	default:
		op.Type = history.Info
	}
	op.Error = history.String(err.Error())
	return op
}

const compareAndSet = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2]) return 1 end return 0"

func (c *client) execute(ctx context.Context, op history.Op) (history.Value, error) {
	key, value, keyed := op.Value.Pair()
	register := "checker:register:" + key.String()
	switch {
	case op.F == "read" && keyed:
		r, err := c.do(ctx, "GET", register)
		return history.Vector(key, r), err
	case op.F == "write" && keyed:
		_, err := c.do(ctx, "SET", register, value.String())
		return op.Value, err
	case op.F == "cas" && keyed:
		before, after, _ := value.Pair()
		r, err := c.do(ctx, "EVAL", compareAndSet, "1", register, before.String(), after.String())
		if swapped, _ := r.Int(); err == nil && swapped == 0 {
			err = fmt.Errorf("%w: the register is not %s", errNothingHappened, before)
		}
		return op.Value, err
	case op.F == "add":
		_, err := c.do(ctx, "SADD", "checker:set", op.Value.String())
		return op.Value, err
	case op.F == "read":
		return c.do(ctx, "SMEMBERS", "checker:set")
	}
	return history.Nil, fmt.Errorf("%w: the client does not know the op %s %s", errNothingHappened, op.F, op.Value)
}
