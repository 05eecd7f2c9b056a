package gen

import (
	"math"
	"sort"
)

// Distribution says how likely each of the numbers 0 to n-1 is, such as the number
// of a key. It is made once and drawn from with any [Rand].
type Distribution struct {
	n     int
	below []float64 // for each number, how likely it or a smaller one is; nil when all are as likely
}

// Uniform makes the numbers from 0 to n-1 equally likely.
func Uniform(n int) Distribution { return Distribution{n: max(1, n)} }

// Exponential makes each number base times as likely as the one before, so that of
// n keys the last are hot. Jepsen's transactions use a base of 2.
func Exponential(n int, base float64) Distribution {
	return weigh(n, func(i int) float64 { return math.Pow(base, float64(i-n+1)) })
}

// Zipf makes number i as likely as 1/(i+1)^s is in proportion, so that of n keys
// the first are hot. YCSB's skew is s = 0.99.
func Zipf(n int, s float64) Distribution {
	return weigh(n, func(i int) float64 { return math.Pow(float64(i+1), -s) })
}

func weigh(n int, weight func(i int) float64) Distribution {
	n = max(1, n)
	below := make([]float64, n)
	sum := 0.0
	for i := range below {
		sum += weight(i)
		below[i] = sum
	}
	for i := range below {
		below[i] /= sum
	}
	return Distribution{n: n, below: below}
}

// Draw returns one of the numbers, and the stream after it.
func (d Distribution) Draw(r Rand) (int, Rand) {
	if d.below == nil {
		i := r.IntN(d.n)
		return i, r
	}
	x := r.Float64()
	return min(sort.Search(d.n, func(i int) bool { return d.below[i] > x }), d.n-1), r
}
