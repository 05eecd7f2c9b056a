package online_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"checker/check/linear"
	"checker/check/session"
	"checker/history"
	"checker/models"
)

// TestChangesThatCannotBreak changes histories in ways that say nothing new. Other names
// keep every verdict; ops that are wider, and crashed ones less that nobody observed,
// keep a valid history valid. It holds for the checks of whole histories and for the
// streams.
func TestChangesThatCannotBreak(t *testing.T) {
	for i, s := range append(slices.Clone(streams), unstreamed()...) {
		t.Run(s.kind+" by "+s.batch.Name(), func(t *testing.T) {
			t.Parallel()
			changed := map[string]int{}
			for seed := range cases(t) / 6 {
				rng := rand.New(rand.NewPCG(uint64(seed), uint64(100+i)))
				rows := randomRows(rng, s.kind, 10)
				before := invalid(t, s.batch, rows)
				for name, change := range map[string]func(*rand.Rand, []history.Op) []history.Op{
					"other values": renameValues, "other processes": renameProcesses, "a wider op": widen, "an unobserved crashed op less": dropUnobserved,
				} {
					if name == "an unobserved crashed op less" && (s.kind == "mutex" || s.kind == "semaphore") {
						continue // what anybody may release is observed by releases
					}
					after := change(rng, clone(rows))
					if after == nil || before && (name == "a wider op" || name == "an unobserved crashed op less") {
						continue
					}
					changed[name]++
					if got := invalid(t, s.batch, after); got != before {
						t.Fatalf("seed %d: invalid: %v, with %s: %v:\n%s\n%s", seed, before, name, got, show(rows), show(after))
					}
					if s.stream == nil {
						continue
					}
					if stream := s.stream(); feed(stream, after) >= 0 != before && stream.GaveUp() == "" {
						t.Fatalf("seed %d: invalid: %v, but not so the stream with %s:\n%s\n%s", seed, before, name, show(rows), show(after))
					}
				}
			}
			t.Log(changed)
			for _, name := range []string{"other values", "other processes", "a wider op"} {
				if changed[name] < cases(t)/50 {
					t.Errorf("%s: only %d changes", name, changed[name])
				}
			}
		})
	}
}

// unstreamed are further checks of the same kinds of histories. To a safe register an
// unobserved crashed write is an excuse, so that one is left out.
func unstreamed() []judged {
	list := []judged{
		{kind: "queue", batch: linear.New(models.Queue(), linear.Options{})},
		{kind: "unique-ids", batch: linear.New(models.UniqueIDs(), linear.Options{})},
	}
	for _, name := range session.Models() {
		if name != session.Safe && name != session.DeltaAtomic {
			list = append(list, judged{kind: "register", batch: session.New(models.CASRegister(), session.Options{Require: []string{name}})})
		}
	}
	return list
}

func clone(rows []history.Op) []history.Op { return slices.Clone(rows) }

// renameValues maps numbers to others, in the same order, far apart.
func renameValues(_ *rand.Rand, rows []history.Op) []history.Op {
	var rename func(v history.Value) history.Value
	rename = func(v history.Value) history.Value {
		if n, ok := v.Int(); ok {
			return history.Int(1_000_003 * (n + 5))
		}
		if v.Kind() != history.KindVector {
			return v
		}
		elems := slices.Clone(v.Elems())
		for i := range elems {
			elems[i] = rename(elems[i])
		}
		return history.Vector(elems...)
	}
	for i := range rows {
		rows[i].Value = rename(rows[i].Value)
	}
	return rows
}

// renameProcesses gives processes other numbers, in the opposite order.
func renameProcesses(_ *rand.Rand, rows []history.Op) []history.Op {
	for i := range rows {
		rows[i].Process = 1000 - 7*rows[i].Process
	}
	return rows
}

// widen lets an invocation go before a completion that it stood right behind, so that
// two ops are concurrent which were not.
func widen(rng *rand.Rand, rows []history.Op) []history.Op {
	for range 20 {
		i := rng.IntN(len(rows) - 1)
		a, b := &rows[i], &rows[i+1]
		if a.Type != history.Invoke && b.Type == history.Invoke && a.Process != b.Process {
			*a, *b = *b, *a
			a.Index, b.Index = i, i+1
			return rows
		}
	}
	return nil
}

// dropUnobserved leaves out a crashed op: one that only looks, or one whose value nobody
// saw. It is nil where there is none.
func dropUnobserved(_ *rand.Rand, rows []history.Op) []history.Op {
	for end, op := range rows {
		if op.Type != history.Info || op.F == "release" || op.F == "dequeue" {
			continue
		}
		begin := end
		for rows[begin].Process != op.Process || rows[begin].Type != history.Invoke {
			begin--
		}
		if op.F != "read" && op.F != "acquire" && op.F != "generate" && op.F != "inc" && seen(rows, begin, end) {
			continue
		}
		return slices.Delete(slices.Delete(rows, end, end+1), begin, begin+1)
	}
	return nil
}

// seen reports whether any other op mentions the value that the op of two rows made.
func seen(rows []history.Op, begin, end int) bool {
	made := rows[begin].Value
	if _, last, pair := made.Pair(); pair {
		made = last
	}
	for i, o := range rows {
		if i != begin && i != end && (o.Value.Equal(made) || slices.ContainsFunc(o.Value.Elems(), made.Equal)) {
			return true
		}
	}
	return false
}
