package brute

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
)

// cases is how many random histories a test tries: CHECKER_TXN_CASES, else few.
func cases(t testing.TB, few int) int {
	text := os.Getenv("CHECKER_TXN_CASES")
	if text == "" {
		return few
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("CHECKER_TXN_CASES: %v", err)
	}
	return n
}

func randomShape(rng *rand.Rand) Shape {
	return Shape{Lists: rng.IntN(2) == 0, Txns: 5, Ops: 3, Keys: 1 + rng.IntN(3), Processes: 1 + rng.IntN(4), Dense: rng.IntN(2) == 0}
}

// twins are definitions of one model that have nothing in common: the literature
// proves them equal, and so the code of both is right or wrong in the same way.
// It does so for registers; of lists, commit orders take a read to show more.
var twins = []struct {
	model     string
	theirs    definition
	registers bool
}{
	{"serializable", definition{explain: axioms{total: true, before: none}.explain}, false},
	{"strong-session-serializable", definition{explain: axioms{total: true, before: session}.explain}, false},
	{"strict-serializable", definition{explain: axioms{total: true, before: both}.explain}, false},
	{"serializable", definition{explain: level(repeatableRead).explain, ownSeen: true}, false},
	{"snapshot-isolation", definition{explain: axioms{prefix: true, noConflict: true, before: none}.explain}, false},
	{"strong-session-snapshot-isolation", definition{explain: axioms{prefix: true, noConflict: true, before: session}.explain}, false},
	{"strong-snapshot-isolation", definition{explain: axioms{prefix: true, noConflict: true, before: both}.explain}, false},
	{"snapshot-isolation", definition{explain: level(snapshotIsolation).explain, ownSeen: true}, false},
	{"axiomatic-read-atomic", definition{explain: axioms{before: session}.explain}, true},
	{"causal-convergence", definition{explain: axioms{transitive: true, before: session}.explain}, true},
}

// TestDefinitionsAgree compares, on random histories, the definitions that are
// proved to be equal.
func TestDefinitionsAgree(t *testing.T) {
	for seed := range cases(t, 3000) {
		rng := rand.New(rand.NewPCG(uint64(seed), 1))
		shape := randomShape(rng)
		h := Random(rng, shape)
		for i, twin := range twins {
			if shape.Lists && twin.registers {
				continue
			}
			want, got := Judge(h, twin.model), twin.theirs.judge(h)
			if got != Undefined && got != want {
				t.Fatalf("seed %d: %s %v, by its twin %d it %v:\n%s", seed, twin.model, want, i, got, h)
			}
		}
	}
}

// implied lists which model implies which by definition. The weaker of a rare
// pair holds alone in few random histories, such as a long fork: the goldens in
// testdata show those. Without predicates, repeatable-read is no weaker.
var implied = []struct {
	strong, weak string
	rare         bool
}{
	{"strict-serializable", "strong-session-serializable", false},
	{"strong-session-serializable", "serializable", false},
	{"strict-serializable", "strong-snapshot-isolation", false},
	{"strong-session-serializable", "strong-session-snapshot-isolation", false},
	{"serializable", "snapshot-isolation", false},
	{"serializable", "repeatable-read", true},
	{"serializable", "update-serializable", true},
	{"strong-snapshot-isolation", "strong-session-snapshot-isolation", false},
	{"strong-session-snapshot-isolation", "snapshot-isolation", false},
	{"strong-session-snapshot-isolation", "causal-convergence", false},
	{"snapshot-isolation", "parallel-snapshot-isolation", true},
	{"snapshot-isolation", "prefix", false},
	{"snapshot-isolation", "consistent-view", true},
	{"parallel-snapshot-isolation", "causal-transactions", false},
	{"parallel-snapshot-isolation", "update-atomic", false},
	{"parallel-snapshot-isolation", "consistent-view", true},
	{"prefix", "causal-transactions", true},
	{"causal-transactions", "read-atomic", true},
	{"update-atomic", "read-atomic", false},
	{"update-serializable", "consistent-view", false},
	{"repeatable-read", "read-committed", false},
	{"consistent-view", "read-committed", false},
	{"causal-convergence", "axiomatic-read-atomic", false},
	{"axiomatic-read-atomic", "axiomatic-read-committed", false},
}

// TestImplications checks the lattice on random histories, and that each
// implication is proper: some history satisfies only the weaker model.
func TestImplications(t *testing.T) {
	apart := make([]int, len(implied))
	held := map[string]int{}
	n := cases(t, 3000)
	for seed := range n {
		rng := rand.New(rand.NewPCG(uint64(seed), 2))
		h := Random(rng, randomShape(rng))
		answers := map[string]Answer{}
		for _, m := range Models() {
			answers[m] = Judge(h, m)
			if answers[m] == Holds {
				held[m]++
			}
		}
		for i, pair := range implied {
			strong, weak := answers[pair.strong], answers[pair.weak]
			if strong == Holds && weak == Broken {
				t.Fatalf("seed %d: %s holds and %s does not:\n%s", seed, pair.strong, pair.weak, h)
			}
			if strong == Broken && weak == Holds {
				apart[i]++
			}
		}
	}
	for i, pair := range implied {
		if apart[i] == 0 && !pair.rare {
			t.Errorf("no history separates %s from %s", pair.strong, pair.weak)
		}
	}
	for _, m := range Models() {
		if held[m] < n/10 || held[m] > n*99/100 {
			t.Errorf("%s holds in %d of %d histories: the sample is lopsided", m, held[m], n)
		}
	}
}
