package consensus

import (
	"strconv"
	"strings"
)

// Event is one step of one node. Fields that its step does not name are zero.
type Event struct {
	At     int64 // ns since the start of the run
	Node   string
	Group  string // whose log it is, where nodes are part of several
	Step   string
	Term   uint64
	Index  uint64
	Digest string // equal for equal content
	Peer   string // another node, or several
}

// The steps, with the fields that they use.
const (
	Started            = "started"              // Term, Index of the last entry: as recovered from disk
	Stopped            = "stopped"              // the process ended; optional
	BecameFollower     = "became-follower"      // Term
	BecamePreCandidate = "became-pre-candidate" // Term, that it is still in
	BecameCandidate    = "became-candidate"     // Term
	BecameLeader       = "became-leader"        // Term
	Voted              = "voted"                // Term, Peer: for whom
	Appended           = "appended"             // Index, Term and Digest of the entry
	Truncated          = "truncated"            // Index: it and all after it are gone
	Committed          = "committed"            // Index: all up to here
	Applied            = "applied"              // Index, Term and Digest of the entry
	SnapshotTaken      = "snapshot-taken"       // Index and Term of the last entry covered, Digest of the state
	Restored           = "restored"             // the same: the state is now that of a snapshot
	Reconfigured       = "reconfigured"         // Index, Peer: the members from that entry on, as text
)

// String returns the event in one line, beginning with its time as the trace has it.
func (e Event) String() string {
	var b strings.Builder
	b.WriteString("t=" + strconv.FormatInt(e.At, 10) + " " + e.Node + " ")
	if e.Group != "" {
		b.WriteString(e.Group + " ")
	}
	b.WriteString(e.Step)
	if e.Term > 0 {
		b.WriteString(" term=" + strconv.FormatUint(e.Term, 10))
	}
	if e.Index > 0 {
		b.WriteString(" index=" + strconv.FormatUint(e.Index, 10))
	}
	if e.Digest != "" {
		b.WriteString(" digest=" + e.Digest)
	}
	if e.Peer != "" {
		b.WriteString(" peer=" + e.Peer)
	}
	return b.String()
}
