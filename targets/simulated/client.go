package simulated

import (
	"time"

	"checker/history"
	"checker/targets"
	"checker/targets/refdb"
)

// How a client waits. An attempt that takes longer than attemptTimeout is
// repeated elsewhere: above a slow commit, below an election and a half.
const (
	attemptTimeout = 400 * time.Millisecond
	hintBackoff    = time.Millisecond // before following a hint; two nodes may hint at each other
	minBackoff     = 5 * time.Millisecond
	maxBackoff     = 80 * time.Millisecond
)

// client is the session of one process.
type client struct {
	thread
	session uint64
	seq     uint64
	home    int // the node that the thread talks to
	leader  int // the node that answered last, or was hinted at

	command refdb.Command // of the open op
	attempt uint32
}

// OpenAsync opens the session of a process on its thread's host.
func (c *Cluster) OpenAsync(cfg targets.ClientConfig) targets.AsyncClient {
	if c.shards != nil {
		return c.openShardClient(cfg)
	}
	home := c.home(cfg)
	cl := &client{thread: c.thread(cfg), session: uint64(cfg.Process) + 1, home: home, leader: home}
	cl.program.current = cl
	return cl
}

// Close forgets the open op.
func (cl *client) Close() { cl.leave(cl) }

// Invoke begins an op. Half of the ops go to the process's own node first, as
// clients behind a balancer do, half to the node that led when last heard of: so
// an old leader on the wrong side of a partition is asked too.
func (cl *client) Invoke(op history.Op, done func(history.Op)) {
	command, err := cl.cluster.vocabulary.command(op)
	if err != nil {
		op.Type, op.Error = history.Fail, history.String(err.Error())
		done(op)
		return
	}
	cl.op, cl.done, cl.command = op, done, command
	cl.seq++
	target := cl.home
	if cl.rng.Uint64()&1 == 0 && !cl.cluster.readsAtHome(command) {
		target = cl.leader
	}
	cl.try(target)
}

// readsAtHome reports whether a command is a read that any node answers itself.
func (c *Cluster) readsAtHome(command refdb.Command) bool {
	reads := c.nodeConfig.Reads
	return (reads == refdb.LocalReads || reads == refdb.FollowerReads) && command.Op.IsRead()
}

// try sends an attempt to a node and waits for the reply.
func (cl *client) try(target int) {
	cl.leader = target
	cl.attempt++
	cl.waiting = true
	r := refdb.Request{Client: cl.session, Seq: cl.seq, Attempt: cl.attempt, Command: cl.command}
	cl.host.Send(cl.cluster.nodes[target], packetOverhead, cl.cluster.requests.put(request{r}))
	cl.wait(attemptTimeout)
}

// wake ends a wait: a back-off ends in the next attempt, a missing reply too.
func (cl *client) wake() {
	if cl.done == nil {
		return
	}
	if cl.waiting {
		cl.leader = (cl.leader + 1 + cl.rng.IntN(len(cl.cluster.nodes))) % len(cl.cluster.nodes)
	}
	cl.try(cl.leader)
}

// receive takes the reply to any attempt of the open op.
func (cl *client) receive(payload any) {
	m, ok := payload.(*reply)
	if !ok {
		return
	}
	r := m.Reply
	if cl.done == nil || r.Client != cl.session || r.Seq != cl.seq {
		return
	}
	switch {
	case r.Status == refdb.OK:
		cl.finish(history.Ok, cl.cluster.vocabulary.value(cl.op, r.Result), history.Nil)
	case r.Status.Refuses() || r.Status == refdb.Invalid:
		cl.finish(history.Fail, cl.op.Value, history.Keyword(r.Status.String()))
	case r.Status == refdb.Superseded:
		cl.finish(history.Info, cl.op.Value, history.Keyword(r.Status.String()))
	default:
		cl.backOff(r)
	}
}

// backOff waits a little before the next attempt, which goes to the leader if
// the reply names one. Replies to attempts before the last change nothing.
func (cl *client) backOff(r refdb.Reply) {
	if r.Attempt != cl.attempt || !cl.waiting {
		return
	}
	cl.waiting = false
	if r.Leader != refdb.NoNode {
		cl.leader = int(r.Leader) - 1
		cl.wait(hintBackoff)
		return
	}
	cl.leader = cl.rng.IntN(len(cl.cluster.nodes))
	cl.wait(minBackoff + time.Duration(cl.rng.Int64N(int64(maxBackoff-minBackoff))))
}
