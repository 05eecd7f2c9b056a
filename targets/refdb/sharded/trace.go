package sharded

import (
	"fmt"
	"strconv"
	"strings"

	"checker/targets/refdb"
)

// EventKind tells the events of atomic commitment apart. Those of Raft have none.
type EventKind uint8

// Events of a transaction, with the fields of Event that they use besides ID and Shard. All replicas of a
// shard go through the same ones, each when it applies the entry.
const (
	Begun     EventKind = iota + 1 // a gateway: Shards that take part, the home first
	VotedYes                       // a shard holds its part in readiness, with its locks
	VotedNo                        // a shard has aborted, or refused, its part
	Decided                        // the home, or the gateway where that decides: Commit; Term of the home's entry
	Applied                        // a shard has carried out the decision: Commit
	Announced                      // a shard knows that a commit is to come
	Wounded                        // whoever decides hears that an older transaction waits
	Presumed                       // whoever decides tells one in doubt to abort, as it knows nothing of a commit
	TookOver                       // a new leader of the home finds the transaction undecided: Term
)

var eventNames = [...]string{Begun: "begun", VotedYes: "voted-yes", VotedNo: "voted-no", Decided: "decided", Applied: "applied", Announced: "announced", Wounded: "wounded", Presumed: "presumed-abort", TookOver: "took-over"}

// String returns the kind's name, such as "voted-yes".
func (k EventKind) String() string {
	if int(k) < len(eventNames) && eventNames[k] != "" {
		return eventNames[k]
	}
	return fmt.Sprintf("event-%d", uint8(k))
}

// Event is one step of a protocol: of Raft in one shard where Kind is 0, else of a transaction.
type Event struct {
	Shard  ShardID
	Raft   refdb.Event
	Kind   EventKind
	ID     TxnID
	Commit bool
	Term   uint64
	Shards []ShardID
	locks  []claim // of a yes vote
}

// Outcome is "commit" or "abort" where the event tells one, else "".
func (e *Event) Outcome() string {
	if e.Kind == Decided || e.Kind == Applied {
		return outcomeName(e.Commit)
	}
	return ""
}

// DescribeShards lists Shards as "s0 s2".
func (e *Event) DescribeShards() string {
	words := make([]string, len(e.Shards))
	for i, s := range e.Shards {
		words[i] = s.String()
	}
	return strings.Join(words, " ")
}

// DescribeLocks lists the keys that a yes vote keeps locked, as "5 8".
func (e *Event) DescribeLocks() string {
	var text []byte
	for i, c := range e.locks {
		if i > 0 {
			text = append(text, ' ')
		}
		text = strconv.AppendInt(text, c.key, 10)
	}
	return string(text)
}

// traceEffect tells of what an entry has done to a transaction.
func (n *Node) traceEffect(g *group, e effect) {
	t := e.txn
	event := Event{Shard: g.id, ID: t.id, Commit: t.commit}
	switch {
	case e.kind == voted && e.status == 0:
		event.Kind, event.locks = VotedYes, g.shard.claims(t)
	case e.kind == voted && !t.alone:
		event.Kind = VotedNo
	case e.kind == resolved:
		event.Kind, event.Term = Decided, g.raft.EntryTerm(e.index)
	case e.kind == promised:
		event.Kind = Announced
	case e.kind == unlocked && !t.alone:
		event.Kind = Applied
	default:
		return
	}
	n.trace(event)
}

// traceTakeOver tells which transactions a new leader of their home has to decide, once all that its predecessors
// may have decided has been applied here: from then on none of them can.
func (n *Node) traceTakeOver(g *group) {
	state := g.raft.State()
	if !g.leads || g.tookOver || state.Commit < g.since {
		return
	}
	g.tookOver = true
	for _, t := range g.shard.sortedOpen() {
		if !t.alone && t.state != decided && t.home() == g.id && !n.gatewayDecides() {
			n.trace(Event{Kind: TookOver, Shard: g.id, ID: t.id, Term: state.Term})
		}
	}
}
