package weak

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"checker/check"
	"checker/check/txn/micro"
	"checker/history"
	"checker/internal/prng"
)

var histories = flag.Int("histories", 3000, "random histories of each data model for the comparison with brute force")

// randomTxns draws a few transactions in few sessions on two keys, whose reads
// are of what others wrote last, or of nothing, but in no way that any model would
// guarantee.
func randomTxns(rng *rand.Rand, lists bool) []bruteTxn {
	sessions := 1 + rng.IntN(bruteSessions)
	txns := make([]bruteTxn, 2+rng.IntN(4))
	next := 0
	for t := range txns {
		txns[t].session = rng.IntN(sessions)
		for range 1 + rng.IntN(3) {
			op := bruteOp{key: rng.IntN(2), write: rng.IntN(2) == 0}
			if op.write {
				next++
				op.value = next
			}
			txns[t].ops = append(txns[t].ops, op)
		}
	}
	if lists {
		drawLists(rng, txns)
	} else {
		drawRegisters(rng, txns)
	}
	return txns
}

func drawRegisters(rng *rand.Rand, txns []bruteTxn) {
	for t := range txns {
		own := map[int]int{}
		for i := range txns[t].ops {
			op := &txns[t].ops[i]
			if op.write {
				own[op.key] = op.value
				continue
			}
			if v, has := own[op.key]; has {
				op.read = []int{v}
				continue
			}
			var candidates []int
			for u := range txns {
				if v := lastWrite(txns[u], op.key); u != t && v > 0 {
					candidates = append(candidates, v)
				}
			}
			if n := rng.IntN(len(candidates) + 1); n < len(candidates) {
				op.read = []int{candidates[n]}
			}
		}
	}
}

func lastWrite(t bruteTxn, key int) int {
	last := 0
	for _, op := range t.ops {
		if op.write && op.key == key {
			last = op.value
		}
	}
	return last
}

// drawLists orders the transactions for each key and reads prefixes of that.
func drawLists(rng *rand.Rand, txns []bruteTxn) {
	for key := range 2 {
		order := rng.Perm(len(txns))
		if rng.IntN(2) == 0 {
			slices.Sort(order)
		}
		for t := range txns {
			var own []int
			for i := range txns[t].ops {
				op := &txns[t].ops[i]
				switch {
				case op.key != key:
				case op.write:
					own = append(own, op.value)
				default:
					until := slices.Index(order, t)
					if lastWrite(txns[t], key) == 0 {
						until = len(order)
					}
					for _, u := range order[:rng.IntN(until+1)] {
						for _, w := range txns[u].ops {
							if w.write && w.key == key {
								op.read = append(op.read, w.value)
							}
						}
					}
					op.read = append(op.read, own...)
				}
			}
		}
	}
}

// record makes a history of transactions that all commit.
func record(txns []bruteTxn, lists bool) *history.History {
	b := history.NewBuilder()
	for _, t := range txns {
		var asked, done []history.Value
		for _, op := range t.ops {
			f, value := "w", history.Int(int64(op.value))
			if lists {
				f = "append"
			}
			if !op.write {
				f, value = "r", history.Nil
			}
			asked = append(asked, history.Mop(f, history.Int(int64(op.key)), value))
			if len(op.read) > 0 && !lists {
				value = history.Int(int64(op.read[0]))
			} else if len(op.read) > 0 {
				var elems []history.Value
				for _, v := range op.read {
					elems = append(elems, history.Int(int64(v)))
				}
				value = history.Vector(elems...)
			}
			done = append(done, history.Mop(f, history.Int(int64(op.key)), value))
		}
		for i, v := range [][]history.Value{asked, done} {
			op := history.Op{Process: history.Process(t.session), Type: history.Type(i), F: "txn", Value: history.Vector(v...)}
			if err := b.AddOp(op); err != nil {
				panic(err)
			}
		}
	}
	return b.History()
}

func dataModel(lists bool) micro.Model {
	if lists {
		return micro.Lists
	}
	return micro.Registers
}

func judgeAll(t *testing.T, h *history.History, m micro.Model, models ...string) check.Result {
	t.Helper()
	columns, err := micro.Of(h, m)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Check(context.Background(), columns, models...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAgreesWithBruteForce(t *testing.T) {
	for _, lists := range []bool{false, true} {
		rng := prng.New(1, fmt.Sprint("brute", lists))
		valid, invalid := map[string]int{}, map[string]int{}
		for n := range *histories {
			txns := randomTxns(rng, lists)
			b := newBrute(lists, txns)
			h := record(txns, lists)
			for _, model := range Models() {
				want := check.Invalid
				if b.holds(model) {
					want = check.Valid
					valid[model]++
				} else {
					invalid[model]++
				}
				if got := judgeAll(t, h, dataModel(lists), model); got.Verdict != want {
					t.Fatalf("lists %v, history %d: %s is %v by definition\n%v\n%s", lists, n, model, want, txns, got)
				}
			}
			// All at once, the verdicts follow from each other in part.
			all := judgeAll(t, h, dataModel(lists), Models()...)
			if want := b.holds(CausalConvergence) && b.holds(CausalMemory); (all.Verdict == check.Valid) != want {
				t.Fatalf("lists %v, history %d: all models hold is %v\n%v\n%s", lists, n, want, txns, all)
			}
		}
		for _, model := range Models() {
			if valid[model] < *histories/100 || invalid[model] < *histories/100 {
				t.Errorf("lists %v: %s holds in %d and is violated in %d histories: too few of one to tell", lists, model, valid[model], invalid[model])
			}
		}
	}
}
