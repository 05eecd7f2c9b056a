package prng

import (
	"fmt"
	"math"
	"math/bits"
	"testing"

	"pgregory.net/rapid"
)

// A seed in an old report must keep its meaning, so the mapping is pinned.
func TestStreamsAreStable(t *testing.T) {
	for _, c := range []struct {
		seed   uint64
		name   string
		derive uint64
		first  uint64
	}{
		{0, "", 0x5b21f68ffa77f14c, 0x49ec2248290bdd2f},
		{1, "node/1", 0x7024ff14ffe936ac, 0xd4502154378a655b},
		{1, "node/2", 0x8f4afee18fc944f0, 0xee2dcefad425ed9f},
		{2, "node/1", 0xcf3a70a0e4465ec2, 0x3d068d9230b66654},
		{math.MaxUint64, "link/n1>n2", 0xdcdeccf88001614d, 0xe95de0a312c8e4bc},
	} {
		if got := Derive(c.seed, c.name); got != c.derive {
			t.Errorf("Derive(%d, %q) = %#x, want %#x", c.seed, c.name, got, c.derive)
		}
		if got := New(c.seed, c.name).Uint64(); got != c.first {
			t.Errorf("New(%d, %q) starts with %#x, want %#x", c.seed, c.name, got, c.first)
		}
	}
}

func TestSameNameSameStream(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed, name := rapid.Uint64().Draw(t, "seed"), rapid.String().Draw(t, "name")
		a, b := New(seed, name), New(seed, name)
		for i := range 20 {
			if x, y := a.Uint64(), b.Uint64(); x != y {
				t.Fatalf("draw %d: %#x and %#x", i, x, y)
			}
		}
	})
}

func TestOtherNameOrSeedOtherStream(t *testing.T) {
	seen := map[uint64]string{}
	for seed := range uint64(300) {
		for i := range 300 {
			name := fmt.Sprintf("link/%d", i)
			d := Derive(seed, name)
			if other, dup := seen[d]; dup {
				t.Fatalf("(%d, %q) and %s derive the same seed", seed, name, other)
			}
			seen[d] = fmt.Sprintf("(%d, %q)", seed, name)
		}
	}
}

func TestNestingDependsOnOrder(t *testing.T) {
	ab := Derive(Derive(7, "a"), "b")
	ba := Derive(Derive(7, "b"), "a")
	if ab == ba || ab == Derive(7, "ab") {
		t.Fatalf("nested names collide: a/b %#x, b/a %#x, ab %#x", ab, ba, Derive(7, "ab"))
	}
}

// One bit more in the seed, or one letter more in the name, flips about half
// of the derived bits: streams of neighbours are unrelated.
func TestNeighboursAreUnrelated(t *testing.T) {
	const samples = 2000
	var bySeed, byName int
	for i := range uint64(samples) {
		bySeed += bits.OnesCount64(Derive(i, "node") ^ Derive(i+1, "node"))
		byName += bits.OnesCount64(Derive(1, fmt.Sprint(i)) ^ Derive(1, fmt.Sprint(i+1)))
	}
	for what, flipped := range map[string]int{"seed": bySeed, "name": byName} {
		if mean := float64(flipped) / samples; mean < 31 || mean > 33 {
			t.Errorf("a step of the %s flips %.2f of 64 bits on average", what, mean)
		}
	}
}

// The published outputs of SplitMix64 started at 0 (Vigna's splitmix64.c): the
// n-th is splitMix of (n-1) increments.
func TestSplitMixAgreesWithTheReference(t *testing.T) {
	for n, want := range []uint64{0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4, 0x06c45d188009454f} {
		var state uint64
		for range n {
			state += goldenGamma
		}
		if got := splitMix(state); got != want {
			t.Errorf("output %d is %#x, want %#x", n+1, got, want)
		}
	}
}
