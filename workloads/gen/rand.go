package gen

import (
	"math"
	"math/bits"

	"checker/internal/prng"
)

// Rand is a stream of randomness that is a value: a copy goes on from where it was
// copied, and leaves the original where it is. That is what a generator needs
// that must answer the same when it is asked again. It is SplitMix64: a counter,
// mixed (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
type Rand uint64

// NewRand returns the stream called name under a seed.
func NewRand(seed uint64, name string) Rand { return Rand(prng.Derive(seed, name)) }

// Split returns a stream of its own for a part with a number, such as a key's.
func (r Rand) Split(n int64) Rand {
	at := r ^ Rand(uint64(n)*0xd1342543de82ef95)
	return Rand(at.Uint64())
}

// Uint64 returns 64 random bits.
func (r *Rand) Uint64() uint64 {
	*r += 0x9e3779b97f4a7c15
	x := uint64(*r)
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Int64N returns a number from 0 up to n-1, each as likely. n must be at least 1.
func (r *Rand) Int64N(n int64) int64 {
	if n <= 0 {
		panic("gen: a number below 1 cannot be drawn")
	}
	// Lemire's method: the product's upper half is the number, and the few products
	// that would favour some numbers are drawn anew.
	bound := uint64(n)
	hi, lo := bits.Mul64(r.Uint64(), bound)
	for unfair := -bound % bound; lo < unfair; {
		hi, lo = bits.Mul64(r.Uint64(), bound)
	}
	return int64(hi)
}

// IntN returns a number from 0 up to n-1, each as likely. n must be at least 1.
func (r *Rand) IntN(n int) int { return int(r.Int64N(int64(n))) }

// Float64 returns a number from 0 to below 1.
func (r *Rand) Float64() float64 { return float64(r.Uint64()>>11) / (1 << 53) }

// Bool returns true or false, as likely.
func (r *Rand) Bool() bool { return r.Uint64()>>63 == 1 }

// Exp returns an exponentially distributed number with mean 1.
func (r *Rand) Exp() float64 { return -math.Log(1 - r.Float64()) }
