package reports

import (
	"fmt"
	"sort"
	"strings"

	"checker/history"
)

// Bounds on the payload of the timeline.
const (
	maxBars      = 1_000_000 // more ops than this are merged, several to a bar
	textBudget   = 12 << 20  // bytes for the texts of all bars
	maxBarText   = 160
	minBarText   = 12
	maxFaultBars = 5000
)

// payload is what the script draws. Times are in units since the start of the
// view; columns hold one entry a bar, sorted by start.
type payload struct {
	Unit      int64            `json:"unit"` // ns; 0 when rows stand in for time
	End       int64            `json:"end"`
	Lanes     []string         `json:"lanes"`
	Functions []string         `json:"functions"`
	Families  []string         `json:"families"`
	Faults    []payloadFault   `json:"faults"`
	Witnesses []payloadWitness `json:"witnesses"`
	Keys      []string         `json:"keys"` // empty where ops have none, or share bars
	Bars      payloadBars      `json:"bars"`
	Merged    int              `json:"merged"` // ops to a bar; 1 when each has its own
}

type payloadFault struct {
	Family int    `json:"family"`
	Start  int64  `json:"start"`
	End    int64  `json:"end"`
	Label  string `json:"label"`
	Effect string `json:"effect,omitempty"`
	Open   bool   `json:"open,omitempty"`
}

type payloadWitness struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	From  int64  `json:"from"`
	To    int64  `json:"to"`
	Ops   []int  `json:"ops"` // indexes, as witnesses name ops
}

type payloadBars struct {
	Lane     []int    `json:"lane"`
	Start    []int64  `json:"start"`    // since the bar before
	Duration []int64  `json:"duration"` // -1 for an op that never completed
	Type     []int    `json:"type"`     // 1 ok, 2 fail, 3 info
	Function []int    `json:"function"` // -1 for a bar of several ops
	Index    []int    `json:"index"`    // since the bar before
	Process  []int    `json:"process"`
	Text     []string `json:"text"`
	Node     []string `json:"node"`
	Touched  []int    `json:"touched"` // how many keys
	Key      []int    `json:"key"`     // the keys of one bar after those of another
}

// bar is one or several ops on a lane.
type bar struct {
	operation
	lane  int
	count int // of ops; those of several are told in tally
	tally [4]int
}

// timeline computes the payload.
func (p *page) timeline(concurrency int) payload {
	v := p.view
	lanes := v.newLanes(concurrency)
	out := payload{Unit: v.unit(), Lanes: lanes.names, Families: families(p.faults), Functions: []string{}, Merged: 1}
	out.End = v.units(v.end)
	for i := range v.Fs() {
		out.Functions = append(out.Functions, line(v.FName(history.F(i)), 40))
	}
	p.addFaults(&out)
	witnesses := p.addWitnesses(&out)
	bars, merged := v.bars(lanes, witnesses, maxBars)
	out.Merged = merged
	keys := v.newKeyNames()
	out.Bars = v.columns(bars, keys)
	out.Keys = keys.names
	return out
}

// unit is how many ns the numbers of the payload count in: microseconds are
// enough for a run of more than a second and keep the numbers short.
func (v *view) unit() int64 {
	switch {
	case !v.timed:
		return 0
	case v.end < 1e9:
		return 1
	}
	return 1000
}

func (v *view) units(t int64) int64 { return t / max(v.unit(), 1) }

func (p *page) addFaults(out *payload) {
	number := map[string]int{}
	for i, name := range out.Families {
		number[name] = i
	}
	out.Faults = []payloadFault{}
	for _, f := range p.faults[:min(len(p.faults), maxFaultBars)] {
		out.Faults = append(out.Faults, payloadFault{number[f.family], p.view.units(f.start), p.view.units(f.end), f.label(), f.effect, f.open})
	}
}

// addWitnesses lists the witnesses and returns the rows of their invocations.
func (p *page) addWitnesses(out *payload) map[int]bool {
	rows := map[int]bool{}
	out.Witnesses = []payloadWitness{}
	for _, a := range p.Anomalies {
		for _, w := range a.Witnesses {
			if !w.Placed {
				continue
			}
			shown := payloadWitness{ID: w.ID, Ops: []int{}, Title: a.Type + ", " + w.Title, From: p.view.units(w.from), To: p.view.units(w.to)}
			for _, o := range w.Ops {
				rows[o.op.inv] = true
				shown.Ops = append(shown.Ops, p.view.Index(o.op.row()))
			}
			out.Witnesses = append(out.Witnesses, shown)
		}
	}
	return rows
}

// bars puts every client op on its lane. When there are too many, neighbours on
// a lane are merged, except those of a witness: nothing is left out.
func (v *view) bars(lanes lanes, witnesses map[int]bool, most int) (bars []bar, merge int) {
	total := 0
	for range v.clientOps {
		total++
	}
	merge = 1 + max(total-1, 0)/most
	bars = make([]bar, 0, total/merge+len(witnesses)+len(lanes.names))
	pending := make([]bar, len(lanes.names))
	flush := func(lane int) {
		if pending[lane].count > 0 {
			bars = append(bars, pending[lane])
			pending[lane] = bar{}
		}
	}
	for o := range v.clientOps {
		lane := lanes.of[v.Process(o.inv)]
		if witnesses[o.inv] {
			flush(lane)
			bars = append(bars, bar{operation: o, lane: lane, count: 1})
			continue
		}
		pending[lane].add(o, lane)
		if pending[lane].count == merge {
			flush(lane)
		}
	}
	for lane := range pending {
		flush(lane)
	}
	sort.SliceStable(bars, func(i, j int) bool { return bars[i].start < bars[j].start })
	return bars, merge
}

// add merges an op into the bar. The bar has the least certain outcome of its
// ops, so that merging cannot hide one.
func (b *bar) add(o operation, lane int) {
	if b.count == 0 {
		*b = bar{operation: o, lane: lane}
	}
	b.count++
	b.tally[o.outcome]++
	b.start, b.end = min(b.start, o.start), max(b.end, o.end)
	b.outcome = max(b.outcome, o.outcome)
	if o.comp < 0 {
		b.comp = -1
	}
}

// columns writes the bars as the columns of the payload.
func (v *view) columns(bars []bar, keys *keyNames) payloadBars {
	limit := min(maxBarText, max(minBarText, textBudget/max(len(bars), 1)))
	n := len(bars)
	c := payloadBars{Lane: make([]int, 0, n), Start: make([]int64, 0, n), Duration: make([]int64, 0, n), Type: make([]int, 0, n),
		Function: make([]int, 0, n), Index: make([]int, 0, n), Process: make([]int, 0, n), Text: make([]string, 0, n), Node: make([]string, 0, n),
		Touched: make([]int, 0, n), Key: make([]int, 0, n)}
	start, index := int64(0), 0
	for _, b := range bars {
		c.Lane = append(c.Lane, b.lane)
		c.Start = append(c.Start, v.units(b.start)-start)
		start = v.units(b.start)
		took := int64(-1)
		if b.comp >= 0 {
			took = v.units(b.end) - start
		}
		c.Duration = append(c.Duration, took)
		c.Type = append(c.Type, int(b.outcome))
		c.Index = append(c.Index, v.Index(b.row())-index)
		index = v.Index(b.row())
		c.Process = append(c.Process, int(v.Process(b.inv)))
		function, text, touched := int(v.F(b.inv)), "", []int(nil)
		if b.count > 1 {
			function, text = -1, b.tell()
		} else {
			text, touched = v.exchange(b.operation, limit), v.keysOf(b.operation, keys)
		}
		c.Touched = append(c.Touched, len(touched))
		c.Key = append(c.Key, touched...)
		c.Function = append(c.Function, function)
		c.Text = append(c.Text, text)
		c.Node = append(c.Node, line(v.nodeOf(b.operation), 40))
	}
	return c
}

// tell says what a bar of several ops holds.
func (b *bar) tell() string {
	var parts []string
	for _, t := range []history.Type{history.Ok, history.Info, history.Fail} {
		if b.tally[t] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", b.tally[t], t))
		}
	}
	return fmt.Sprintf("%d ops: %s", b.count, strings.Join(parts, ", "))
}
