package polygraph_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"checker/check"
	"checker/check/txn/polygraph"
)

// TestDrafts expects a schedule without search of what stores recorded that keep
// their promise, beyond what brute force could judge, and of stores that break it
// now and then none that is wrong.
func TestDrafts(t *testing.T) {
	found, broken := 0, 0
	n := cases(t, 200)
	for seed := range n {
		rng := rand.New(rand.NewPCG(uint64(seed), 8))
		m := randomMix(rng)
		m.txns *= 5
		m.bySession = rng.IntN(4) == 0
		model := "strong-session-serializable"
		if m.snapshots {
			model = "strong-session-snapshot-isolation"
		}
		p, g := record(uint64(seed), m), guarantee(model)
		points, err := polygraph.Draft(context.Background(), p, g)
		if err != nil {
			t.Fatal(err)
		}
		if m.broken > 0 {
			broken++
		} else if points != nil {
			found++
		}
		if points != nil {
			if why := replay(p, g, points); why != "" {
				t.Fatalf("seed %d: %s", seed, why)
			}
		}
	}
	if found < (n-broken)*99/100 {
		t.Errorf("%d drafts of %d came to an end", found, n-broken)
	}
}

func guarantee(model string) polygraph.Guarantee {
	g, _ := polygraph.Of(model)
	return g
}

// TestReplay moves points of good schedules about, and expects two programs that
// execute schedules to agree on what comes of it.
func TestReplay(t *testing.T) {
	good, bad := 0, 0
	for seed := range cases(t, 1000) {
		rng := rand.New(rand.NewPCG(uint64(seed), 9))
		p, readable := pose(randomHistory(seed))
		if !readable {
			continue
		}
		g := guarantee(polygraph.Models()[seed%len(polygraph.Models())])
		points, err := polygraph.Draft(context.Background(), p, g)
		if err != nil {
			t.Fatal(err)
		}
		for range 10 {
			if len(points) < 2 {
				break
			}
			moved := slices.Clone(points)
			from, to := rng.IntN(len(moved)), rng.IntN(len(moved))
			point := moved[from]
			moved = slices.Insert(slices.Delete(moved, from, from+1), to, point)
			want, got := replay(p, g, moved), polygraph.Replay(p, g, moved)
			if (want == "") != (got == "") {
				t.Fatalf("seed %d: %q, here %q:\n%+v\n%+v %+v", seed, want, got, p, g, moved)
			}
			if want == "" {
				good++
			} else {
				bad++
			}
		}
	}
	if good < 500 || bad < 500 {
		t.Errorf("only %d good and %d bad ones", good, bad)
	}
}

// TestCores expects histories of which a transaction or two are wrong to be
// decided by what a draft got stuck on: in fewer steps than the search looks at
// edges.
func TestCores(t *testing.T) {
	verdicts := map[check.Verdict]int{}
	for seed := range uint64(30) {
		m := mix{txns: 600, ops: 6, keys: 60, clients: 10, writes: 0.4, updates: 0.1, broken: 0.004, snapshots: seed%2 == 0}
		model := "strong-session-serializable"
		if m.snapshots {
			model = "strong-session-snapshot-isolation"
		}
		p := record(seed, m)
		r, err := polygraph.Solve(context.Background(), p, guarantee(model), polygraph.Options{Steps: 5000})
		if err != nil {
			t.Fatal(err)
		}
		verdicts[r.Verdict]++
		if r.Verdict == check.Invalid {
			if why := refute(p, guarantee(model), r.Witness); why != "" {
				t.Errorf("seed %d: %s", seed, why)
			}
		}
	}
	if verdicts[check.Invalid] < 15 || verdicts[check.Unknown] > 1 {
		t.Errorf("%v", verdicts)
	}
}
