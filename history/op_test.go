package history

import (
	"math"
	"testing"
)

func TestSeconds(t *testing.T) {
	for ns, want := range map[int64]string{
		0: "0.000000000", 1: "0.000000001", 1_250_000_000: "1.250000000", 999_999_999: "0.999999999",
		-1: "-0.000000001", -2_000_000_001: "-2.000000001",
		math.MaxInt64: "9223372036.854775807", math.MinInt64: "-9223372036.854775808",
	} {
		if got := Seconds(ns); got != want {
			t.Errorf("%d ns are %s s, want %s", ns, got, want)
		}
	}
}
