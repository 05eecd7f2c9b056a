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
