package txn_test

import (
	"context"
	"flag"
	"slices"
	"testing"

	"checker/check"
	"checker/check/txn"
	"checker/check/txn/micro"
	"checker/check/txn/stores"
	"checker/check/txn/weak"
	"checker/workloads/gen/txns"
)

var storeSeeds = flag.Uint64("store-seeds", 24, "histories of each store and data model that are judged")

// No store is ever found to violate what it promises. On lists, whose order of
// versions is known, each is found to violate in some seed what it breaks, except
// for the weak models, which check/txn/stores itself holds against check/txn/weak.
func TestStoresKeepAndBreakModels(t *testing.T) {
	for _, s := range stores.All() {
		for _, registers := range []bool{false, true} {
			if registers && s.NoRegisters || !registers && s.NoLists {
				continue
			}
			for _, m := range s.Holds {
				if n := judgeStore(t, s, registers, m)[check.Invalid]; n > 0 {
					t.Errorf("%s, registers %v: promises %s and breaks it in %d of %d seeds", s.Name, registers, m, n, *storeSeeds)
				}
			}
			for _, m := range s.Breaks {
				if registers || slices.Contains(weak.Models(), m) {
					continue
				}
				if seen := judgeStore(t, s, registers, m); seen[check.Invalid] == 0 {
					t.Errorf("%s: never breaks %s: %v", s.Name, m, seen)
				}
			}
		}
	}
}

func judgeStore(t *testing.T, s stores.Store, registers bool, model string) map[check.Verdict]int {
	t.Helper()
	o := txn.Options{ConsistencyModels: []string{model}}
	if registers {
		o.Model = micro.Registers
	}
	c, err := txn.New(o)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[check.Verdict]int{}
	for seed := range *storeSeeds {
		h, err := stores.Run(s, stores.Params{Options: txns.Options{Keys: 3, WritesPerKey: 8, Uniform: seed%2 == 0, MinLength: int(seed % 3)}, Seed: seed, Txns: 60,
			Registers: registers, Fail: 0.05, Info: 0.05})
		if err != nil {
			t.Fatal(err)
		}
		seen[check.Run(context.Background(), c, h).Verdict]++
	}
	return seen
}
