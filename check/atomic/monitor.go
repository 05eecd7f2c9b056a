package atomic

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"checker/check"
	"checker/history"
)

// Options are what a trace does not say of itself.
type Options struct {
	// Bound is how long after Recovered every participant must know the outcome of what it has voted yes
	// to. 0 is not to judge that.
	Bound time.Duration
	// Recovered is the moment at which the last fault had been undone, in ns since the start of the run; 0
	// is not known, or not known yet.
	Recovered int64
	// Quiet is that nothing failed from the beginning to the end: then a needless abort is an anomaly.
	Quiet bool
}

// maxWitnesses bounds how many examples of an anomaly are shown.
const maxWitnesses = 3

const name = "atomic-commit"

// Monitor judges events as they happen. It is a [check.Checker] of what it has seen so far.
type Monitor struct {
	options Options
	found   check.Result
	flaw    string // why the trace cannot be judged from here on
	txns    map[string]*txn
	order   []*txn
	lives   map[string]int // of nodes, or node/group: how often they started
	stops   []Event        // and the beginnings and ends of lives, for witnesses
	now     int64
	events  int
	doubts  doubts
	faults  int    // that the trace tells of, lives of nodes included
	healed  *Event // after the last of them; nil if it tells of none
}

// NewMonitor returns a monitor of a run that is about to begin.
func NewMonitor(o Options) *Monitor {
	return &Monitor{options: o, found: check.Result{Name: name}, txns: map[string]*txn{}, lives: map[string]int{}}
}

// Name is "atomic-commit".
func (m *Monitor) Name() string { return name }

// Check returns [Monitor.Result]: the history has no say in it.
func (m *Monitor) Check(context.Context, *history.History) (check.Result, error) {
	return m.Result(), nil
}

// txn is what is known of a transaction.
type txn struct {
	id           string
	begun        *Event
	calm         bool           // nothing was broken then
	faults       int            // until then
	participants []*participant // in the order of appearance
	wounded      bool
	presumed     bool
	decisions    []Event  // the first of each node
	outcome      *Event   // the first decision, or decision carried out
	acts         []act    // of coordinators with epochs, and of those that obey them
	told         []string // anomalies that have been reported of it
}

// participant is what is known of one of them.
type participant struct {
	name    string
	named   bool   // by whoever began the transaction
	reads   bool   // and does no more: it is never in doubt
	yes, no *Event // the first votes
	applied []application
}

// application is a decision carried out by one node.
type application struct {
	event Event
	life  int
	times int // within that life
}

// Observe takes the next event, and keeps no hold of it.
func (m *Monitor) Observe(e *Event) {
	if m.flaw != "" {
		return
	}
	m.now = max(m.now, e.At)
	m.events++
	if e.Step == Started || e.Step == Stopped {
		m.stops = append(m.stops, *e)
	}
	switch e.Step {
	case Started:
		node := e.Node
		if e.Group != "" {
			node += "/" + e.Group
		}
		m.lives[node]++
		m.faults++
		if m.lives[node] > 1 { // it was down
			m.healed = nil
		}
		return
	case Stopped, Fault, Healed, Settled:
		m.heed(e)
		return
	}
	if e.Txn == "" {
		m.flaw = fmt.Sprintf("%s: the transaction is missing", *e)
		return
	}
	t := m.txn(e.Txn)
	if e.Term > 0 {
		m.judgeEpoch(t, e)
	}
	switch e.Step {
	case Begun:
		m.begin(t, e)
	case VotedYes, VotedRead:
		m.voteYes(t, e)
	case VotedNo:
		m.voteNo(t, e)
	case Announced, TookOver:
	case Wounded:
		t.wounded = true
	case Presumed:
		t.presumed = true
	case Decided:
		m.decide(t, e)
	case Applied:
		m.apply(t, e)
	default:
		m.flaw = fmt.Sprintf("%s: no step is called %q", *e, e.Step)
	}
}

func (m *Monitor) txn(id string) *txn {
	t := m.txns[id]
	if t == nil {
		t = &txn{id: id}
		m.txns[id] = t
		m.order = append(m.order, t)
	}
	return t
}

func (t *txn) participant(name string) *participant {
	for _, p := range t.participants {
		if p.name == name {
			return p
		}
	}
	p := &participant{name: name}
	t.participants = append(t.participants, p)
	return p
}

func (m *Monitor) begin(t *txn, e *Event) {
	if t.begun == nil {
		first := *e
		t.begun, t.calm, t.faults = &first, m.healed != nil, m.faults
	}
	for name := range strings.FieldsSeq(e.Peer) {
		t.participant(name).named = true
	}
}

func (m *Monitor) voteYes(t *txn, e *Event) {
	p := t.participant(e.participant())
	if p.yes == nil {
		first := *e
		p.yes = &first
	}
	p.reads = p.reads || e.Step == VotedRead
	if p.no != nil {
		m.violation(t, brokenVote, fmt.Sprintf("%s voted no to %s and then yes", p.name, t.id), *p.no, *e)
	}
}

// voteNo finds a vote that is taken back. The replicas of a participant tell of one vote each; what one
// told before it was stopped another may tell later.
func (m *Monitor) voteNo(t *txn, e *Event) {
	p := t.participant(e.participant())
	if p.no == nil {
		first := *e
		p.no = &first
	}
	if p.yes != nil && !m.mayAbort(t) {
		m.violation(t, brokenVote, fmt.Sprintf("%s voted yes to %s and then no", p.name, t.id), *p.yes, *e)
	}
}

// mayAbort tells whether somebody has decided, or may have, that the transaction is aborted: by a vote, or
// by a decision.
func (m *Monitor) mayAbort(t *txn) bool {
	for _, d := range t.decisions {
		if d.Outcome == Abort {
			return true
		}
	}
	return t.presumed || slices.ContainsFunc(t.participants, func(p *participant) bool { return p.no != nil && p.yes == nil })
}

func (m *Monitor) decide(t *txn, e *Event) {
	if !m.judgeOutcome(t, e) {
		return
	}
	for _, d := range t.decisions {
		if d.Node == e.Node && d.participant() == e.participant() {
			if d.Outcome != e.Outcome {
				m.violation(t, reversedDecision, fmt.Sprintf("%s decided to %s %s and later to %s it", e.Node, d.Outcome, t.id, e.Outcome), d, *e)
			}
			return
		}
	}
	t.decisions = append(t.decisions, *e)
	if e.Outcome == Commit {
		m.judgeVotes(t, e)
	} else {
		m.judgeAbort(t, e)
	}
}

func (m *Monitor) apply(t *txn, e *Event) {
	if !m.judgeOutcome(t, e) {
		return
	}
	p := t.participant(e.participant())
	if first := len(p.applied) == 0; m.judgeApplication(t, p, e) && first && p.yes != nil && !p.reads {
		m.doubts.add(doubt{txn: t.id, participant: p.name, from: p.yes.At, to: e.At, locks: p.yes.Peer})
	}
	if e.Outcome == Commit {
		m.judgeVotes(t, e)
		return
	}
	if p.yes != nil && t.begun != nil && !m.mayAbort(t) { // else nobody tells what coordinators decide
		m.violation(t, brokenVote, fmt.Sprintf("%s aborted %s, to which it had voted yes, before anybody had decided that", p.name, t.id), *p.yes, *e)
	}
}

// judgeApplication compares what a node carries out with what it carried out before, and tells whether that
// was nothing.
func (m *Monitor) judgeApplication(t *txn, p *participant, e *Event) bool {
	life := m.lives[e.Node] + m.lives[e.Node+"/"+e.Group]
	for i := range p.applied {
		a := &p.applied[i]
		if a.event.Node != e.Node {
			continue
		}
		if a.event.Outcome != e.Outcome {
			m.violation(t, reversedDecision, fmt.Sprintf("%s carried out the %s of %s and later its %s", e.who(), a.event.Outcome, t.id, e.Outcome), a.event, *e)
		}
		if a.life != life { // it works off its log once more
			a.life, a.times = life, 0
		}
		if a.times++; a.times > 1 && e.Outcome == Commit {
			m.violation(t, appliedTwice, fmt.Sprintf("%s committed %s twice", e.who(), t.id), a.event, *e)
		}
		return false
	}
	p.applied = append(p.applied, application{event: *e, life: life, times: 1})
	return true
}

// judgeOutcome compares an outcome with the first one that anybody told. It is false for none at all.
func (m *Monitor) judgeOutcome(t *txn, e *Event) bool {
	if e.Outcome != Commit && e.Outcome != Abort {
		m.flaw = fmt.Sprintf("%s: the outcome is neither %s nor %s", *e, Commit, Abort)
		return false
	}
	if t.outcome == nil {
		first := *e
		t.outcome = &first
		return true
	}
	if first := t.outcome; first.Outcome != e.Outcome && first.who() != e.who() {
		m.violation(t, splitDecision, fmt.Sprintf("%s says %s of %s, and %s says %s", first.who(), first.Outcome, t.id, e.who(), e.Outcome), *first, *e)
	}
	return true
}

func (e *Event) who() string {
	if e.Group == "" || e.Group == e.Node {
		return e.Node
	}
	return e.Node + " of " + e.Group
}

// judgeVotes finds who had not voted yes when the transaction was committed.
func (m *Monitor) judgeVotes(t *txn, e *Event) {
	for _, p := range t.participants {
		if p.yes == nil && p.named && !(len(t.participants) == 1 && e.Step == Applied) {
			m.violation(t, commitNoVotes, fmt.Sprintf("%s was committed before %s had voted yes", t.id, p.name), *e)
		}
	}
	alone := len(t.participants) == 1 // a commit in one phase is its own vote
	if e.Step == Applied && !alone && t.participant(e.participant()).yes == nil {
		m.violation(t, commitNoVotes, fmt.Sprintf("%s committed %s without having voted", e.participant(), t.id), *e)
	}
}

// judgeAbort finds an abort that nothing called for.
func (m *Monitor) judgeAbort(t *txn, e *Event) {
	calm := m.options.Quiet || t.calm && t.faults == m.faults
	if !calm || t.wounded || len(t.participants) == 0 || t.begun == nil {
		return
	}
	for _, p := range t.participants {
		if p.yes == nil {
			return
		}
	}
	m.violation(t, needlessAbort, fmt.Sprintf("%s was aborted although all of %s had voted yes and nothing had failed", t.id, t.names()), *e)
}

func (t *txn) names() string {
	words := make([]string, len(t.participants))
	for i, p := range t.participants {
		words[i] = p.name
	}
	return strings.Join(words, ", ")
}

// violation reports an anomaly, once for each transaction.
func (m *Monitor) violation(t *txn, kind, what string, events ...Event) {
	if slices.Contains(t.told, kind) {
		return
	}
	t.told = append(t.told, kind)
	m.found.Add(kind, t.witness(what+".", m.withCrashes(t.story(events))), maxWitnesses)
}

// witness tells the story of a transaction, in words and as events.
func (t *txn) witness(text string, story []Event) check.Witness {
	w := check.Witness{Ops: []int{}, Key: t.id}
	for _, e := range story {
		text += "\n  " + e.String()
		w.Events = append(w.Events, check.Event{At: e.At, Node: e.Node, Group: e.Group, Step: e.Step, Peer: e.Peer, Txn: e.Txn, Outcome: e.Outcome, Term: e.Term})
	}
	w.Text = text
	return w
}

// story lists what happened to the transaction up to now, in the order of time: how it began, who voted and
// decided, and the events that contradict each other.
func (t *txn) story(events []Event) []Event {
	var all []Event
	add := func(e *Event) {
		if e != nil && !slices.Contains(all, *e) {
			all = append(all, *e)
		}
	}
	add(t.begun)
	for _, p := range t.participants {
		add(p.yes)
		add(p.no)
		if len(p.applied) > 0 {
			add(&p.applied[0].event)
		}
	}
	for i := range t.decisions {
		add(&t.decisions[i])
	}
	for i := range events {
		add(&events[i])
	}
	slices.SortStableFunc(all, func(a, b Event) int { return int(min(max(a.At-b.At, -1), 1)) })
	return all
}

// withCrashes adds to a story when its nodes ended and began again meanwhile.
func (m *Monitor) withCrashes(story []Event) []Event {
	all := slices.Clone(story)
	for _, e := range m.stops {
		if len(story) > 0 && e.At > story[0].At && slices.ContainsFunc(story, func(s Event) bool { return s.Node == e.Node }) {
			all = append(all, e)
		}
	}
	slices.SortStableFunc(all, func(a, b Event) int { return cmp.Compare(a.At, b.At) })
	return all
}
