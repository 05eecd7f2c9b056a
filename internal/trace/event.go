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

// Protocol is the kind of the lines that hold an [Event]. What else there is, and
// what it is called, is up to whoever traced: the simulator tells of messages and
// of what became of them, of processes, links and disks.
const Protocol = "protocol"

// Line is what one line of a trace holds. Fields that it does not have are zero.
type Line struct {
	Event
	Kind     string // what the line is about
	From, To string // the ends of a message
	Packet   uint64 // the number of a message
	Message  string // what it says
	Cause    string // why it was lost

	timed bool // it has a time
}
