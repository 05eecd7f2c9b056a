package stores

import (
	"bytes"
	"fmt"
	"testing"

	"checker/history"
	"checker/models/consistency"
	"checker/workloads/gen/txns"
)

// load is one that brings clients into conflict.
func load(seed uint64) Params {
	return Params{Options: txns.Options{Keys: 3, WritesPerKey: 8, Uniform: seed%2 == 0, MinLength: int(seed % 3)}, Seed: seed, Txns: 60, Fail: 0.05, Info: 0.05}
}

func jsonl(t *testing.T, s Store, p Params) string {
	t.Helper()
	h, err := Run(s, p)
	if err != nil {
		t.Fatalf("%s: %v", s.Name, err)
	}
	var text bytes.Buffer
	if err := history.WriteHistory(&text, h, history.JSONL); err != nil {
		t.Fatalf("%s: %v", s.Name, err)
	}
	return text.String()
}

func TestSameSeedSameHistory(t *testing.T) {
	for _, s := range All() {
		for _, registers := range []bool{false, true} {
			p := load(7)
			p.Registers = registers
			first := jsonl(t, s, p)
			if jsonl(t, s, p) != first {
				t.Errorf("%s: two runs of one seed differ", s.Name)
			}
			p.Seed++
			if jsonl(t, s, p) == first {
				t.Errorf("%s: two seeds give one history", s.Name)
			}
		}
	}
}

// Every store must get something done, or it proves nothing.
func TestStoresAreBusy(t *testing.T) {
	for _, s := range All() {
		var total history.Counts
		for seed := range uint64(20) {
			h, err := Run(s, load(seed))
			if err != nil {
				t.Fatal(err)
			}
			c := h.Stats().ByF[txns.F]
			total.Invoke += c.Invoke
			total.Ok += c.Ok
			total.Fail += c.Fail
			total.Info += c.Info
		}
		if total.Invoke != 20*60 || total.Ok < total.Invoke/4 || total.Fail == 0 || total.Info == 0 {
			t.Errorf("%s: %+v", s.Name, total)
		}
	}
}

func TestCatalogueSpeaksOfKnownModels(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range All() {
		if seen[s.Name] {
			t.Errorf("%s is there twice", s.Name)
		}
		seen[s.Name] = true
		if _, err := Find(s.Name); err != nil {
			t.Error(err)
		}
		for _, held := range s.Holds {
			for _, broken := range s.Breaks {
				if consistency.Implies(held, broken) {
					t.Errorf("%s holds %s and breaks %s, which it implies", s.Name, held, broken)
				}
			}
		}
		for _, name := range append(append([]string{}, s.Holds...), s.Breaks...) {
			if _, err := consistency.Parse(name); err != nil {
				t.Errorf("%s: %v", s.Name, err)
			}
		}
	}
	if _, err := Find("no such store"); err == nil {
		t.Error("a store was found that is not there")
	}
}

// One transaction after the other on lists, by hand: whatever the seed, the
// strict serializable store returns what a single list would hold.
func TestSerialStoreByHand(t *testing.T) {
	s, err := Find("strict-serializable")
	if err != nil {
		t.Fatal(err)
	}
	p := load(3)
	p.Clients, p.Fail, p.Info = 1, 0, 0
	h, err := Run(s, p)
	if err != nil {
		t.Fatal(err)
	}
	lists := map[int64][]int64{}
	for i := range h.Len() {
		if h.Type(i) != history.Ok {
			continue
		}
		for _, mop := range h.Op(i).Value.Elems() {
			key, _ := mop.Elems()[1].Int()
			if mop.Elems()[0].Text() == "append" {
				n, _ := mop.Elems()[2].Int()
				lists[key] = append(lists[key], n)
				continue
			}
			want := history.Nil
			if len(lists[key]) > 0 {
				want = history.Ints(lists[key]...)
			}
			if got := mop.Elems()[2]; fmt.Sprint(got) != fmt.Sprint(want) {
				t.Fatalf("op %d reads %s of key %d, which holds %s", i, got, key, want)
			}
		}
	}
}
