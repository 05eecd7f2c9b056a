package consensus

import (
	"fmt"
	"slices"
)

// ballot is what happened in one term.
type ballot struct {
	votes   []vote
	leaders []leadership
	doubled []*node // whose second vote has been reported
}

// vote was given in one life of a node.
type vote struct {
	by, to *node
	life   int
	ahead  id // the last entry of the voter's log at that moment; 0 is not known, or nothing
	event  Event
}

// leadership is that of a node in one of its lives.
type leadership struct {
	node   *node
	life   int
	votes  int // of the ballot, when it began
	voters []*node
	needed int // of these
	event  Event
}

func (m *Monitor) ballot(term uint64) *ballot {
	b := m.ballots[term]
	if b == nil {
		b = &ballot{}
		m.ballots[term] = b
	}
	return b
}

// leadersOf are the events in which nodes became leaders of a term.
func (m *Monitor) leadersOf(term uint64) []Event {
	var list []Event
	if b := m.ballots[term]; b != nil {
		for _, l := range b.leaders {
			list = append(list, l.event)
		}
	}
	return list
}

// enter takes a node to the term of an event.
func (m *Monitor) enter(n *node, e *Event) {
	if e.Term < n.term {
		what := fmt.Sprintf("the term of %s went back from %d to %d", n.name, n.term, e.Term)
		m.violation(termRegression, what, n.start, *e)
	}
	if e.Term > n.term {
		n.term, n.leads = e.Term, false
	}
}

// judgeRecoveredTerm asks whether a node has forgotten a term that it must have
// had on disk. One that it merely saw it may forget; but not one in which it has
// led, as it must not ask for votes before the disk has the term, nor one of
// which it has an entry.
func (m *Monitor) judgeRecoveredTerm(n *node, e *Event) {
	if e.Term < n.led {
		what := fmt.Sprintf("%s recovered term %d and had been the leader of term %d", n.name, e.Term, n.led)
		m.violation(termRegression, what, append(m.leadersOf(n.led), *e)...)
		return
	}
	certain := min(e.Index, n.changed-1, uint64(len(n.slots)))
	if certain == 0 {
		return
	}
	if last := n.at(certain); last != 0 && m.entry(last).term > e.Term {
		what := fmt.Sprintf("%s recovered term %d with an entry of term %d", n.name, e.Term, m.entry(last).term)
		m.violation(termRegression, what, m.entryEvent(last), *e)
	}
}

// voted gives a vote.
func (m *Monitor) voted(n *node, e *Event) {
	if e.Peer == "" {
		m.reject("%s: it does not say for whom", *e)
		return
	}
	m.enter(n, e)
	m.votes = true
	b := m.ballot(e.Term)
	v := vote{by: n, to: m.node(e.Peer), life: n.life, ahead: n.tail(), event: *e}
	for _, earlier := range b.votes {
		if earlier.by != n || earlier.life != n.life {
			continue
		}
		if earlier.to == v.to {
			return
		}
		m.reportDoubleVote(b, earlier, v)
	}
	b.votes = append(b.votes, v)
	m.judgeVotes(b)
}

// reportDoubleVote reports a node once per term.
func (m *Monitor) reportDoubleVote(b *ballot, first, second vote) {
	for _, n := range b.doubled {
		if n == first.by {
			return
		}
	}
	b.doubled = append(b.doubled, first.by)
	what := fmt.Sprintf("%s voted for %s and for %s in term %d", first.by.name, first.to.name, second.to.name, first.event.Term)
	m.violation(doubleVote, what, first.event, second.event)
}

// judgeVotes looks for a vote that counted and one for somebody else in a later
// life. A vote may be lost in a crash before it is sent, and then be given again;
// but not if the winner had just a majority with it.
func (m *Monitor) judgeVotes(b *ballot) {
	if m.options.Voters == 0 {
		return
	}
	for _, l := range b.leaders {
		if len(l.voters) != l.needed {
			continue
		}
		for _, voter := range l.voters {
			b.judgeVoter(m, l, voter)
		}
	}
}

// judgeVoter looks for what a voter did in the same term after it had voted for
// the leader. Of several votes for it the last one may be the one that counted.
func (b *ballot) judgeVoter(m *Monitor, l leadership, voter *node) {
	counted := -1
	for i, v := range b.votes {
		switch {
		case v.by != voter:
		case v.to == l.node && i < l.votes:
			counted = i
		case v.to != l.node && counted >= 0 && !b.votesAgain(l, voter, i):
			m.reportDoubleVote(b, b.votes[counted], v)
		}
	}
}

// votesAgain reports whether the voter voted for the leader once more, behind i
// and before it became one.
func (b *ballot) votesAgain(l leadership, voter *node, i int) bool {
	for ; i < l.votes; i++ {
		if v := b.votes[i]; v.by == voter && v.to == l.node {
			return true
		}
	}
	return false
}

// becameLeader begins a leadership.
func (m *Monitor) becameLeader(n *node, e *Event) {
	m.enter(n, e)
	b := m.ballot(e.Term)
	g := n.group()
	voters := slices.DeleteFunc(b.voters(n), func(v *node) bool { return !g.has(v) })
	this := leadership{node: n, life: n.life, votes: len(b.votes), voters: voters, needed: m.majority(g), event: *e}
	if len(b.leaders) > 0 {
		m.judgeSecondLeader(b, this)
	}
	b.leaders = append(b.leaders, this)
	n.leads, n.led = true, max(n.led, e.Term)
	if m.options.Voters > 0 && m.votes && len(this.voters) < this.needed {
		what := fmt.Sprintf("%s became leader of term %d with the votes of %s; %d of %d are needed", n.name, e.Term, names(this.voters), this.needed, m.size(g))
		m.violation(unelectedLeader, what, append(b.votesFor(n), *e)...)
	}
	m.judgeVotes(b)
	m.judgeVoters(b, n, e)
	m.judgeCompleteness(n, e)
}

// judgeVoters asks whether one of those who voted for a leader had the better log:
// one that ends in an entry of a later term, or of the same term and a higher
// index. What the voter's log was when it voted is compared with what the leader's
// is when it leads, so that a protocol in which leaders learn from their voters
// first is not accused.
func (m *Monitor) judgeVoters(b *ballot, n *node, e *Event) {
	last := n.tail()
	if last == 0 && n.last > 0 {
		return
	}
	for _, v := range b.votes {
		if v.to != n || v.by == n || v.ahead == 0 || b.votedOtherwise(v) || !m.isAhead(v.ahead, last) {
			continue
		}
		end := "is empty"
		if last != 0 {
			end = fmt.Sprintf("ends in entry %d of term %d", n.last, m.entry(last).term)
		}
		had := m.entry(v.ahead)
		what := fmt.Sprintf("%s became leader of term %d by the vote of %s, whose log ended in entry %d of term %d; its own %s", n.name, e.Term, v.by.name, had.index, had.term, end)
		m.violation(outdatedLeader, what, m.entryEvent(v.ahead), v.event, *e)
		return
	}
}

// isAhead reports whether a log that ends in x is more up to date than one that
// ends in y.
func (m *Monitor) isAhead(x, y id) bool {
	if y == 0 {
		return true
	}
	a, b := m.entry(x), m.entry(y)
	return a.term > b.term || a.term == b.term && a.index > b.index
}

// votedOtherwise reports whether the voter voted for the same node in another life
// too: a crash may have taken the entries along, and either vote may have counted.
func (b *ballot) votedOtherwise(v vote) bool {
	return slices.ContainsFunc(b.votes, func(w vote) bool { return w.by == v.by && w.to == v.to && w.life != v.life })
}

// judgeSecondLeader compares a leader with the first one of its term.
func (m *Monitor) judgeSecondLeader(b *ballot, this leadership) {
	first := b.leaders[0]
	switch {
	case first.node != this.node:
		what := fmt.Sprintf("term %d has two leaders, %s and %s", this.event.Term, first.node.name, this.node.name)
		m.violation(twoLeaders, what, append(b.votesOfBoth(first.node, this.node), first.event, this.event)...)
	case first.life != this.life:
		what := fmt.Sprintf("%s leads term %d again after a restart", this.node.name, this.event.Term)
		m.violation(twoLeaders, what, first.event, this.node.start, this.event)
	}
}

// voters are the nodes that have voted for n.
func (b *ballot) voters(n *node) []*node {
	var list []*node
	for i, v := range b.votes {
		if v.to != n {
			continue
		}
		seen := false
		for _, earlier := range b.votes[:i] {
			seen = seen || earlier.to == n && earlier.by == v.by
		}
		if !seen {
			list = append(list, v.by)
		}
	}
	return list
}

func (b *ballot) votesFor(n *node) []Event {
	var list []Event
	for _, v := range b.votes {
		if v.to == n {
			list = append(list, v.event)
		}
	}
	return list
}

// votesOfBoth are the votes of those who voted for both candidates.
func (b *ballot) votesOfBoth(x, y *node) []Event {
	var list []Event
	for _, v := range b.votes {
		for _, w := range b.votes {
			if v.by == w.by && (v.to == x && w.to == y || v.to == y && w.to == x) {
				list = append(list, v.event)
				break
			}
		}
	}
	return list
}

// judgeCompleteness asks whether a new leader has all that was committed in
// earlier terms.
func (m *Monitor) judgeCompleteness(n *node, e *Event) {
	for i := n.agreed + 1; i <= m.highest(); i++ {
		d := &m.decided[i-1]
		if i > n.last {
			if d.term < e.Term {
				what := fmt.Sprintf("%s became leader of term %d and its log %s; entry %d had been committed in term %d", n.name, e.Term, n.end(), i, d.term)
				m.violation(incompleteLeader, what, m.commitment(i), n.start, *e)
				return
			}
			continue
		}
		have := n.at(i)
		switch {
		case have == 0 || d.entry == 0:
		case have == d.entry:
			if n.agreed == i-1 {
				n.agreed = i
			}
		case d.term < e.Term:
			what := fmt.Sprintf("%s became leader of term %d with an entry %d of term %d, where one of term %d had been committed in term %d", n.name, e.Term, i, m.entry(have).term, m.entry(d.entry).term, d.term)
			m.violation(incompleteLeader, what, m.entryEvent(d.entry), m.commitment(i), m.entryEvent(have), *e)
			return
		}
	}
}
