package txn

import (
	"cmp"
	"slices"

	"checker/check"
)

// findings are the anomalies of a history, whatever was asked for.
type findings struct {
	most  int // witnesses kept of each type
	types []check.Anomaly
	leads map[string]string // types that are listed before a worse one that they explain
}

// add counts an anomaly, and keeps the witness that it makes while there are few.
func (f *findings) add(name string, witness func() check.Witness) {
	i := slices.IndexFunc(f.types, func(a check.Anomaly) bool { return a.Type == name })
	if i < 0 {
		i = len(f.types)
		f.types = append(f.types, check.Anomaly{Type: name})
	}
	a := &f.types[i]
	a.Count++
	if len(a.Witnesses) < f.most {
		a.Witnesses = append(a.Witnesses, witness())
	}
}

// lead has one type listed before another.
func (f *findings) lead(name, before string) {
	if f.leads == nil {
		f.leads = map[string]string{}
	}
	if led, ok := f.leads[name]; !ok || severity(before) < severity(led) {
		f.leads[name] = before
	}
}

// names returns the types found.
func (f *findings) names() []string {
	names := make([]string, len(f.types))
	for i, a := range f.types {
		names[i] = a.Type
	}
	return names
}

// sorted returns the anomalies from the worst on, but for those that lead.
func (f *findings) sorted() []check.Anomaly {
	slices.SortStableFunc(f.types, func(a, b check.Anomaly) int {
		return cmp.Or(cmp.Compare(f.rank(a.Type), f.rank(b.Type)), cmp.Compare(a.Type, b.Type))
	})
	return f.types
}

func (f *findings) rank(name string) int {
	if led, ok := f.leads[name]; ok {
		return 2*severity(led) - 1
	}
	return 2 * severity(name)
}

func severity(name string) int {
	for i, k := range kinds {
		if k.Name == name {
			return i
		}
	}
	return len(kinds)
}
