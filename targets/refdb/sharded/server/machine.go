package server

import (
	"checker/targets/refdb"
	"checker/targets/refdb/sharded"
)

// machine is the state machine that a node runs: M are the messages between nodes, Q
// what clients ask, R what they are answered.
type machine[M, Q, R any] interface {
	Tick(now refdb.Clock)
	Deadline() int64
	Receive(now refdb.Clock, from refdb.NodeID, m M)
	Request(now refdb.Clock, q Q)
	diskDone(now refdb.Clock, log int, token uint64, err error)
	ready() effects[M, R]
	leads() bool
	asker(q Q) uint64    // the client that asks
	answered(r R) uint64 // and the one that is answered
}

// effects are what a machine wants done.
type effects[M, R any] struct {
	writes   []write
	messages []parcel[M]
	replies  []R
	fatal    error
}

// write is an operation on one of the node's logs.
type write struct {
	log int
	op  refdb.DiskOp
}

// parcel is a message and for whom it is.
type parcel[M any] struct {
	to      refdb.NodeID
	message M
}

// group is a node of a single group, whose only log has number 0.
type group struct {
	*refdb.Node
	out effects[refdb.Message, refdb.Reply]
}

func (g *group) diskDone(now refdb.Clock, _ int, token uint64, err error) {
	g.DiskDone(now, token, err)
}

func (g *group) leads() bool                   { return g.State().Role == refdb.Leader }
func (g *group) asker(q refdb.Request) uint64  { return q.Client }
func (g *group) answered(r refdb.Reply) uint64 { return r.Client }

func (g *group) ready() effects[refdb.Message, refdb.Reply] {
	out := g.Ready()
	e := &g.out
	e.writes, e.messages, e.replies, e.fatal = e.writes[:0], e.messages[:0], out.Replies, out.Fatal
	for _, op := range out.Disk {
		e.writes = append(e.writes, write{0, op})
	}
	for _, m := range out.Messages {
		e.messages = append(e.messages, parcel[refdb.Message]{m.To, m.Message})
	}
	return *e
}

// shards is a node that holds shards, with a log for each.
type shards struct {
	*sharded.Node
	count int
	out   effects[sharded.Message, sharded.Reply]
}

func (s *shards) diskDone(now refdb.Clock, log int, token uint64, err error) {
	s.DiskDone(now, sharded.ShardID(log), token, err)
}

// leads reports whether the node leads any shard.
func (s *shards) leads() bool {
	for id := range s.count {
		if state, held := s.State(sharded.ShardID(id)); held && state.Role == refdb.Leader {
			return true
		}
	}
	return false
}

func (s *shards) asker(q sharded.Request) uint64  { return q.ID.Client }
func (s *shards) answered(r sharded.Reply) uint64 { return r.ID.Client }

func (s *shards) ready() effects[sharded.Message, sharded.Reply] {
	out := s.Ready()
	e := &s.out
	e.writes, e.messages, e.replies, e.fatal = e.writes[:0], e.messages[:0], out.Replies, out.Fatal
	for _, op := range out.Disk {
		e.writes = append(e.writes, write{int(op.Shard), op.DiskOp})
	}
	for _, m := range out.Messages {
		e.messages = append(e.messages, parcel[sharded.Message]{m.To, m.Message})
	}
	return *e
}
