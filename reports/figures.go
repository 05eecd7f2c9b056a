package reports

import (
	"slices"
	"sort"

	"checker/history"
)

// Rates and latencies are drawn in this many bins at most, and in no more than
// leave opsPerBin ops to each on average.
const (
	minBins   = 12
	maxBins   = 200
	opsPerBin = 10
)

// figures are rates and latencies over time, in bins of equal width.
type figures struct {
	width     int64 // of a bin, ns
	bins      int
	functions []functionFigures
	latency   [][]int64 // by bin, of ok ops, sorted
	inFlight  []int     // by bin, ops at most
	inDoubt   []int     // by bin, participants of transactions at most; nil when unknown
}

// functionFigures are the figures of one function.
type functionFigures struct {
	name    string
	rate    [4][]int // by outcome and bin: completions
	total   [4]int
	latency []int64 // of all its ok ops, sorted
}

// figures computes the figures of a history that has times. An op counts in the
// bin of its completion; one that never completed has none.
func (v *view) figures() figures {
	fig := figures{width: binWidth(v.end, min(maxBins, max(minBins, v.Len()/2/opsPerBin)))}
	fig.bins = int(v.end/fig.width) + 1
	fig.latency = make([][]int64, fig.bins)
	byF := map[history.F]*functionFigures{}
	for o := range v.clientOps {
		if o.comp < 0 {
			continue
		}
		f := v.F(o.inv)
		ff := byF[f]
		if ff == nil {
			ff = &functionFigures{name: line(v.FName(f), 40)}
			for t := range ff.rate {
				ff.rate[t] = make([]int, fig.bins)
			}
			byF[f] = ff
		}
		bin := int(o.end / fig.width)
		ff.rate[o.outcome][bin]++
		ff.total[o.outcome]++
		if o.outcome == history.Ok {
			fig.latency[bin] = append(fig.latency[bin], o.end-o.start)
			ff.latency = append(ff.latency, o.end-o.start)
		}
	}
	for _, ls := range fig.latency {
		slices.Sort(ls)
	}
	for _, ff := range byF {
		slices.Sort(ff.latency)
		fig.functions = append(fig.functions, *ff)
	}
	sort.Slice(fig.functions, func(i, j int) bool { return fig.functions[i].name < fig.functions[j].name })
	return fig
}

// binWidth returns the smallest of 1, 2, 5, 10, 20… ns that cuts the time into no
// more than so many bins.
func binWidth(end int64, most int) int64 {
	for width := int64(1); ; width *= 10 {
		for _, step := range []int64{1, 2, 5} {
			if end/(width*step) < int64(most) {
				return width * step
			}
		}
	}
}

// quantile returns the smallest of the sorted numbers that a share q of them
// does not exceed.
func quantile(sorted []int64, q float64) int64 {
	if len(sorted) == 0 {
		return 0
	}
	at := int(q*float64(len(sorted))+0.999999) - 1
	return sorted[min(max(at, 0), len(sorted)-1)]
}

// longestGap returns the longest stretch in which no op of a client completed
// ok, from the start of the history to its end.
func (v *view) longestGap() (from, to int64) {
	last := int64(0)
	note := func(t int64) {
		if t-last > to-from {
			from, to = last, t
		}
		last = max(last, t)
	}
	for i := range v.Len() {
		if v.Type(i) == history.Ok && v.Process(i).IsClient() {
			note(v.at(i))
		}
	}
	note(v.end)
	return from, to
}

// firstOk returns when the first op that was invoked at or after t completed ok.
func (v *view) firstOk(t int64) (at int64, found bool) {
	for o := range v.clientOps {
		if o.start >= t && o.outcome == history.Ok && (!found || o.end < at) {
			at, found = o.end, true
		}
	}
	return at, found
}
