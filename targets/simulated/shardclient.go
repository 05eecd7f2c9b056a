package simulated

import (
	"time"

	"checker/history"
	"checker/targets"
	"checker/targets/refdb"
	"checker/targets/refdb/sharded"
)

// How a client of transactions waits. An attempt that takes longer than txnTimeout is repeated elsewhere. A
// transaction that was aborted is begun anew, as another one, maxRetries times at most.
const (
	txnTimeout = 600 * time.Millisecond
	maxRetries = 4
)

// shardClient is the session of one process that executes transactions. Every other one learns who leads a
// shard and asks there, which saves messages; the others have one node route all that they ask, which is the
// harder life for the protocol.
type shardClient struct {
	thread
	node    int                     // that is asked
	leaders map[sharded.ShardID]int // who leads a shard, as replies told; nil for a client that pays no heed

	request sharded.Request // of the open op
	rest    []sharded.Op    // of an op that is several transactions, those after the open one
	results [][]int64       // of those before it
	retries int
}

// openShardClient opens the session of a process on its thread's host.
func (c *Cluster) openShardClient(cfg targets.ClientConfig) targets.AsyncClient {
	cl := &shardClient{
		thread:  c.thread(cfg),
		node:    c.home(cfg),
		request: sharded.Request{ID: sharded.TxnID{Client: uint64(cfg.Process) + 1}},
	}
	if cfg.Thread%2 == 1 {
		cl.leaders = map[sharded.ShardID]int{}
	}
	cl.program.current = cl
	return cl
}

// Close forgets the open op.
func (cl *shardClient) Close() { cl.leave(cl) }

// Invoke begins an op.
func (cl *shardClient) Invoke(op history.Op, done func(history.Op)) {
	ops, err := cl.cluster.words.ops(op)
	if err != nil {
		op.Type, op.Error = history.Fail, history.String(err.Error())
		done(op)
		return
	}
	cl.op, cl.done, cl.retries = op, done, 0
	cl.rest, cl.results = nil, nil
	if cl.cluster.words.apart {
		ops, cl.rest = ops[:1], ops[1:]
	}
	cl.request.Ops = ops
	cl.request.Priority, _ = cl.host.Clock()
	cl.begin()
}

// committed goes on with the op's next transaction, or ends it.
func (cl *shardClient) committed(results [][]int64) {
	cl.results = append(cl.results, results...)
	if len(cl.rest) == 0 {
		cl.finish(history.Ok, cl.cluster.words.value(cl.op, cl.results), history.Nil)
		return
	}
	cl.request.Ops, cl.rest = cl.rest[:1], cl.rest[1:]
	cl.begin()
}

// aborted ends an op whose transaction did not commit. If others of it have, it neither failed nor did not.
func (cl *shardClient) aborted(s sharded.Status) {
	outcome := history.Fail
	if len(cl.results) > 0 {
		outcome = history.Info
	}
	cl.finish(outcome, cl.op.Value, history.Keyword(s.String()))
}

// begin makes the op a transaction that was never tried before.
func (cl *shardClient) begin() {
	cl.request.ID.Seq++
	if leader, known := cl.leaders[cl.home()]; known {
		cl.node = leader
	}
	cl.try()
}

func (cl *shardClient) home() sharded.ShardID { return cl.cluster.shards.Home(cl.request.Ops) }

// try sends an attempt and waits for the reply.
func (cl *shardClient) try() {
	cl.request.Attempt++
	cl.waiting = true
	cl.host.Send(cl.cluster.nodes[cl.node], packetOverhead+16*len(cl.request.Ops), &shardRequest{cl.request})
	cl.wait(txnTimeout)
}

// wake ends a wait: a missing reply has another node asked, a back-off ends in a new transaction.
func (cl *shardClient) wake() {
	switch {
	case cl.done == nil:
	case cl.waiting:
		delete(cl.leaders, cl.home())
		cl.node = (cl.node + 1 + cl.rng.IntN(len(cl.cluster.nodes))) % len(cl.cluster.nodes)
		cl.try()
	default:
		cl.begin()
	}
}

// receive takes the reply to any attempt of the open transaction.
func (cl *shardClient) receive(payload any) {
	r, ok := payload.(*shardReply)
	if !ok || cl.done == nil || r.ID != cl.request.ID || !cl.waiting {
		return
	}
	if cl.leaders != nil && r.Leader != refdb.NoNode {
		cl.leaders[cl.home()] = int(r.Leader) - 1
	}
	switch {
	case r.Status == sharded.Committed:
		cl.request.Seen = r.Seen
		cl.committed(r.Results)
	case r.Status == sharded.Aborted && cl.retries < maxRetries:
		cl.retries++
		cl.waiting = false
		cl.wait(minBackoff + time.Duration(cl.rng.Int64N(int64(maxBackoff-minBackoff))))
	case r.Status != sharded.Overloaded: // whose attempt alone has failed: an earlier one may do better
		cl.aborted(r.Status)
	}
}
