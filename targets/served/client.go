package served

import (
	"context"
	"time"

	"checker/history"
	"checker/targets/refdb"
)

// How a client waits: as in simulation.
const (
	attemptTimeout = 400 * time.Millisecond
	backOff        = 10 * time.Millisecond
)

// client is the session of a process. It repeats a request until it is answered,
// which the database knows by its number.
type client struct {
	line[refdb.Request, refdb.Reply]
	session uint64
	seq     uint64
	home    int // the node that the thread talks to
	leader  int // the node that answered last, or was hinted at
}

// Invoke executes an op. Every other op goes to the process's own node first, as
// clients behind a balancer do, so that an old leader on the wrong side of a
// partition is asked, too.
func (c *client) Invoke(ctx context.Context, op history.Op) history.Op {
	command, err := c.cluster.base.Command(c.cluster.cfg.Workload, op)
	if err != nil {
		op.Type, op.Error = history.Fail, history.String(err.Error())
		return op
	}
	c.seq++
	r := refdb.Request{Client: c.session, Seq: c.seq, Command: command}
	node := c.leader
	if c.seq%2 == 0 || c.readsAtHome(command) {
		node = c.home
	}
	for ctx.Err() == nil {
		r.Attempt++
		c.leader = node
		reply, err := c.ask(ctx, node, r, attemptTimeout, func(reply refdb.Reply) bool { return reply.Client == r.Client && reply.Seq == r.Seq })
		switch {
		case err != nil:
			c.forget(node)
			node = (node + 1) % len(c.conns)
		case reply.Status == refdb.OK:
			op.Type, op.Value = history.Ok, c.cluster.base.Value(c.cluster.cfg.Workload, op, reply.Result)
			return op
		case reply.Status.Refuses() || reply.Status == refdb.Invalid:
			op.Type, op.Error = history.Fail, history.Keyword(reply.Status.String())
			return op
		case reply.Status == refdb.Superseded:
			op.Type, op.Error = history.Info, history.Keyword(reply.Status.String())
			return op
		case reply.Leader != refdb.NoNode:
			node = int(reply.Leader) - 1
			continue
		default:
			node = (node + 1) % len(c.conns)
		}
		select {
		case <-time.After(backOff):
		case <-ctx.Done():
		}
	}
	op.Type, op.Error = history.Info, history.Keyword("timeout")
	return op
}

// readsAtHome reports whether a command is a read that any node answers itself.
func (c *client) readsAtHome(command refdb.Command) bool {
	reads := c.cluster.cfg.Settings[readsSetting]
	return (reads == refdb.LocalReads.String() || reads == refdb.FollowerReads.String()) && command.Op.IsRead()
}
