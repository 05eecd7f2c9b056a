package session

import (
	"fmt"
	"slices"
	"sort"
	"time"

	"checker/check"
	"checker/check/linear"
	"checker/history"
	"checker/models"
)

// stale finds out how stale reads are.
func (j *judge) stale() {
	if !j.h.HasRealTime() {
		return
	}
	if j.verdicts[KAtomic] != check.Invalid {
		j.versions()
	}
	if j.verdicts[DeltaAtomic] != check.Invalid {
		j.delay()
	}
}

// versions finds the least k of k-atomic.
func (j *judge) versions() {
	writes := 1
	for i := range j.ops.list {
		if j.ops.list[i].writes {
			writes++
		}
	}
	o := j.linearOptions()
	o.Steps = j.steps(KAtomic)
	for k := j.atLeast(); ; k++ {
		r := check.Run(j.ctx, linear.New(lastValues(j.model, k), o), j.h)
		switch {
		case r.Verdict == check.Valid:
			j.found.Note("smallest k of k-atomic: %d", k)
			j.holds(KAtomic)
			return
		case r.Verdict == check.Unknown:
			j.found.Note("smallest k of k-atomic: at least %d", k)
			j.unknown(fmt.Sprintf("whether k is %d: %s", k, r.Reason), KAtomic)
			return
		case k > writes:
			j.broken([]string{KAtomic}, unbounded, "", j.pairsOf(r), "no k makes the history k-atomic: %s", r.Anomalies[0].Witnesses[0].Text)
			return
		}
	}
}

// pairsOf returns the ops of the first witness of a result.
func (j *judge) pairsOf(r check.Result) []history.Pair {
	var pairs []history.Pair
	for i := range j.ops.list {
		if p := j.ops.list[i].Pair; slices.Contains(r.Anomalies[0].Witnesses[0].Ops, j.h.Witness(p)) {
			pairs = append(pairs, p)
		}
	}
	return pairs
}

// atLeast bounds k from below: 1 is linearizable, and a read is as stale as there are writes that surely came between it and what it read from.
func (j *judge) atLeast() int {
	o, most := j.ops, 1
	if j.verdicts[Linearizable] == check.Invalid {
		most = 2
	}
	ends := make([][]int32, len(o.keys)) // of writes, by key
	for i := range o.list {
		if x := &o.list[i]; x.writes && x.end != never {
			ends[x.key] = append(ends[x.key], x.end)
		}
	}
	began := map[int32][]int32{} // by key: invocations of the same, ascending
	for i := range o.list {
		if x := &o.list[i]; x.writes && x.end != never {
			began[x.key] = append(began[x.key], x.Inv)
		}
	}
	for k := range ends {
		slices.Sort(ends[k])
	}
	for i := range o.list {
		x := &o.list[i]
		if !x.reads || !x.kept {
			continue
		}
		// Of the writes that ended before the read, those that began before its source
		// ended are no more than began before that at all.
		ended := sort.Search(len(ends[x.key]), func(n int) bool { return ends[x.key][n] >= x.Inv })
		early := 0
		if x.from >= 0 {
			end := o.list[x.from].end
			early = sort.Search(len(began[x.key]), func(n int) bool { return began[x.key][n] >= end })
		}
		most = max(most, ended-early+1)
	}
	return most
}

// lastValues is a register whose reads, and whose cas, find one of the last k values.
func lastValues(register models.Model, k int) models.Model {
	return models.Model{
		Name: fmt.Sprintf("%s with the last %d values", register.Name, k), Functions: register.Functions, Initial: register.Initial,
		Keyed: register.Keyed, Observes: register.Observes,
		Init: func(v *models.Values, initial history.Value) (models.Datum, error) {
			return v.Tuple([]models.Datum{v.Add(initial)}), nil
		},
		Step: func(v *models.Values, state models.Datum, op models.Op) (models.Datum, bool) {
			last := v.Elems(state)
			switch op.F {
			case models.RegisterRead:
				return state, slices.Contains(last, op.Out[0])
			case models.RegisterCAS:
				if !slices.Contains(last, op.In[0]) {
					return state, false
				}
			}
			next := append(slices.Clone(last), op.In[len(op.In)-1])
			return v.Tuple(next[max(0, len(next)-k):]), true
		},
	}
}

// delay finds the least Δ of delta-atomic, in ms.
func (j *judge) delay() {
	var span int64
	for row := range j.h.Len() {
		span = max(span, j.h.Time(row)-j.h.Time(0))
	}
	most := int(span/int64(time.Millisecond)) + 1
	var undecided check.Result
	least := sort.Search(most+1, func(ms int) bool {
		r := check.Run(j.ctx, linear.New(j.model, j.linearOptions()), j.delayed(int64(ms)*int64(time.Millisecond)))
		if r.Verdict == check.Unknown {
			undecided = r
		}
		return r.Verdict != check.Invalid
	})
	switch {
	case undecided.Verdict == check.Unknown:
		j.unknown(undecided.Reason, DeltaAtomic)
	case least > most:
		j.broken([]string{DeltaAtomic}, unbounded, "", nil, "no Δ makes the history delta-atomic: it is not linearizable even if every read had begun with the history")
	default:
		j.found.Note("smallest Δ of delta-atomic: %d ms", least)
		j.holds(DeltaAtomic)
	}
}

// delayed returns the history with reads invoked that many ns earlier. Every op has a
// process of its own.
func (j *judge) delayed(ns int64) *history.History {
	n := j.h.Len()
	times := make([]int64, n) // of rows, never decreasing
	for i := range times {
		times[i] = j.h.Time(i)
		if i > 0 {
			times[i] = max(times[i], times[i-1])
		}
	}
	before := make([][]int32, n) // by row: the reads that begin before it
	moved := make([]bool, n)
	for i := range j.ops.list {
		if x := &j.ops.list[i]; x.reads && !x.writes {
			at := sort.Search(int(x.Inv), func(row int) bool { return times[row] >= times[x.Inv]-ns })
			before[at] = append(before[at], x.Inv)
			moved[x.Inv] = true
		}
	}
	b := history.NewBuilder()
	add := func(row int) {
		op := j.h.Op(row)
		op.Process = history.Process(row)
		if op.Type != history.Invoke {
			op.Process = history.Process(j.h.Pair(row))
		}
		if err := b.AddOp(op); err != nil {
			panic(err)
		}
	}
	for row := range n {
		for _, read := range before[row] {
			add(int(read))
		}
		if j.h.Process(row).IsClient() && !moved[row] && (j.h.Type(row) == history.Invoke || j.h.Pair(row) >= 0) {
			add(row)
		}
	}
	return b.History()
}
