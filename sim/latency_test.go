package sim

import (
	"math"
	"slices"
	"testing"
	"time"

	"checker/internal/prng"
)

// The distribution is what its comment says: the documented mean, quantiles as
// far from the exponential's as the interpolation explains, all within bounds.
func TestLatencyIsBasePlusExponentialTail(t *testing.T) {
	const n = 200_000
	l := Latency{Base: time.Millisecond, Tail: 2 * time.Millisecond}
	rng := prng.New(1, "latency")
	draws := make([]float64, n)
	var sum float64
	for i := range draws {
		d := l.draw(rng)
		if d < int64(l.Base) || d > int64(l.Base+44*l.Tail) {
			t.Fatalf("drew %v", time.Duration(d))
		}
		draws[i] = float64(d - int64(l.Base))
		sum += draws[i]
	}
	if mean := sum / n / float64(l.Tail); math.Abs(mean-1) > 0.01 {
		t.Errorf("the mean of the tail is %.3f of what was asked for", mean)
	}
	slices.Sort(draws)
	for _, q := range []float64{0.25, 0.5, 0.75, 0.9, 0.99, 0.999} {
		got := draws[int(q*n)] / float64(l.Tail)
		if want := -math.Log(1 - q); math.Abs(got-want) > 0.09*math.Ln2+0.04*want {
			t.Errorf("quantile %v of the tail is %.3f means, want about %.3f", q, got, want)
		}
	}
}

func TestLatencyWithoutTailIsConstant(t *testing.T) {
	l := Latency{Base: time.Millisecond}
	rng := prng.New(1, "latency")
	for range 100 {
		if d := l.draw(rng); d != 1e6 {
			t.Fatalf("drew %d", d)
		}
	}
}
