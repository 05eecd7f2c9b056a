package longfork_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"checker/check"
	"checker/check/longfork"
	"checker/history"
)

// TestAgreesWithAllPairs compares the check with a look at every pair of reads and
// every pair of keys, on random small histories.
func TestAgreesWithAllPairs(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	seen := map[check.Verdict]int{}
	for range 20_000 {
		reads := make([]map[int]bool, 2+rng.IntN(4)) // by key, whether it is there
		order := rng.Perm(5)
		b := history.NewBuilder()
		for i := range reads {
			reads[i] = map[int]bool{}
			cut := rng.IntN(6)
			var in, out []history.Value
			for at, key := range order {
				if rng.IntN(3) == 0 {
					continue
				}
				reads[i][key] = (at < cut) != (rng.IntN(12) == 0)
				value := history.Nil
				if reads[i][key] {
					value = history.Int(1)
				}
				in = append(in, history.Mop("r", history.Int(int64(key)), history.Nil))
				out = append(out, history.Mop("r", history.Int(int64(key)), value))
			}
			if len(in) == 0 {
				continue
			}
			for _, op := range []history.Op{{Type: history.Invoke, Value: history.Vector(in...)}, {Type: history.Ok, Value: history.Vector(out...)}} {
				op.F = "read"
				if err := b.AddOp(op); err != nil {
					t.Fatal(err)
				}
			}
		}
		got := check.Run(context.Background(), longfork.New(longfork.Options{}), b.History())
		want := check.Valid
		if forked(reads) {
			want = check.Invalid
		}
		if got.Verdict == check.Unknown && want == check.Valid {
			continue // nothing could be told apart
		}
		seen[want]++
		if got.Verdict != want {
			t.Fatalf("%v: want %v\n%v", reads, want, got)
		}
	}
	if seen[check.Valid] < 1000 || seen[check.Invalid] < 1000 {
		t.Errorf("the histories prove little: %v", seen)
	}
}

func forked(reads []map[int]bool) bool {
	for _, r := range reads {
		for _, s := range reads {
			for a, rHasA := range r {
				for b, rHasB := range r {
					sHasA, sReadA := s[a]
					sHasB, sReadB := s[b]
					if sReadA && sReadB && rHasA && !rHasB && !sHasA && sHasB {
						return true
					}
				}
			}
		}
	}
	return false
}
