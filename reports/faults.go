package reports

import (
	"cmp"
	"slices"
	"strings"

	"checker/check/recovery"
	"checker/history"
)

// fault is something that the nemesis did, as an interval: from the invocation
// of the op that began it to the completion of the op that ended it, so that it
// covers every moment at which the fault may have been in force.
type fault struct {
	family string
	verb   string
	what   string // the op's value: on whom, how much
	effect string // what the completion said, when that is something else
	index  int    // by which the op is known
	start  int64
	end    int64
	open   bool     // nothing ended it; end is the history's
	struck []string // nodes on which it is still in force
}

// label names the fault: "partition n1,n2|n3,n4,n5".
func (f fault) label() string { return strings.TrimSpace(f.verb + " " + f.what) }

// lasts tells families of faults that stay until they are ended from those that
// are events, such as a node that joins.
func lasts(family string) bool { return family != "membership" && family != "other" }

// replaces tells whether a fault takes the place of an earlier one of its family:
// those do that say how the whole network is from then on, or all disks are. Power
// that is off stays off, and damaged files stay damaged.
func replaces(verb, earlier string) bool {
	switch {
	case verb == "partition", verb == "packet":
		return true
	}
	lasts := func(verb string) bool { return verb == "disk-rot" || verb == "disk-truncate" }
	return strings.HasPrefix(verb, "disk-") && strings.HasPrefix(earlier, "disk-") && !lasts(verb) && !lasts(earlier)
}

// classify says which family a nemesis op belongs to and whether it ends faults
// of it. The verbs are those of checker's nemeses and, for recorded histories,
// Jepsen's: start-partition, stop-partition, start and stop.
func classify(f string) (family string, ends bool) {
	switch f {
	case "heal":
		return "partition", true
	case "start":
		return "kill", true
	case "resume":
		return "pause", true
	case "stop":
		return "nemesis", true
	case "join", "leave", "member-remove", "member-add", "member-replace":
		return "membership", false
	case "member-restore":
		return "membership", true
	case "power-off":
		return "disk", false
	}
	if rest, ok := strings.CutPrefix(f, "start-"); ok {
		return rest, false
	}
	if rest, ok := strings.CutPrefix(f, "stop-"); ok {
		return rest, true
	}
	for _, suffix := range []string{"-clear", "-reset", "-heal", "-stop", "-repair"} {
		if rest, ok := strings.CutSuffix(f, suffix); ok {
			return rest, true
		}
	}
	family, _, _ = strings.Cut(f, "-")
	if family == "" {
		return "other", false
	}
	return family, false
}

// faults returns what the nemesis did, in the order of its ops.
func (v *view) faults() []fault {
	var all []fault
	open := map[string][]int{} // by family, positions in all
	killed := false            // so that a start is about nodes; Jepsen's own begins whatever the nemesis does
	for i := range v.Len() {
		if v.Process(i) != history.Nemesis || v.Pair(i) >= 0 && v.Pair(i) < i {
			continue
		}
		o := v.operation(i)
		verb := v.FName(v.F(i))
		if verb == recovery.PhaseF {
			continue
		}
		family, ends := classify(verb)
		killed = killed || family == "kill" && !ends || verb == "power-off"
		if verb == "start" && len(open[family]) == 0 {
			if killed || restarts(v.completion(o)) {
				continue
			}
			family, ends = "nemesis", false
		}
		f := v.newFault(o, family, verb)
		if ends {
			open[family] = endFaults(all, open[family], nodesOf(v.valueText(i)), f.end)
			continue
		}
		open[family] = slices.DeleteFunc(open[family], func(i int) bool {
			over := replaces(verb, all[i].verb)
			if over {
				endFaults(all, []int{i}, nil, f.end)
			}
			return over
		})
		if f.open = lasts(family); f.open {
			open[family] = append(open[family], len(all))
			f.end = v.end
		}
		all = append(all, f)
	}
	return all
}

// restarts reports whether a start tells of nodes, none of which had to be dead.
func restarts(effect string) bool {
	return strings.HasPrefix(effect, "started=") || strings.HasPrefix(effect, "running=")
}

// completion is what the op of a nemesis said in the end, "" where it did not end.
func (v *view) completion(o operation) string {
	if o.comp < 0 || o.comp == o.inv {
		return ""
	}
	return line(v.valueText(o.comp), foldWord)
}

func (v *view) newFault(o operation, family, verb string) fault {
	f := fault{family: line(family, 40), verb: line(verb, 40), index: v.Index(o.inv), start: o.start, end: o.end}
	f.what = line(v.valueText(o.inv), foldWord)
	f.struck = nodesOf(f.what)
	if o.comp >= 0 && o.comp != o.inv {
		effect := line(v.valueText(o.comp), foldWord)
		if reason := v.Error(o.comp); !reason.IsNil() {
			effect = strings.TrimSpace(effect + " " + brief(&v.Heap, reason, foldWord))
		}
		if effect != f.what {
			f.effect = effect
		}
	}
	return f
}

// valueText is the value of row i: the bare characters of a text, else EDN, and
// nothing for nil.
func (v *view) valueText(i int) string {
	r := v.Ref(i)
	switch {
	case r.IsNil():
		return ""
	case r.Kind() == history.KindString || r.Kind() == history.KindKeyword:
		return v.Text(r)
	}
	return brief(&v.Heap, r, foldValue)
}

// endFaults ends what the open faults do to some nodes: to all of them when no
// node is named, or none that a fault of the family strikes. A fault has ended
// once the last of its nodes is well. It returns those still open.
func endFaults(all []fault, open []int, nodes []string, at int64) []int {
	named := func(node string) bool { return slices.Contains(nodes, node) }
	struck := func(i int) bool { return slices.ContainsFunc(all[i].struck, named) }
	everywhere := !slices.ContainsFunc(open, struck)
	var still []int
	for _, i := range open {
		f := &all[i]
		hit := everywhere || struck(i)
		f.struck = slices.DeleteFunc(f.struck, func(node string) bool { return everywhere || named(node) })
		if hit && len(f.struck) == 0 {
			f.end, f.open = at, false
		} else {
			still = append(still, i)
		}
	}
	return still
}

// nodesOf returns the nodes that a fault's text begins with: of "n1,n3 loss=20%"
// n1 and n3, of "n1 +250ms,n3 -4s" as well.
func nodesOf(text string) []string {
	var nodes []string
	for part := range strings.SplitSeq(text, ",") {
		word, _, _ := strings.Cut(strings.TrimSpace(part), " ")
		if word != "" {
			nodes = append(nodes, word)
		}
	}
	return nodes
}

// families returns the families of faults in order of appearance.
func families(faults []fault) []string {
	names := []string{}
	for _, f := range faults {
		if !slices.Contains(names, f.family) {
			names = append(names, f.family)
		}
	}
	return names
}

// span is a stretch of time.
type span struct{ from, to int64 }

// merge returns the stretches in which at least one fault was in force, apart
// from each other and in order.
func merge(faults []fault) []span {
	all := make([]span, len(faults))
	for i, f := range faults {
		all[i] = span{f.start, f.end}
	}
	return mergeSpans(all)
}

// mergeSpans returns the spans apart from each other and in order.
func mergeSpans(all []span) []span {
	slices.SortFunc(all, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	merged := all[:0]
	for _, s := range all {
		if n := len(merged); n > 0 && s.from <= merged[n-1].to {
			merged[n-1].to = max(merged[n-1].to, s.to)
		} else {
			merged = append(merged, s)
		}
	}
	return merged
}

// lookBack is how long before a witness a fault still counts as just before it:
// about as long as elections, timeouts and leases take.
const lookBack = 5e9

// maxNearby bounds how many faults are told around a witness.
const maxNearby = 8

// around returns the faults that were in force between from and to, and those
// that began or ended just before.
func (v *view) around(faults []fault, from, to int64) (during, before []fault) {
	for _, f := range faults {
		switch {
		case f.start > to || !v.timed && f.end < from:
		case f.end >= from:
			during = append(during, f)
		case f.end >= from-lookBack:
			before = append(before, f)
		}
	}
	return during, before
}

// under names the faults around a witness in a line: the latest of each kind that
// was in force, or else the last one before.
func under(during, before []fault) string {
	if len(during) == 0 {
		if len(before) == 0 {
			return ""
		}
		return "none; just before, " + clip(before[len(before)-1].label(), foldWord)
	}
	var labels []string
	for i, f := range during {
		later := func(g fault) bool { return g.verb == f.verb }
		if !slices.ContainsFunc(during[i+1:], later) {
			labels = append(labels, clip(f.label(), foldWord))
		}
	}
	text := strings.Join(labels, " · ")
	if more := len(during) - len(labels); more > 0 {
		text += " · and " + count(more) + " more"
	}
	return text
}

func (v *view) tellDuring(f fault) string {
	text := f.label() + ", since " + v.about(f.start)
	if f.open {
		return text + ", never ended"
	}
	return text + " until " + v.about(f.end)
}

func (v *view) tellBefore(f fault, from int64) string {
	if !lasts(f.family) {
		return f.label() + ", " + duration(from-f.start) + " earlier"
	}
	return f.label() + ", begun " + duration(from-f.start) + " and ended " + duration(from-f.end) + " earlier"
}

// atMost keeps the last n texts, the nearest ones, and says how many were left out.
func atMost(texts []string, n int) []string {
	if len(texts) <= n {
		return texts
	}
	left := len(texts) - n
	return append([]string{"(" + count(left) + " more before these)"}, texts[left:]...)
}
