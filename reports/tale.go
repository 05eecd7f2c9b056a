package reports

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"checker/internal/trace"
)

// maxTraceBytes bounds how much of a trace is read: a few seconds' worth.
const maxTraceBytes = 512 << 20

// tale is what the trace of a run tells about its nodes, in the view's time.
type tale struct {
	reigns []reign // in the order in which they began
	terms  []termStep
	doubts []span          // of a participant that had voted yes and did not know the outcome
	told   map[string]bool // the kinds of lines and steps that occur
	note   string          // why it is not the whole trace
	end    int64           // of what was read
}

// reign is a stretch in which a node took itself for the leader of a group.
type reign struct {
	group, node string
	term        uint64
	from, to    int64
	ended       string // "" while it goes on
}

// termStep is the first time that a node of a group told of a term.
type termStep struct {
	group string
	term  uint64
	at    int64
}

// storyteller gathers a tale line by line.
type storyteller struct {
	tale
	origin  int64
	leads   map[[2]string]int   // by node and group, the position of its reign
	highest map[string]uint64   // by group
	yes     map[[2]string]int64 // by transaction and participant, when it voted
	flights *flights
}

// marked says which lines are about a node as a whole.
var marked = map[string]string{"killed": "killed", "power-lost": "power lost", "exited": "exited", "paused": "paused", "resumed": "resumed", "started": "started"}

// newTale reads the trace of a run; it is nil where there is none. A trace that
// is damaged or very long tells as much as was read of it.
func (p *page) newTale() *tale {
	if p.in.Trace == nil || p.view == nil || !p.view.timed {
		return nil
	}
	in, err := p.in.Trace()
	if err != nil {
		return nil
	}
	defer in.Close()
	s := &storyteller{origin: p.view.origin, leads: map[[2]string]int{}, highest: map[string]uint64{}, yes: map[[2]string]int64{}, flights: p.flights}
	s.told = map[string]bool{}
	limited := &io.LimitedReader{R: in, N: maxTraceBytes}
	err = trace.ReadAll(limited, s.line)
	switch {
	case limited.N == 0:
		s.note = fmt.Sprintf("The trace is long; only its first %s, up to %s, are shown here.", "512 MiB", p.view.about(s.end))
	case err != nil:
		s.note = line(fmt.Sprintf("The trace could be read up to %s: %v", p.view.about(s.end), err), foldValue)
	}
	s.close(p.view.end)
	return &s.tale
}

func (s *storyteller) line(l *trace.Line) bool {
	at := l.At - s.origin
	s.end = max(s.end, at)
	s.told[l.Kind] = true
	if marked[l.Kind] != "" && l.Kind != "resumed" && l.Kind != "paused" {
		s.depose(l.Node, "", at, "its process ended")
	}
	if l.Kind == trace.Protocol {
		s.step(&l.Event, at)
	}
	if s.flights != nil {
		s.flights.line(l, at)
	}
	return true
}

func (s *storyteller) step(e *trace.Event, at int64) {
	if e.Txn != "" {
		s.vote(e, at)
		return
	}
	if e.Term > s.highest[e.Group] {
		s.highest[e.Group] = e.Term
		s.terms = append(s.terms, termStep{e.Group, e.Term, at})
	}
	switch e.Step {
	case "became-leader":
		s.depose(e.Node, e.Group, at, "it was elected anew")
		s.leads[[2]string{e.Node, e.Group}] = len(s.reigns)
		s.reigns = append(s.reigns, reign{group: e.Group, node: e.Node, term: e.Term, from: at})
	case "became-follower", "became-candidate", "became-pre-candidate":
		s.depose(e.Node, e.Group, at, "it stepped down")
	case "started", "stopped":
		s.depose(e.Node, e.Group, at, "its process ended")
	}
}

// depose ends the reign of a node, in all of its groups if none is named.
func (s *storyteller) depose(node, group string, at int64, why string) {
	for key, i := range s.leads {
		if key[0] == node && (group == "" || key[1] == group) {
			s.reigns[i].to, s.reigns[i].ended = at, why
			delete(s.leads, key)
		}
	}
}

// vote follows a participant from its yes until it carries the outcome out.
func (s *storyteller) vote(e *trace.Event, at int64) {
	participant := e.Group
	if participant == "" {
		participant = e.Node
	}
	key := [2]string{e.Txn, participant}
	switch e.Step {
	case "voted-yes":
		s.told["voted-yes"] = true
		if _, again := s.yes[key]; !again {
			s.yes[key] = at
		}
	case "applied":
		if since, voted := s.yes[key]; voted && since >= 0 {
			s.doubts = append(s.doubts, span{since, at})
			s.yes[key] = -1 // it will not doubt again
		}
	}
}

// close ends what still went on at the end of the trace.
func (s *storyteller) close(end int64) {
	for i := range s.reigns {
		if s.reigns[i].ended == "" {
			s.reigns[i].to = max(end, s.reigns[i].from)
		}
	}
	for _, since := range s.yes {
		if since >= 0 {
			s.doubts = append(s.doubts, span{since, max(end, since)})
		}
	}
	slices.SortFunc(s.doubts, func(a, b span) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
}
