package stores

import (
	"context"
	"flag"
	"slices"
	"testing"

	"checker/check"
	"checker/check/txn/micro"
	"checker/check/txn/weak"
	"checker/models/consistency"
)

var seeds = flag.Uint64("seeds", 80, "histories of each store and data model that are judged")

// Every store keeps what it promises in every seed, and breaks in some seed what
// it is said to break, as far as check/txn/weak decides it. Models that are
// neither promised nor said to be broken may be either.
func TestStoresKeepAndBreakWeakModels(t *testing.T) {
	for _, s := range All() {
		for _, registers := range []bool{false, true} {
			if registers && s.NoRegisters || !registers && s.NoLists {
				continue
			}
			broken := map[string]int{}
			for seed := range *seeds {
				p := load(seed)
				p.Registers = registers
				for _, m := range judge(t, s, p) {
					broken[m]++
				}
			}
			for _, m := range weak.Models() {
				promised := slices.ContainsFunc(s.Holds, func(held string) bool { return consistency.Implies(held, m) })
				said := slices.Contains(s.Breaks, m)
				switch {
				case promised && broken[m] > 0:
					t.Errorf("%s, registers %v: promises %s and breaks it in %d of %d seeds", s.Name, registers, m, broken[m], *seeds)
				case said && broken[m] == 0:
					t.Errorf("%s, registers %v: never breaks %s in %d seeds", s.Name, registers, m, *seeds)
				}
			}
		}
	}
}

// judge returns the weak models that a history of the store violates.
func judge(t *testing.T, s Store, p Params) []string {
	t.Helper()
	h, err := Run(s, p)
	if err != nil {
		t.Fatal(err)
	}
	model := micro.Lists
	if p.Registers {
		model = micro.Registers
	}
	columns, err := micro.Of(h, model)
	if err != nil {
		t.Fatalf("%s, seed %d: %v", s.Name, p.Seed, err)
	}
	var broken []string
	for _, m := range weak.Models() {
		r, err := weak.Check(context.Background(), columns, m)
		switch {
		case err != nil:
			t.Fatal(err)
		case r.Verdict == check.Unknown:
			t.Errorf("%s, seed %d: %s is unknown: %s", s.Name, p.Seed, m, r.Reason)
		case r.Verdict == check.Invalid:
			broken = append(broken, m)
		}
	}
	return broken
}
