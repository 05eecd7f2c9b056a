package prng

import "math/rand/v2"

// Constants of 64-bit FNV-1a (offset basis, prime) and of SplitMix64 (the
// golden-ratio increment and Stafford's variant 13 multipliers).
const (
	fnvOffset   = 0xcbf29ce484222325
	fnvPrime    = 0x100000001b3
	goldenGamma = 0x9e3779b97f4a7c15
	stafford1   = 0xbf58476d1ce4e5b9
	stafford2   = 0x94d049bb133111eb
)

// New returns the stream called name under seed: a PCG generator that no other
// name shares. Two calls with the same arguments return equal, separate streams.
func New(seed uint64, name string) *rand.Rand {
	first := Derive(seed, name)
	return rand.New(rand.NewPCG(first, splitMix(first)))
}

// Derive returns the seed called name under seed, for a part of the program
// that splits its randomness further by names of its own.
func Derive(seed uint64, name string) uint64 {
	// Mixing the seed before the name is hashed in makes nesting depend on
	// order: "a" under "b" is not "b" under "a".
	h := fnvOffset ^ splitMix(seed)
	for i := range len(name) {
		h ^= uint64(name[i])
		h *= fnvPrime
	}
	return splitMix(h)
}

// splitMix is one step of SplitMix64: a bijection of 64-bit words whose output
// differs in about half the bits when one input bit changes. Neighbouring
// seeds (1, 2, 3…, what people type) so become unrelated.
func splitMix(x uint64) uint64 {
	x += goldenGamma
	x = (x ^ x>>30) * stafford1
	x = (x ^ x>>27) * stafford2
	return x ^ x>>31
}
