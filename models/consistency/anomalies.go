package consistency

import (
	"slices"
	"strings"
)

// implied says which anomalies an anomaly is a case of, or entails. The
// relations are Adya's, those that Elle adds for its data models, and that a
// cycle with fewer kinds of edges is one with more.
var implied = map[string][]string{
	"G1a":                     {"G1"},
	"G1b":                     {"G1"},
	"G1c":                     {"G1"},
	"G1":                      {"G1-process"},
	"G1-process":              {"G1-realtime"},
	"G1c-process":             {"G1-process"},
	"G1c-realtime":            {"G1-realtime"},
	"incompatible-order":      {"G1a"},
	"dirty-update":            {"G1a"},
	"future-read":             {"G1c"},
	"lost-update":             {"write-skew", "G2-item"},
	"write-skew":              {"G2"},
	"G-single":                {"G-SIb"},
	"cyclic-versions-process": {"G-single-item-process"},
	// Whatever the versions' order is, one of the two is a G-single.
	"cyclic-versions-realtime": {"G-single-item-realtime"},
}

// cycles are the types of cycles, each with those that it is a case of.
var cycles = map[string][]string{
	"G0":                 {"G1c"},
	"G1c":                {},
	"G-single-item":      {"G-single", "G-nonadjacent-item"},
	"G-single":           {"G-nonadjacent"},
	"G-nonadjacent-item": {"G-nonadjacent", "G2-item"},
	"G-nonadjacent":      {"G2"},
	"G2-item":            {"G2"},
	"G2":                 {},
}

var variants = []string{"", "-process", "-realtime"}

func init() {
	for name, wider := range cycles {
		for i, variant := range variants {
			from := name + variant
			for _, w := range wider {
				implied[from] = append(implied[from], w+variant)
			}
			if i+1 < len(variants) {
				implied[from] = append(implied[from], name+variants[i+1])
			}
		}
	}
	for name, list := range forbidden {
		forbidden[name] = append(list, CycleExists(name))
	}
}

// forbidden says which anomalies a model forbids beyond those that the models it
// implies forbid already. Every model named here that speaks of cycles also
// forbids its own [CycleExists].
var forbidden = map[string][]string{
	"read-uncommitted":                  {"G0", "duplicate-elements", "garbage-read", "cyclic-versions"},
	"read-committed":                    {"G1"},
	"cursor-stability":                  {"G-cursor", "lost-update"},
	"monotonic-view":                    {"G-monotonic"},
	"monotonic-snapshot-read":           {"G-MSR"},
	"consistent-view":                   {"G-single"},
	"forward-consistent-view":           {"G-SIb"},
	"update-serializable":               {"G-update"},
	"read-atomic":                       {"internal", "G1a", "future-read"},
	"update-atomic":                     {"lost-update"},
	"causal-transactions":               {"internal", "G1a"},
	"parallel-snapshot-isolation":       {"internal", "G1a"},
	"prefix":                            {"internal", "G1a"},
	"repeatable-read":                   {"G2-item", "lost-update"},
	"snapshot-isolation":                {"internal", "G-SI", "G-nonadjacent"},
	"serializable":                      {"internal", "G2", "predicate-read-miss"},
	"strong-session-read-uncommitted":   {"G0-process"},
	"strong-session-read-committed":     {"G1c-process"},
	"strong-session-snapshot-isolation": {"internal", "G1-process", "G-nonadjacent-process"},
	"strong-session-serializable":       {"G1-process", "G2-process"},
	"strong-read-uncommitted":           {"G0-realtime"},
	"strong-read-committed":             {"G1c-realtime"},
	"strong-snapshot-isolation":         {"internal", "G1-realtime", "G-nonadjacent-realtime"},
	"strict-serializable":               {"G1c-realtime", "G2-realtime"},
}

// CycleExists returns the name of the anomaly that a cycle exists which a model
// forbids, though none was shown.
func CycleExists(model string) string { return model + "-cycle-exists" }

// Forbids returns the anomalies that a model forbids beyond those that the
// models it implies forbid, without its [CycleExists].
func Forbids(name string) []string {
	list := []string{}
	for _, a := range forbidden[canonical(name)] {
		if !strings.HasSuffix(a, "-cycle-exists") {
			list = append(list, a)
		}
	}
	return list
}

func canonical(name string) string {
	if i, ok := index[strings.ToLower(name)]; ok {
		return lattice[i].Name
	}
	return name
}

// ImpliedAnomalies returns the anomalies that those of names entail, with names
// themselves, sorted.
func ImpliedAnomalies(names ...string) []string {
	seen := map[string]bool{}
	for len(names) > 0 {
		name := names[len(names)-1]
		names = names[:len(names)-1]
		if !seen[name] {
			seen[name] = true
			names = append(slices.Clip(names), implied[name]...)
		}
	}
	return sortedKeys(seen)
}

// Prohibited returns the anomalies that must not occur if models hold and wanted
// do not occur, sorted: all that entail one of them.
func Prohibited(models, wanted []string) []string {
	bad := map[string]bool{}
	for _, a := range wanted {
		bad[a] = true
	}
	for _, m := range models {
		for i := range lattice {
			if Implies(m, lattice[i].Name) {
				for _, a := range forbidden[lattice[i].Name] {
					bad[a] = true
				}
			}
		}
	}
	for name := range Anomalies() {
		for _, entailed := range ImpliedAnomalies(name) {
			if bad[entailed] {
				bad[name] = true
				break
			}
		}
	}
	return sortedKeys(bad)
}

// Anomalies returns the names of all anomalies that models forbid or that entail
// such a one.
func Anomalies() map[string]bool {
	all := map[string]bool{}
	for name, list := range implied {
		all[name] = true
		for _, a := range list {
			all[a] = true
		}
	}
	for _, list := range forbidden {
		for _, a := range list {
			all[a] = true
		}
	}
	return all
}

// Broken returns the models that cannot hold where the anomalies occur: the
// weakest ones, and the stronger ones that fall with them.
func Broken(anomalies ...string) (not, alsoNot []string) {
	found := ImpliedAnomalies(anomalies...)
	var broken []string
	for i := range lattice {
		if slices.ContainsFunc(forbidden[lattice[i].Name], func(a string) bool { return slices.Contains(found, a) }) {
			broken = append(broken, lattice[i].Name)
		}
	}
	not = Weakest(broken...)
	return not, Above(not...)
}

func sortedKeys(set map[string]bool) []string {
	keys := make([]string, 0, len(set))
	for k := range set {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
