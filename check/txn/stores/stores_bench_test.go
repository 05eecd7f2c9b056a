package stores

import "testing"

func BenchmarkRun(b *testing.B) {
	s, err := Find("strict-serializable")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Run(s, Params{Txns: 100_000, Clients: 20, Fail: 0.01, Info: 0.005}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100_000, "ns/txn")
}
