package served

import (
	"context"
	"math/rand/v2"
	"time"

	"checker/history"
	"checker/targets/refdb/sharded"
)

// How a client of transactions waits: as in simulation. An attempt that takes longer
// than txnTimeout is repeated elsewhere. A transaction that was aborted is begun anew,
// as another one, maxRetries times at most.
const (
	txnTimeout = 600 * time.Millisecond
	maxRetries = 4
	minBackOff = 5 * time.Millisecond
	maxBackOff = 80 * time.Millisecond
)

// txnClient is the session of a process that executes transactions.
type txnClient struct {
	line[sharded.Request, sharded.Reply]
	request sharded.Request
	node    int // that is asked
}

// Invoke executes an op: its transactions, one after the other.
func (c *txnClient) Invoke(ctx context.Context, op history.Op) history.Op {
	base, workload := c.cluster.base, c.cluster.cfg.Workload
	all, err := base.Transactions(workload, op)
	if err != nil {
		op.Type, op.Error = history.Fail, history.String(err.Error())
		return op
	}
	c.request.Priority = time.Now().UnixNano()
	var results [][]int64
	for i, ops := range all {
		c.request.Ops = ops
		reply, ended := c.execute(ctx)
		switch {
		case !ended:
			op.Type, op.Error = history.Info, history.Keyword("timeout")
			return op
		case reply.Status != sharded.Committed:
			op.Type, op.Error = history.Fail, history.Keyword(reply.Status.String())
			if i > 0 { // others of it have committed: it neither failed nor did not
				op.Type = history.Info
			}
			return op
		}
		results = append(results, reply.Results...)
	}
	op.Type, op.Value = history.Ok, base.Results(workload, op, results)
	return op
}

// execute executes a transaction, and anew where it was aborted. It is false where
// nothing is known of the last one.
func (c *txnClient) execute(ctx context.Context) (sharded.Reply, bool) {
	for retries := 0; ; retries++ {
		c.request.ID.Seq++
		reply, ended := c.try(ctx)
		if !ended || reply.Status != sharded.Aborted || retries == maxRetries {
			return reply, ended
		}
		select {
		case <-time.After(minBackOff + rand.N(maxBackOff-minBackOff)):
		case <-ctx.Done():
			return reply, true
		}
	}
}

// try asks one node after the other until one knows the outcome.
func (c *txnClient) try(ctx context.Context) (sharded.Reply, bool) {
	for ctx.Err() == nil {
		c.request.Attempt++
		reply, err := c.ask(ctx, c.node, c.request, txnTimeout, func(r sharded.Reply) bool { return r.ID == c.request.ID })
		if err == nil && reply.Status != sharded.Overloaded { // whose attempt alone has failed: an earlier one may do better
			if reply.Status == sharded.Committed {
				c.request.Seen = reply.Seen
			}
			return reply, true
		}
		if err != nil {
			c.forget(c.node)
		}
		c.node = (c.node + 1 + rand.IntN(len(c.conns))) % len(c.conns)
		select {
		case <-time.After(backOff):
		case <-ctx.Done():
		}
	}
	return sharded.Reply{}, false
}
