package linear_test

import (
	"context"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"checker/check"
	"checker/check/linear"
	"checker/models"
)

// cases is how many random histories the differential tests try:
// CHECKER_LINEAR_CASES, else 120,000.
func cases(t testing.TB) int {
	text := os.Getenv("CHECKER_LINEAR_CASES")
	if text == "" {
		return 120_000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("CHECKER_LINEAR_CASES: %v", err)
	}
	return n
}

// TestEnginesAgreeWithBruteForce compares the near-linear method, the search and
// an exhaustive oracle.
func TestEnginesAgreeWithBruteForce(t *testing.T) {
	auto := linear.New(models.CASRegister(), linear.Options{})
	search := linear.New(models.CASRegister(), linear.Options{Engine: linear.Search})
	porcupine := linear.New(models.CASRegister(), linear.Options{Engine: linear.Porcupine})
	n, bad := cases(t), 0
	for seed := range n {
		rng := rand.New(rand.NewPCG(uint64(seed), 1))
		acts := randomActs(rng, 7, seed%4 != 0)
		h := record(t, acts)
		want := check.Invalid
		if bruteForce(acts, null) {
			want = check.Valid
		} else {
			bad++
		}
		for name, c := range map[string]check.Checker{"auto": auto, "search": search, "porcupine": porcupine} {
			if name == "porcupine" && seed%4 != 1 {
				continue
			}
			got := check.Run(context.Background(), c, h)
			if got.Verdict != want {
				t.Fatalf("seed %d: %s says %v (%s), brute force %v, of\n%s%+v", seed, name, got.Verdict, got.Reason, want, dump(h), got.Anomalies)
			}
		}
	}
	t.Logf("%d histories, %d of them illegal", n, bad)
	if bad < n/10 || bad > n*9/10 {
		t.Errorf("%d of %d histories are illegal: the sample is lopsided", bad, n)
	}
}
