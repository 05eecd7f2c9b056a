package refdb

import "fmt"

// EventKind tells trace events apart.
type EventKind uint8

// Events of the protocol, with the fields of Event that they use.
const (
	Started            EventKind = iota + 1 // Term, Index of the last entry: as recovered from disk
	BecameFollower                          // Term, Node: the leader, if known
	BecamePreCandidate                      // Term
	BecameCandidate                         // Term
	BecameLeader                            // Term
	Voted                                   // Term, Node: for whom
	Appended                                // Index, Term of the entry, Digest
	Truncated                               // Index: it and all after it are gone
	Committed                               // Index: all up to here
	Applied                                 // Index, Term of the entry, Digest
	SnapshotTaken                           // Index, Term of the last entry covered, Digest of the content
	Restored                                // the same: the state is now that of a snapshot
	Reconfigured                            // Index, Members: from that entry on
)

var eventKinds = [...]string{
	Started: "started", BecameFollower: "became-follower", BecamePreCandidate: "became-pre-candidate",
	BecameCandidate: "became-candidate", BecameLeader: "became-leader", Voted: "voted",
	Appended: "appended", Truncated: "truncated", Committed: "committed", Applied: "applied",
	SnapshotTaken: "snapshot-taken", Restored: "restored", Reconfigured: "reconfigured",
}

// String returns the kind's name, such as "became-leader".
func (k EventKind) String() string {
	if int(k) < len(eventKinds) && eventKinds[k] != "" {
		return eventKinds[k]
	}
	return fmt.Sprintf("event-%d", uint8(k))
}

// Event is one step of the protocol, for traces and for checking the protocol itself: agreement
// (Applied events of all nodes agree at each index), one BecameLeader per term, and so on.
type Event struct {
	Kind    EventKind
	Node    NodeID
	Term    uint64
	Index   uint64
	Digest  uint64   // see Entry.Digest; of a snapshot, a hash of its content
	Members []Member // shared, never changed
}

// DescribeMembers lists Members as "n1 n2 (n3)", learners in brackets.
func (e Event) DescribeMembers() string { return describeMembers(e.Members) }

// String returns the event in one line.
func (e Event) String() string {
	switch e.Kind {
	case Started:
		return fmt.Sprintf("started term=%d last=%d", e.Term, e.Index)
	case BecameFollower:
		return fmt.Sprintf("became follower term=%d leader=%v", e.Term, e.Node)
	case BecamePreCandidate:
		return fmt.Sprintf("became pre-candidate term=%d", e.Term)
	case BecameCandidate:
		return fmt.Sprintf("became candidate term=%d", e.Term)
	case BecameLeader:
		return fmt.Sprintf("became leader term=%d", e.Term)
	case Voted:
		return fmt.Sprintf("voted term=%d for=%v", e.Term, e.Node)
	case Appended:
		return fmt.Sprintf("appended %d/%d %08x", e.Index, e.Term, uint32(e.Digest))
	case Truncated:
		return fmt.Sprintf("truncated from=%d", e.Index)
	case Committed:
		return fmt.Sprintf("committed %d", e.Index)
	case Applied:
		return fmt.Sprintf("applied %d/%d %08x", e.Index, e.Term, uint32(e.Digest))
	case SnapshotTaken:
		return fmt.Sprintf("took snapshot %d/%d %08x", e.Index, e.Term, uint32(e.Digest))
	case Restored:
		return fmt.Sprintf("restored snapshot %d/%d %08x", e.Index, e.Term, uint32(e.Digest))
	case Reconfigured:
		return fmt.Sprintf("goes by members of %d: %s", e.Index, describeMembers(e.Members))
	}
	return fmt.Sprintf("event of unknown kind %d", e.Kind)
}
