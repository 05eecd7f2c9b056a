package linear_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"checker/check"
	"checker/check/linear"
	"checker/history"
	"checker/models"
)

// TestChangesThatCannotBreak changes valid histories in ways that keep them
// valid, and renames values, which keeps every verdict.
func TestChangesThatCannotBreak(t *testing.T) {
	c := linear.New(models.CASRegister(), linear.Options{})
	verdict := func(acts []act) check.Verdict {
		return check.Run(context.Background(), c, record(t, acts)).Verdict
	}
	valid := 0
	for seed := range cases(t) / 20 {
		rng := rand.New(rand.NewPCG(uint64(seed), 4))
		acts := randomActs(rng, 10, seed%3 != 0)
		before := verdict(acts)
		if renamed := verdict(rename(acts)); renamed != before {
			t.Fatalf("seed %d: %v, with values renamed %v:\n%s", seed, before, renamed, dump(record(t, acts)))
		}
		if before != check.Valid {
			continue
		}
		valid++
		for name, change := range map[string]func(*rand.Rand, []act) []act{
			"an op that is wider": widen, "a read less": dropRead, "an unobserved crashed op less": dropCrashed, "an ok op that crashed": crash,
		} {
			if changed := change(rng, slices.Clone(acts)); verdict(changed) != check.Valid {
				t.Fatalf("seed %d: valid, but invalid with %s:\n%s\n%s", seed, name, dump(record(t, acts)), dump(record(t, changed)))
			}
		}
	}
	if valid < cases(t)/100 {
		t.Errorf("only %d valid histories", valid)
	}
}

// rename maps values one to one.
func rename(acts []act) []act {
	out := slices.Clone(acts)
	for i := range out {
		for _, x := range []*int64{&out[i].a, &out[i].b} {
			if *x != null {
				*x = 1_000_003 * (*x + 5) // far apart, so that numbers are looked up
			}
		}
	}
	return out
}

// widen lets one op begin before everything or end after everything.
func widen(rng *rand.Rand, acts []act) []act {
	i := rng.IntN(len(acts))
	last := 0
	for j := range acts {
		acts[j].inv++
		acts[j].res++
		last = max(last, acts[j].res)
	}
	if rng.IntN(2) == 0 {
		acts[i].inv = 0
	} else {
		acts[i].res = last + 1
	}
	return acts
}

func dropRead(_ *rand.Rand, acts []act) []act {
	i := slices.IndexFunc(acts, func(a act) bool { return a.f == "read" })
	return without(acts, i)
}

func dropCrashed(_ *rand.Rand, acts []act) []act {
	i := slices.IndexFunc(acts, func(a act) bool {
		made := a.a
		if a.f == "cas" {
			made = a.b
		}
		return a.outcome == history.Info && a.f != "read" &&
			!slices.ContainsFunc(acts, func(o act) bool { return o.f != "write" && o.a == made })
	})
	return without(acts, i)
}

// crash forgets how an op ended.
func crash(rng *rand.Rand, acts []act) []act {
	if i := rng.IntN(len(acts)); acts[i].outcome == history.Ok {
		acts[i].outcome = history.Info
	}
	return acts
}

func without(acts []act, i int) []act {
	if i < 0 || len(acts) == 1 {
		return acts
	}
	return slices.Delete(acts, i, i+1)
}
