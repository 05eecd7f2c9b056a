package reports

import (
	"fmt"
	"slices"
	"strings"
)

// edgeName is how many characters of an edge's name a drawing has room for.
const edgeName = 14

// edgeKinds are the edges that have a look of their own, in the order of the key
// beside a drawing. Colour, dashes and head all differ, so that any one of them is
// enough to tell two kinds apart.
var edgeKinds = []struct {
	name, head, meaning string
}{
	{"ww", "M0 0L9 4.5L0 9z", "the next one overwrote or appended after it"},
	{"wr", "M0 0L9 4.5L0 9L3 4.5z", "the next one read what it wrote"},
	{"rw", "M0 4.5L4.5 0L9 4.5L4.5 9z", "the next one overwrote what it had read"},
	{"realtime", "M7 0H9V9H7V5.5H0V3.5H7z", "it had completed before the next one was invoked"},
	{"process", "M4.5 .5a4 4 0 1 0 .01 0z", "the same process ran the next one after it"},
	{"message", "M1 1H8V8H1z", "a message led from it to the next one"},
	{"other", "M0 0L9 4.5L0 9", "what the list says"},
}

// edgeKind returns the look of an edge, by the name that a checker gave it.
func edgeKind(edge string) string {
	for _, k := range edgeKinds {
		if k.name == edge {
			return k.name
		}
	}
	return "other"
}

// heads draws the arrow heads of a drawing's edges as markers.
func heads(id string, steps []witnessStep) string {
	var b strings.Builder
	b.WriteString(`<defs>`)
	for _, k := range edgeKinds {
		if k.name != "other" && !slices.ContainsFunc(steps, func(s witnessStep) bool { return s.Kind == k.name }) {
			continue
		}
		fmt.Fprintf(&b, `<marker id="%s-%s" viewBox="-0.5 -0.5 10 10" refX="8" refY="4.5" markerWidth="11" markerHeight="11" markerUnits="userSpaceOnUse" orient="auto"><path d="%s" class="head %s"/></marker>`, id, k.name, k.head, k.name)
	}
	b.WriteString(`</defs>`)
	return b.String()
}

// edgeKey is an entry of the key beside a drawing.
type edgeKey struct{ Kind, Edge, Meaning string }

// edgesUsed lists the kinds of edges that the steps have, each once, by the names
// that the drawing has for them.
func edgesUsed(steps []witnessStep) []edgeKey {
	var used []edgeKey
	for _, k := range edgeKinds {
		var names []string
		for _, s := range steps {
			if name := clip(s.Edge, edgeName); s.Kind == k.name && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		if len(names) > 0 {
			used = append(used, edgeKey{k.name, strings.Join(names, ", "), k.meaning})
		}
	}
	return used
}
