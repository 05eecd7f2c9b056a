package check

import (
	"fmt"

	"checker/history"
)

// DefaultWitnesses is how many examples of an anomaly a check keeps unless told
// otherwise.
const DefaultWitnesses = 3

// Findings gathers what one check finds in one history.
type Findings struct {
	Result
	h    *history.History
	most int
}

// NewFindings begins a result that is valid until something is found. It keeps
// at most that many witnesses of each anomaly; 0 is [DefaultWitnesses].
func NewFindings(name string, h *history.History, most int) *Findings {
	if most == 0 {
		most = DefaultWitnesses
	}
	return &Findings{Result: Result{Name: name, Verdict: Valid, Anomalies: []Anomaly{}}, h: h, most: most}
}

// Found counts an anomaly and keeps the first ones as witnesses. Ops that are
// given twice are named once. key is of the object concerned, or "".
func (f *Findings) Found(kind, key string, ops []history.Pair, format string, args ...any) {
	f.Add(kind, f.witness(key, ops, format, args...), f.most)
}

// Full reports whether all the witnesses of an anomaly are there that will be
// kept, so that a further one need not be put into words.
func (f *Findings) Full(kind string) bool {
	for _, a := range f.Anomalies {
		if a.Type == kind {
			return len(a.Witnesses) >= f.most
		}
	}
	return false
}

// Circle is Found for ops that precede each other in a circle or a chain, as steps.
func (f *Findings) Circle(kind, key string, ops []history.Pair, steps []Step, format string, args ...any) {
	w := f.witness(key, ops, format, args...)
	w.Steps = steps
	f.Add(kind, w, f.most)
}

func (f *Findings) witness(key string, ops []history.Pair, format string, args ...any) Witness {
	w := Witness{Ops: []int{}, Key: key, Text: fmt.Sprintf(format, args...)}
	seen := map[int]bool{}
	for _, p := range ops {
		if i := f.h.Witness(p); !seen[i] {
			seen[i] = true
			w.Ops = append(w.Ops, i)
		}
	}
	return w
}

// Note tells the reader something that changes nothing.
func (f *Findings) Note(format string, args ...any) {
	f.Notes = append(f.Notes, fmt.Sprintf(format, args...))
}

// Undecided makes the result unknown, unless an anomaly was found. The first
// reason counts.
func (f *Findings) Undecided(format string, args ...any) {
	if f.Verdict == Valid {
		f.Verdict, f.Reason = Unknown, fmt.Sprintf(format, args...)
	}
}
