package polygraph_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"checker/check"
	"checker/check/txn/polygraph"
)

// FuzzSolve decides arbitrary problems under every guarantee: what is decided is
// proved, what is malformed is said to be, and a stronger guarantee never holds
// where a weaker one does not.
func FuzzSolve(f *testing.F) {
	for seed := range 20 {
		rng := rand.New(rand.NewPCG(uint64(seed), 4))
		data := make([]byte, 20+rng.IntN(100))
		for i := range data {
			data[i] = byte(rng.Uint32())
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p := arbitrary(data)
		verdicts := map[string]check.Verdict{}
		for _, model := range polygraph.Models() {
			g, _ := polygraph.Of(model)
			r, err := polygraph.Solve(context.Background(), p, g, polygraph.Options{Steps: 1 << 20})
			verdicts[model] = r.Verdict
			if err != nil {
				if r.Verdict != check.Unknown {
					t.Errorf("%v, yet %v", err, r.Verdict)
				}
				continue
			}
			if r.Verdict == check.Unknown {
				continue
			}
			if why := prove(p, g, r); why != "" {
				t.Errorf("%s: %s:\n%+v\n%+v", model, why, p, r)
			}
		}
		weaker(t, verdicts)
	})
}

// arbitrary reads a problem of at most 8 transactions and 3 keys, which may be
// malformed, from bytes.
func arbitrary(data []byte) *polygraph.Problem {
	next := func(n int) int {
		if len(data) == 0 {
			return 0
		}
		b := int(data[0])
		data = data[1:]
		return b % n
	}
	p := &polygraph.Problem{Keys: make([]polygraph.Key, 1+next(3))}
	n := 1 + next(8)
	for i := range n {
		inv := int32(4*i + next(3))
		txn := polygraph.Txn{Session: int32(next(4)) - 1, Inv: inv, End: inv + 1 + 4*int32(next(4))}
		if next(8) == 0 {
			txn.End = polygraph.Never
		}
		p.Txns = append(p.Txns, txn)
	}
	for k := range p.Keys {
		key := &p.Keys[k]
		for t := range n {
			if next(2) == 0 {
				key.Writers = append(key.Writers, int32(t))
			}
		}
		for t := range n {
			if w := next(n+2) - 1; w != t && next(2) == 0 && (w == -1 || len(key.Writers) > 0) {
				writer := polygraph.Nobody
				if w >= 0 {
					writer = key.Writers[w%len(key.Writers)]
				}
				key.Reads = append(key.Reads, polygraph.Read{Txn: int32(t), Writer: writer})
			}
		}
		if len(key.Writers) > 1 && next(4) == 0 {
			key.Prefix = key.Writers[:1+next(len(key.Writers))]
		}
		if len(key.Writers) > 1 && next(4) == 0 {
			key.Order = append(key.Order, [2]int32{key.Writers[next(len(key.Writers))], key.Writers[0]})
		}
	}
	return p
}
