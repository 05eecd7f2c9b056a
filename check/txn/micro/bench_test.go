package micro_test

import (
	"testing"

	"checker/check/txn/micro"
)

func BenchmarkOf(b *testing.B) {
	h := synthetic(b, 1_000_000).History
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		if _, err := micro.Of(h, micro.Lists); err != nil {
			b.Fatal(err)
		}
	}
}
