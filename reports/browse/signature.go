package browse

import (
	"slices"
	"strings"

	"checker/check"
)

// signature says what kind of failure a run found: the anomalies, the edges of
// their first witnesses and the faults that bit. Runs that share it most likely
// found the same defect. It is "" for a run that found nothing.
func signature(doc check.Document) string {
	var parts []string
	for _, r := range doc.Checks {
		for _, a := range r.Anomalies {
			part := a.Type
			if len(a.Witnesses) > 0 {
				if edges := edgePattern(a.Witnesses[0].Steps); edges != "" {
					part += " (" + edges + ")"
				}
			}
			if !slices.Contains(parts, part) {
				parts = append(parts, part)
			}
		}
	}
	if len(parts) == 0 {
		return ""
	}
	slices.Sort(parts)
	var faults []string
	for family, bite := range doc.Evidence.Faults {
		if bite.Effective > 0 {
			faults = append(faults, family)
		}
	}
	slices.Sort(faults)
	text := strings.Join(parts, ", ")
	if len(faults) > 0 {
		text += " under " + strings.Join(faults, ", ")
	}
	return text
}

// edgePattern writes the edges of a cycle from the rotation that comes first in
// the alphabet: where a witness begins says nothing.
func edgePattern(steps []check.Step) string {
	if len(steps) == 0 || len(steps) > 20 {
		return ""
	}
	edges := make([]string, len(steps))
	for i, s := range steps {
		edges[i] = s.Edge
	}
	best := strings.Join(edges, " ")
	for i := range edges {
		turned := strings.Join(append(slices.Clone(edges[i:]), edges[:i]...), " ")
		best = min(best, turned)
	}
	return best
}
