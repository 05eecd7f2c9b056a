package atomic

import (
	"strconv"
	"strings"
)

// Event is one step of one node in a transaction, or in its own life. Fields that its step does not name are
// empty.
type Event struct {
	At      int64  // ns since the start of the run
	Node    string // who tells
	Group   string // the participant that the node is part of; the node's own name may be left out
	Step    string
	Txn     string
	Outcome string // commit or abort
	Peer    string // participants, or what is locked, with spaces between them
	Term    uint64 // the epoch of the coordinator that acts, or that is obeyed; 0 where there are none
}

// The steps, with the fields that they use.
const (
	Begun     = "begun"          // Txn, Peer: the participants, as far as they are known
	VotedYes  = "voted-yes"      // Txn, Group, Peer: its part is ready, with these locks, whatever the decision will be
	VotedRead = "voted-read"     // Txn, Group: its part has only read, and whatever the decision will be is all one to it
	VotedNo   = "voted-no"       // Txn, Group: its part is aborted
	Announced = "announced"      // Txn, Group: it knows that all have voted yes
	Wounded   = "wounded"        // Txn: it has to make way for another
	Presumed  = "presumed-abort" // Txn: who may decide it knows of no commit, and answers so
	TookOver  = "took-over"      // Txn, Term: from here on nobody of an earlier epoch may decide it
	Decided   = "decided"        // Txn, Outcome, Term: by whoever may
	Applied   = "applied"        // Txn, Group, Outcome: carried out
	Started   = "started"        // a life of the node began
	Stopped   = "stopped"        // it ended
	Fault     = "fault"          // something broke: the node, a link, a disk
	Healed    = "healed"         // nothing is broken any more, or yet
	Settled   = "settled"        // and that for so long that everybody must know the outcome of what it had voted yes to by then
)

// Needs are the fields that a step cannot do without.
type Needs struct{ Txn, Outcome bool }

var steps = []struct {
	name  string
	needs Needs
}{
	{Begun, Needs{Txn: true}}, {VotedYes, Needs{Txn: true}}, {VotedRead, Needs{Txn: true}}, {VotedNo, Needs{Txn: true}},
	{Announced, Needs{Txn: true}}, {Wounded, Needs{Txn: true}}, {Presumed, Needs{Txn: true}}, {TookOver, Needs{Txn: true}},
	{Decided, Needs{Txn: true, Outcome: true}}, {Applied, Needs{Txn: true, Outcome: true}},
	{Started, Needs{}}, {Stopped, Needs{}}, {Fault, Needs{}}, {Healed, Needs{}}, {Settled, Needs{}},
}

// Steps returns the names of all steps.
func Steps() []string {
	names := make([]string, len(steps))
	for i, s := range steps {
		names[i] = s.name
	}
	return names
}

// NeedsOf returns what a step needs; known is whether it is one.
func NeedsOf(step string) (needs Needs, known bool) {
	for _, s := range steps {
		if s.name == step {
			return s.needs, true
		}
	}
	return Needs{}, false
}

// The outcomes.
const (
	Commit = "commit"
	Abort  = "abort"
)

// participant is who the event is about.
func (e *Event) participant() string {
	if e.Group != "" {
		return e.Group
	}
	return e.Node
}

// String returns the event in one line.
func (e Event) String() string {
	words := []string{seconds(e.At), e.Node}
	for _, w := range []string{e.Group, e.Step, e.Txn, e.Outcome, e.Peer} {
		if w != "" {
			words = append(words, w)
		}
	}
	if e.Term > 0 {
		words = append(words, "term="+strconv.FormatUint(e.Term, 10))
	}
	return strings.Join(words, " ")
}
