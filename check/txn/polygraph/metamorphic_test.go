package polygraph_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"checker/check"
	"checker/check/txn/polygraph"
	"checker/models/consistency"
)

// weaker fails if a model holds and one that it implies does not.
func weaker(t *testing.T, verdicts map[string]check.Verdict) {
	t.Helper()
	for strong, v := range verdicts {
		for weak, w := range verdicts {
			if v == check.Valid && w == check.Invalid && consistency.Implies(strong, weak) {
				t.Errorf("%s is valid and %s, which it implies, is not", strong, weak)
			}
		}
	}
}

func randomMix(rng *rand.Rand) mix {
	return mix{
		txns: 20 + rng.IntN(100), ops: 1 + rng.IntN(6), keys: 2 + rng.IntN(10), clients: 1 + rng.IntN(6),
		updates: rng.Float64() / 2, writes: rng.Float64() / 2, snapshots: rng.IntN(2) == 0,
		broken: float64(rng.IntN(2)) * 0.03,
	}
}

func judge(t *testing.T, p *polygraph.Problem, model string) check.Verdict {
	t.Helper()
	g, _ := polygraph.Of(model)
	r, err := polygraph.Solve(context.Background(), p, g, polygraph.Options{Steps: 20_000_000})
	if err != nil {
		t.Fatal(err)
	}
	if r.Verdict == check.Valid {
		if why := replay(p, g, r.Schedule); why != "" {
			t.Errorf("%s: %s", model, why)
		}
	}
	return r.Verdict
}

// TestMetamorphic changes what must not matter in histories of some hundred
// transactions, beyond what brute force could judge.
func TestMetamorphic(t *testing.T) {
	invalid := map[string]int{}
	n := cases(t, 200)
	for seed := range n {
		rng := rand.New(rand.NewPCG(uint64(seed), 5))
		m := randomMix(rng)
		p := record(uint64(seed), m)
		verdicts := map[string]check.Verdict{}
		for _, model := range polygraph.Models() {
			verdicts[model] = judge(t, p, model)
			if verdicts[model] == check.Invalid {
				invalid[model]++
			}
			for name, changed := range map[string]*polygraph.Problem{
				"renumbered transactions": renumbered(rng, p), "an untouched key": untouched(p), "keys backwards": backwards(p),
			} {
				if got := judge(t, changed, model); got != verdicts[model] {
					t.Errorf("seed %d: %s turns %s from %v to %v", seed, name, model, verdicts[model], got)
				}
			}
		}
		weaker(t, verdicts)
		if m.broken == 0 {
			if m.snapshots && verdicts["strong-snapshot-isolation"] != check.Valid || !m.snapshots && verdicts["strict-serializable"] != check.Valid {
				t.Errorf("seed %d: what a correct store recorded is %v", seed, verdicts)
			}
		}
	}
	t.Logf("%d histories; invalid: %v", n, invalid)
	for _, model := range polygraph.Models() {
		if invalid[model] < n/20 {
			t.Errorf("%s: only %d of %d are invalid", model, invalid[model], n)
		}
	}
}

func renumbered(rng *rand.Rand, p *polygraph.Problem) *polygraph.Problem {
	to := rng.Perm(len(p.Txns))
	q := &polygraph.Problem{Txns: make([]polygraph.Txn, len(p.Txns))}
	for t, txn := range p.Txns {
		q.Txns[to[t]] = txn
	}
	for _, key := range p.Keys {
		var k polygraph.Key
		for _, w := range key.Writers {
			k.Writers = append(k.Writers, int32(to[w]))
		}
		for _, r := range key.Reads {
			if r.Writer != polygraph.Nobody {
				r.Writer = int32(to[r.Writer])
			}
			k.Reads = append(k.Reads, polygraph.Read{Txn: int32(to[r.Txn]), Writer: r.Writer})
		}
		q.Keys = append(q.Keys, k)
	}
	return q
}

func untouched(p *polygraph.Problem) *polygraph.Problem {
	return &polygraph.Problem{Txns: p.Txns, Keys: append(slices.Clone(p.Keys), polygraph.Key{})}
}

func backwards(p *polygraph.Problem) *polygraph.Problem {
	keys := slices.Clone(p.Keys)
	slices.Reverse(keys)
	return &polygraph.Problem{Txns: p.Txns, Keys: keys}
}
