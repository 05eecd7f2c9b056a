package txn_test

import (
	"context"
	"flag"
	"fmt"
	"runtime"
	"testing"

	"checker/check"
	"checker/check/txn"
	"checker/check/txn/micro"
	"checker/check/txn/stores"
)

var benchTxns = flag.Int("txns", 100_000, "transactions of the histories of benchmarks")

// BenchmarkCheck judges histories of a strictly serializable store, and of one
// whose transactions are stale now and then: 1 to 4 micro-ops, ten active keys.
func BenchmarkCheck(b *testing.B) {
	strict, registers := txn.Options{}, txn.Options{Model: micro.Registers}
	wfr, linearizable := registers, registers
	// Cycles of what is known, which is what Elle looks for; a consistency model
	// would have the order of the other versions searched too.
	wfr.WFRKeys, wfr.Anomalies = true, []string{"G2"}
	linearizable.LinearizableKeys, linearizable.Anomalies = true, []string{"G2-realtime"}
	for _, bench := range []struct {
		name    string
		store   string
		params  stores.Params
		options txn.Options
		want    check.Verdict
	}{
		{"lists/c=20", "strict-serializable", stores.Params{Clients: 20}, strict, check.Valid},
		{"lists/c=100", "strict-serializable", stores.Params{Clients: 100}, strict, check.Valid},
		{"lists/stale", "strict-serializable", stores.Params{Clients: 20, Stale: 0.01}, strict, check.Invalid},
		{"registers/wfr-keys", "strict-serializable", stores.Params{Clients: 20}, wfr, check.Valid},
		{"registers/linearizable-keys", "strict-serializable", stores.Params{Clients: 20}, linearizable, check.Valid},
	} {
		b.Run(fmt.Sprintf("%s/%d", bench.name, *benchTxns), func(b *testing.B) {
			s, err := stores.Find(bench.store)
			if err != nil {
				b.Fatal(err)
			}
			p := bench.params
			p.Txns, p.Registers, p.Fail, p.Info = *benchTxns, bench.options.Model == micro.Registers, 0.01, 0.005
			p.WritesPerKey = 32
			h, err := stores.Run(s, p)
			if err != nil {
				b.Fatal(err)
			}
			c, err := txn.New(bench.options)
			if err != nil {
				b.Fatal(err)
			}
			runtime.GC()
			b.ReportAllocs()
			b.ResetTimer()
			for b.Loop() {
				if r := check.Run(context.Background(), c, h); r.Verdict != bench.want {
					b.Fatalf("%v (%s): %s", r.Verdict, r.Reason, draw(r, false))
				}
			}
		})
	}
}
