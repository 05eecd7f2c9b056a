package trace

// Event is one step of one node. Fields that its step does not name are zero.
type Event struct {
	At      int64  // ns since the start of the run
	Node    string // who tells
	Group   string // that the node is part of, where it is part of several
	Step    string
	Term    uint64
	Index   uint64
	Digest  string // equal for equal content
	Peer    string // another node, or several, or participants
	Txn     string // a transaction
	Outcome string // of the transaction
}
