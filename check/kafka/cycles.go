package kafka

import (
	"fmt"
	"strings"

	"checker/check"
	"checker/history"
	"checker/internal/graph"
)

// mostTries bounds how many edges of a component are tried for a cycle of the kind
// that is looked for.
const mostTries = 64

// Why one op comes before another.
const (
	ww          graph.Kind = 1 << iota // its record is the next one of the log
	wr                                 // it polled the record
	sameProcess                        // the process invoked it afterwards
)

var edgeNames = map[graph.Kind]string{ww: "ww", wr: "wr", sameProcess: "process"}

// edge leads from one op, by its place in run.ops, to a later one, for one reason.
type edge struct {
	from, to int32
	kind     graph.Kind
}

// cycles looks for ops that precede each other in a circle, from the fewest kinds of
// edges to all.
func (r *run) cycles() {
	g, recs := r.edges()
	walker := graph.Walker{Graph: g}
	for _, level := range []struct {
		name       string
		kinds, and graph.Kind
	}{
		{G0, ww, ww},
		{G1c, ww | wr, wr},
		{G0 + process, ww | sameProcess, sameProcess},
		{G1c + process, ww | wr | sameProcess, sameProcess},
	} {
		of := g.Components(level.kinds).Of
		tries, done := map[int32]int{}, map[int32]bool{}
		for from := range int32(g.Len()) {
			to, kinds := g.Out(from)
			for i, next := range to {
				c := of[from]
				if kinds[i] != level.and || c != of[next] || done[c] || tries[c] > mostTries {
					continue
				}
				tries[c]++
				back, _ := walker.Path(next, from, level.kinds, 0, func(v int32) bool { return of[v] == c })
				circle := []edge{{from, next, kinds[i]}}
				for j := 1; j < len(back); j++ {
					circle = append(circle, edge{back[j-1], back[j], least(g.Has(back[j-1], back[j]) & level.kinds)})
				}
				if nameOf(circle) == level.name {
					done[c] = true
					r.circle(level.name, circle, recs)
				}
			}
		}
	}
}

// least returns the simplest of several reasons.
func least(kinds graph.Kind) graph.Kind { return kinds & -kinds }

// edges builds the graph of all ops, and says which record each edge is about: the
// one that to wrote next or polled. Nothing leads to an op that failed, so that none
// is in a circle.
func (r *run) edges() (*graph.Graph, map[edge]*record) {
	at := map[*op]int32{}
	for i, o := range r.ops {
		at[o] = int32(i)
	}
	var edges graph.Edges
	recs := map[edge]*record{}
	add := func(from, to *op, kind graph.Kind, rec *record) {
		if from == to || from == nil || to.outcome == history.Fail {
			return
		}
		e := edge{at[from], at[to], kind}
		if _, twice := recs[e]; !twice {
			recs[e] = rec
			edges.Add(e.from, e.to, kind)
		}
	}
	for _, l := range r.order {
		for i := 1; i < len(l.atRank); i++ {
			if next := l.atRank[i]; next.sender != nil {
				add(l.atRank[i-1].sender, next.sender, ww, next)
			}
		}
		for _, rec := range l.first {
			for _, poll := range rec.polls {
				add(rec.sender, poll, wr, rec)
			}
		}
	}
	last := map[history.Process]*op{}
	for _, o := range r.ops {
		if len(o.mops) == 0 || o.outcome == history.Fail {
			continue
		}
		add(last[o.process], o, sameProcess, nil)
		last[o.process] = o
	}
	return graph.New(len(r.ops), &edges), recs
}

// nameOf says what a circle is an example of.
func nameOf(circle []edge) string {
	var kinds graph.Kind
	for _, e := range circle {
		kinds |= e.kind
	}
	name := G0
	if kinds&wr != 0 {
		name = G1c
	}
	if kinds&sameProcess != 0 {
		name += process
	}
	return name
}

// circle reports ops that precede each other in a circle.
func (r *run) circle(name string, circle []edge, recs map[edge]*record) {
	if strings.HasPrefix(name, G0) && !r.Serializable {
		r.allowed[name]++
		return
	}
	var ops []history.Pair
	var steps []check.Step
	var words []string
	for _, e := range circle {
		from, to := r.h.Witness(r.ops[e.from].Pair), r.h.Witness(r.ops[e.to].Pair)
		rec, step := recs[e], check.Step{From: from, To: to, Edge: edgeNames[e.kind]}
		switch e.kind {
		case ww:
			step.Key = rec.log.key
			step.Why = fmt.Sprintf("op %d wrote the record before %s, which op %d wrote", from, r.show(rec), to)
		case wr:
			step.Key = rec.log.key
			step.Why = fmt.Sprintf("op %d polled %s, which op %d wrote", to, r.show(rec), from)
		default:
			step.Why = fmt.Sprintf("process %s invoked op %d after op %d", r.h.ProcessName(r.ops[e.from].process), to, from)
		}
		ops, steps = append(ops, r.ops[e.from].Pair), append(steps, step)
		words = append(words, step.Why)
	}
	r.found.Circle(name, "", ops, steps, "%s: a circle", strings.Join(words, "; "))
}
