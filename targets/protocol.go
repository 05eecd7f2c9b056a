package targets

// ProtocolEvent is one step of one node's consensus protocol, in the words of
// docs/trace-format.md. A target that offers such events says so in its
// [Description]; its cluster hands each to Config.Protocol, in an order in which
// causes precede effects, and writes the same to Config.Trace.
type ProtocolEvent struct {
	At      int64 // ns since the start of the run
	Node    string
	Group   string // that the node is part of, where it is part of several
	Step    string // such as became-leader
	Term    uint64
	Index   uint64
	Digest  string // of an entry or a state: equal for equal content
	Peer    string // another node, or of a configuration its members, or of a transaction its participants, or of a vote the locks
	Txn     string // a transaction
	Outcome string // of the transaction: commit or abort
}
