package txns_test

import (
	"slices"
	"testing"

	"checker/history"
	"checker/workloads/gen"
	"checker/workloads/gen/txns"
)

func TestSourceKeepsItsOptions(t *testing.T) {
	for _, o := range []txns.Options{
		{}, {Keys: 1}, {Keys: 3, WritesPerKey: 2}, {MinLength: 5}, {MinLength: 2, MaxLength: 2, Uniform: true}, {Base: 10},
	} {
		s := txns.New(gen.NewRand(1, "source"), o)
		writes := map[int64]int64{}
		lengths := map[int]bool{}
		for range 2000 {
			mops, rest := s.Next()
			if again, _ := s.Next(); !slices.Equal(again, mops) {
				t.Fatalf("%+v: asked twice, the source answers %v, then %v", o, mops, again)
			}
			if drawn := s.Draw(nil); !slices.Equal(drawn, mops) {
				t.Fatalf("%+v: Next says %v, Draw %v", o, mops, drawn)
			}
			s = rest
			lengths[len(mops)] = true
			for _, m := range mops {
				if !m.Write {
					continue
				}
				if writes[m.Key]++; m.Value != writes[m.Key] {
					t.Fatalf("%+v: write %d of key %d is of %d", o, writes[m.Key], m.Key, m.Value)
				}
			}
		}
		full := 0
		for key, n := range writes {
			if n > int64(s.WritesPerKey) {
				t.Errorf("%+v: key %d is written %d times", o, key, n)
			}
			if n == int64(s.WritesPerKey) {
				full++
			}
		}
		if len(writes)-full > s.Keys || full == 0 {
			t.Errorf("%+v: %d keys, %d of them written out", o, len(writes), full)
		}
		for n := range lengths {
			if n < s.MinLength || n > s.MaxLength {
				t.Errorf("%+v: a transaction of %d", o, n)
			}
		}
		if len(lengths) != s.MaxLength-s.MinLength+1 {
			t.Errorf("%+v: lengths %v", o, lengths)
		}
	}
}

func TestExponentialKeysAreHot(t *testing.T) {
	count := func(o txns.Options) (hot, all int) {
		s := txns.New(gen.NewRand(1, "source"), o)
		for range 5000 {
			for _, m := range s.Draw(nil) {
				all++
				if m.Key == int64(s.Keys-1) {
					hot++
				}
			}
		}
		return hot, all
	}
	o := txns.Options{Keys: 4, WritesPerKey: 1 << 30}
	if hot, all := count(o); hot*100 < all*50 || hot*100 > all*56 { // 8/15
		t.Errorf("the hottest of four keys takes %d of %d", hot, all)
	}
	o.Uniform = true
	if hot, all := count(o); hot*100 < all*23 || hot*100 > all*27 {
		t.Errorf("one of four equal keys takes %d of %d", hot, all)
	}
}

// registers answers transactions from a map.
type registers map[string]history.Value

func (r registers) complete(op history.Op) history.Op {
	var mops []history.Value
	for _, mop := range op.Value.Elems() {
		f, key, value := mop.Elems()[0], mop.Elems()[1], mop.Elems()[2]
		if f.Text() == "r" {
			value = r[key.String()]
		} else {
			r[key.String()] = value
		}
		mops = append(mops, history.Vector(f, key, value))
	}
	op.Type, op.Value = history.Ok, history.Vector(mops...)
	op.Time += gen.Latency
	return op
}

func TestFinalReadsReachEveryKey(t *testing.T) {
	for seed := range uint64(50) {
		o := txns.Options{Keys: 4, WritesPerKey: 3}
		db := registers{}
		load := gen.Phases(
			gen.Clients(gen.Limit(int(10*seed), txns.WR(gen.NewRand(seed, "wr"), o))),
			gen.Clients(txns.FinalReads(o)))
		ops, err := gen.Simulate(load, 3, db.complete)
		if err != nil {
			t.Fatal(err)
		}
		read := map[string]bool{}
		for _, op := range ops[20*seed:] {
			for _, mop := range op.Value.Elems() {
				read[mop.Elems()[1].String()] = true
			}
		}
		for key := range db {
			if !read[key] {
				t.Errorf("seed %d: key %s is never read", seed, key)
			}
		}
	}
}

func TestAppendPrintsAsElleReadsIt(t *testing.T) {
	ops, err := gen.Simulate(gen.Limit(3, txns.Append(gen.NewRand(2, "append"), txns.Options{Keys: 2})), 1, gen.Quick)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{
		"[[:append 1 1] [:append 0 1]]",
		"[[:append 1 2] [:r 1 nil] [:r 0 nil] [:r 0 nil]]",
		"[[:r 1 nil]]",
	} {
		if got := ops[2*i].Value.String(); got != want || ops[2*i].F != "txn" {
			t.Errorf("op %d: %s %s, want %s", i, ops[2*i].F, got, want)
		}
	}
}
