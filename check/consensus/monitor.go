package consensus

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"checker/check"
	"checker/history"
)

// Options are what a trace does not say of itself.
type Options struct {
	// Voters is how many nodes vote at the beginning; 0 is unknown, and then nothing
	// is said of majorities.
	Voters int
	// Bound is how long after Recovered every live node must have applied all that
	// was committed at Recovered. 0 is not to judge that.
	Bound time.Duration
	// Recovered is the moment at which the last fault had been undone, in ns since
	// the start of the run; 0 is not known, or not known yet.
	Recovered int64
}

// maxWitnesses bounds how many examples of an anomaly are shown.
const maxWitnesses = 3

// mostUnknown bounds the entries, over all nodes, that may have been in logs
// before the trace began: an index is a place in memory.
const mostUnknown = 1 << 16

// Monitor judges events as they happen. It is a [check.Checker] of what it has
// seen so far.
type Monitor struct {
	options Options
	found   check.Result
	flaw    string // why the trace cannot be judged from here on
	events  uint64
	now     int64

	nodes   []*node
	byName  map[string]*node
	entries []entry    // by id
	places  []id       // by index - 1: the latest entry that was made there
	decided []decision // by index - 1: the committed log
	ballots map[uint64]*ballot
	states  map[uint64]Event // by index: the first snapshot there
	before  uint64           // entries of terms up to here may be older than the trace
	unknown uint64           // how many were
	group   *group           // by which the highest index was committed
	lost    uint64           // index of the latest commitment reported as lost
	votes   bool             // the trace tells of votes

	recovered bool   // the moment of recovery has passed
	goal      uint64 // the highest index committed by then
}

// NewMonitor returns a monitor of a run that is about to begin.
func NewMonitor(o Options) *Monitor {
	return &Monitor{
		options: o, found: check.Result{Name: name},
		entries: make([]entry, 1),
		byName:  map[string]*node{}, ballots: map[uint64]*ballot{}, states: map[uint64]Event{},
	}
}

const name = "consensus"

// Name is "consensus".
func (m *Monitor) Name() string { return name }

// Check returns [Monitor.Result]: the history has no say in it.
func (m *Monitor) Check(context.Context, *history.History) (check.Result, error) {
	return m.Result(), nil
}

// node is one node and, in its log, all that its events tell of it.
type node struct {
	name   string
	number int32 // in the order of appearance
	log

	life    int    // counts starts; 0 is never started
	alive   bool   // started and not stopped
	leads   bool   // it is the leader of term
	term    uint64 // the latest it has entered
	led     uint64 // the latest that it has led, in any life
	commit  uint64
	applied uint64
	groups  []*group // by index: the configurations in the log
	start   Event    // of this life
	movedAt int64    // when commit moved last, and by which step
	movedBy string
	caught  int64 // when it had applied all up to the goal; -1 is not yet
}

// Observe takes the next event, and keeps no hold of it. Events must come in an
// order in which causes precede effects.
func (m *Monitor) Observe(e *Event) {
	if m.flaw != "" {
		return
	}
	m.Reached(e.At)
	m.events++
	n := m.node(e.Node)
	if n.life == 0 && e.Step != Started {
		m.reject("%s: the node has not started yet, so the beginning of the trace is missing", *e)
		return
	}
	switch e.Step {
	case Appended:
		m.appended(n, e)
	case Applied:
		m.applied(n, e)
	case Committed:
		m.committed(n, e)
	case Truncated:
		m.truncated(n, e)
	case Voted:
		m.voted(n, e)
	case BecameLeader:
		m.becameLeader(n, e)
	case BecameFollower, BecamePreCandidate, BecameCandidate:
		m.enter(n, e)
		n.leads = false
	case Started:
		m.started(n, e)
	case Stopped:
		n.alive, n.leads = false, false
	case SnapshotTaken:
		m.snapshot(n, e)
	case Restored:
		m.restored(n, e)
	case Reconfigured:
		m.reconfigured(n, e)
	default:
		m.reject("%s: the step is unknown", *e)
	}
}

// Reached says that the trace, though nothing may have happened, goes on until
// a moment.
func (m *Monitor) Reached(at int64) {
	m.now = max(m.now, at)
	if m.options.Recovered > 0 && at > m.options.Recovered && !m.recovered {
		m.beginRecovery()
	}
}

// Result returns what has been found so far.
func (m *Monitor) Result() check.Result {
	r := m.found
	r.Anomalies = append([]check.Anomaly{}, r.Anomalies...)
	late := m.judgeTermination(&r)
	switch {
	case r.Verdict == check.Invalid:
	case m.flaw != "":
		r.Verdict, r.Reason = check.Unknown, m.flaw
	case m.events == 0:
		r.Verdict, r.Reason = check.Unknown, "the trace holds no events of a protocol"
	case len(m.decided) == 0:
		r.Verdict, r.Reason = check.Unknown, "nothing was committed"
	case late != "":
		r.Verdict, r.Reason = check.Unknown, late
	}
	r.Notes = m.notes(r.Verdict)
	return r
}

// Found returns the type of the first anomaly found so far, or "". Whether nodes catch
// up in time is known at the end only.
func (m *Monitor) Found() string {
	if len(m.found.Anomalies) == 0 {
		return ""
	}
	return m.found.Anomalies[0].Type
}

// notes say how much the verdict rests on.
func (m *Monitor) notes(v check.Verdict) []string {
	leaders := 0
	for _, b := range m.ballots {
		leaders += len(b.leaders)
	}
	notes := []string{fmt.Sprintf("entries committed: %d, nodes: %d, leaders: %d, events: %d", len(m.decided), len(m.nodes), leaders, m.events)}
	if v == check.Valid && m.recovered && m.options.Bound > 0 {
		notes = append(notes, fmt.Sprintf("every live node had caught up within %s of the end of the faults", m.slowest()))
	}
	return notes
}

// fewNodes are looked through faster than a map.
const fewNodes = 8

// node returns the node of that name.
func (m *Monitor) node(name string) *node {
	for _, n := range m.nodes[:min(fewNodes, len(m.nodes))] {
		if n.name == name {
			return n
		}
	}
	n := m.byName[name]
	if n == nil {
		n = &node{name: name, number: int32(len(m.nodes)), log: log{changed: math.MaxUint64}, caught: -1}
		m.byName[name] = n
		m.nodes = append(m.nodes, n)
	}
	return n
}

// reject gives the rest of the trace up.
func (m *Monitor) reject(format string, args ...any) {
	m.flaw = fmt.Sprintf(format, args...)
}

// violation reports an anomaly: what is wrong, and the events that show it.
func (m *Monitor) violation(kind, what string, events ...Event) {
	slices.SortStableFunc(events, func(a, b Event) int { return cmp.Compare(a.At, b.At) })
	var text strings.Builder
	text.WriteString(what)
	for _, e := range events {
		text.WriteString("\n" + e.String())
	}
	m.found.Add(kind, check.Witness{Ops: []int{}, Events: evidence(events), Text: text.String()}, maxWitnesses)
}

// evidence is a witness's events as verdict.json has them.
func evidence(events []Event) []check.Event {
	list := make([]check.Event, len(events))
	for i, e := range events {
		list[i] = check.Event{At: e.At, Node: e.Node, Group: e.Group, Step: e.Step, Term: e.Term, Index: e.Index, Digest: e.Digest, Peer: e.Peer}
	}
	return list
}
