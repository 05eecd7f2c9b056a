package reports

import (
	"strings"
	"testing"

	"checker/check"
	"checker/models/consistency"
)

// TestLatticeStandsInOrder: of every model and all that it implies, the weaker
// one is below, and no two models overlap.
func TestLatticeStandsInOrder(t *testing.T) {
	for _, m := range consistency.All() {
		r := check.Result{Verdict: check.Invalid, ConsistencyModels: &check.ConsistencyModels{Requested: []string{"strict-serializable"},
			Not: []string{m.Name}, AlsoNot: consistency.Above(m.Name), Holds: m.Implies}}
		models := newLatticeModels(r)
		arrangeLattice(models)
		for i, a := range models {
			for j, b := range models {
				if i != j && consistency.Implies(a.name, b.name) && a.y >= b.y {
					t.Errorf("%s broken: %s is not above %s", m.Name, a.name, b.name)
				}
				if i < j && a.y == b.y && max(a.x-b.x, b.x-a.x) < 230 {
					t.Errorf("%s broken: %s and %s are %g apart", m.Name, a.name, b.name, a.x-b.x)
				}
			}
		}
	}
}

// TestLatticeSaysStates: what is asked for, broken and kept is told in signs too.
func TestLatticeSaysStates(t *testing.T) {
	svg := string(lattice(cycleInput(t, 3).Document.Checks[0]))
	for _, want := range []string{`class="model-broken"`, "✕ repeatable-read<", "✕ strict-serializable (asked for)<", "✓ snapshot-isolation<"} {
		if !strings.Contains(svg, want) {
			t.Errorf("no %q in %s", want, svg)
		}
	}
	if svg := lattice(check.Result{ConsistencyModels: &check.ConsistencyModels{Requested: []string{"of our own"}}}); svg != "" {
		t.Errorf("a lattice of no known model: %s", svg)
	}
}
