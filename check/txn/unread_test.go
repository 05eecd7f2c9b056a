package txn_test

import (
	"context"
	"testing"

	"checker/check"
	"checker/check/txn"
)

// TestUnreadAppendsAreNotIgnored: T1 and T2 skew, so that the history is not
// serializable, and whether it is snapshot isolated depends on the order of
// appends to u and v that nobody read.
func TestUnreadAppendsAreNotIgnored(t *testing.T) {
	h, err := shorthand([]string{"0 ok rxay1", "0 ok ryax1", "0 ok au1", "0 ok au2"}, true, false)
	if err != nil {
		t.Fatal(err)
	}
	c, err := txn.New(txn.Options{ConsistencyModels: []string{"snapshot-isolation"}})
	if err != nil {
		t.Fatal(err)
	}
	if r := check.Run(context.Background(), c, h); r.Verdict != check.Valid || len(r.ConsistencyModels.Holds) == 0 {
		t.Errorf("%v: %s", r.Verdict, draw(r, true))
	}
}

// TestUnreadAppendsConflict: T1 and T2 each missed what the other wrote, so that
// they overlap, and both appended to u, which nobody read. Whoever was first, the
// other overwrote it unseen.
func TestUnreadAppendsConflict(t *testing.T) {
	for _, c := range []struct {
		model string
		lines []string
		want  check.Verdict
	}{
		{"snapshot-isolation", []string{"0 ok rxay1au1", "0 ok ryax1au2"}, check.Invalid},
		{"parallel-snapshot-isolation", []string{"0 ok rxay1au1", "0 ok ryax1au2"}, check.Invalid},
		{"prefix", []string{"0 ok rxay1au1", "0 ok ryax1au2"}, check.Valid},
		{"snapshot-isolation", []string{"0 ok rxay1au1", "0 ok ryax1av2"}, check.Valid},
	} {
		h, err := shorthand(c.lines, true, false)
		if err != nil {
			t.Fatal(err)
		}
		checker, err := txn.New(txn.Options{ConsistencyModels: []string{c.model}})
		if err != nil {
			t.Fatal(err)
		}
		if r := check.Run(context.Background(), checker, h); r.Verdict != c.want {
			t.Errorf("%s of %v: %s", c.model, c.lines, draw(r, true))
		}
	}
}
