package consistency_test

import (
	"slices"
	"strings"
	"testing"

	"checker/models/consistency"
)

func TestLatticeIsWellFormed(t *testing.T) {
	seen := map[string]bool{}
	all := consistency.All()
	for i, m := range all {
		for _, name := range append([]string{m.Name}, m.Synonyms...) {
			if seen[strings.ToLower(name)] {
				t.Errorf("%q names two models", name)
			}
			seen[strings.ToLower(name)] = true
			if got, err := consistency.Parse(" " + strings.ToUpper(name) + " "); err != nil || got.Name != m.Name {
				t.Errorf("Parse(%q) = %q, %v", name, got.Name, err)
			}
		}
		if !strings.HasSuffix(m.Summary, ".") {
			t.Errorf("%s has no sentence", m.Name)
		}
		for _, weaker := range m.Implies {
			at := slices.IndexFunc(all, func(o consistency.Model) bool { return o.Name == weaker })
			if at <= i {
				t.Errorf("%s implies %q, which does not come after it", m.Name, weaker)
			}
		}
	}
}

func TestImplies(t *testing.T) {
	for _, pair := range [][2]string{
		{"strict-serializable", "read-uncommitted"}, {"strict-serializable", "linearizable"}, {"linearizable", "sequential"},
		{"sequential", "PRAM"}, {"serializable", "SI"}, {"SI", "read-committed"}, {"RR", "cursor-stability"}, {"causal", "read-your-writes"},
		{"PSI", "read-atomic"}, {"serializable", "serializable"}, {"strong-SI", "prefix"}, {"causal", "MR"},
		{"causal-convergence", "axiomatic-read-committed"}, {"axiomatic-read-committed", "PL-2"}, {"strong-session-SI", "causal-convergence"},
		{"strong-session-SI", "PRAM"}, {"causal-convergence", "writes-follow-reads"}, {"axiomatic-read-atomic", "read-your-writes"},
	} {
		if !consistency.Implies(pair[0], pair[1]) {
			t.Errorf("%s does not imply %s", pair[0], pair[1])
		}
		if pair[0] != pair[1] && consistency.Implies(pair[1], pair[0]) {
			t.Errorf("%s implies %s", pair[1], pair[0])
		}
	}
	for _, pair := range [][2]string{
		{"serializable", "linearizable"}, {"linearizable", "serializable"}, {"snapshot-isolation", "repeatable-read"},
		{"repeatable-read", "snapshot-isolation"}, {"serializable", "sequential"}, {"nonsense", "PRAM"}, {"PRAM", "nonsense"},
		{"snapshot-isolation", "strong-snapshot-isolation"}, {"causal-convergence", "PRAM"}, {"causal-memory", "causal-convergence"},
		{"snapshot-isolation", "causal-convergence"}, {"axiomatic-read-atomic", "monotonic-reads"}, {"read-committed", "axiomatic-read-committed"},
	} {
		if consistency.Implies(pair[0], pair[1]) {
			t.Errorf("%s implies %s", pair[0], pair[1])
		}
	}
}

func TestFrontiers(t *testing.T) {
	check := func(what string, got []string, want ...string) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	check("strongest", consistency.Strongest("read-committed", "SI", "PRAM", "causal"), "snapshot-isolation", "causal-memory")
	check("weakest", consistency.Weakest("serializable", "SI", "strict-serializable", "linearizable"), "snapshot-isolation", "linearizable")
	check("above", consistency.Above("linearizable"), "strict-serializable")
	check("above two", consistency.Above("serializable", "linearizable"), "strict-serializable", "strong-session-serializable")
	check("above nothing", consistency.Above())
}

func TestDidYouMean(t *testing.T) {
	_, err := consistency.Parse("linearisable")
	if err == nil || !strings.Contains(err.Error(), `did you mean "linearizable"?`) {
		t.Errorf("%v", err)
	}
	if got := consistency.DidYouMean("q", []string{"linearizable"}); got != "" {
		t.Errorf("q is near linearizable: %s", got)
	}
}
