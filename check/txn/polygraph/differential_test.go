package polygraph_test

import (
	"context"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"checker/check"
	"checker/check/txn/brute"
	"checker/check/txn/polygraph"
)

// cases is how many random histories a test tries: CHECKER_TXN_CASES, else few.
func cases(t testing.TB, few int) int {
	text := os.Getenv("CHECKER_TXN_CASES")
	if text == "" {
		return few
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("CHECKER_TXN_CASES: %v", err)
	}
	return n
}

func randomHistory(seed int) brute.History {
	rng := rand.New(rand.NewPCG(uint64(seed), 3))
	return brute.Random(rng, brute.Shape{
		Lists: rng.IntN(3) == 0, Txns: 4 + rng.IntN(3), Ops: 2 + rng.IntN(3), Keys: 1 + rng.IntN(3), Processes: 2 + rng.IntN(3),
	})
}

// TestAgreesWithBruteForce compares the verdicts on random small histories of
// both data models with those of the oracle. Schedules and witnesses are proved
// on the way.
func TestAgreesWithBruteForce(t *testing.T) {
	invalid, choosy, drafted, searched := map[string]int{}, 0, 0, 0
	n := cases(t, 3000)
	for seed := range n {
		h := randomHistory(seed)
		p, readable := pose(h)
		for _, model := range polygraph.Models() {
			want := check.Valid
			if brute.Judge(h, model) == brute.Broken {
				want = check.Invalid
				invalid[model]++
			}
			if !readable {
				if want != check.Invalid {
					t.Fatalf("seed %d: %s holds, with unreadable reads:\n%s", seed, model, h)
				}
				continue
			}
			g, _ := polygraph.Of(model)
			r, err := polygraph.Solve(context.Background(), p, g, polygraph.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if r.Verdict != want {
				t.Fatalf("seed %d: %s is %v (%s), by brute force %v:\n%s", seed, model, r.Verdict, r.Reason, want, h)
			}
			if why := prove(p, g, r); why != "" {
				t.Fatalf("seed %d: %s: %s:\n%s%+v", seed, model, why, h, r)
			}
			if points, _ := polygraph.Draft(context.Background(), p, g); points != nil {
				drafted++
				r := polygraph.Search(context.Background(), p, g, polygraph.Options{})
				if why := prove(p, g, r); r.Verdict != check.Valid || why != "" {
					t.Fatalf("seed %d: %s is %v by search: %s:\n%s%+v", seed, model, r.Verdict, why, h, r)
				}
			} else if want == check.Valid {
				searched++
			}
			if r.Verdict == check.Invalid && len(r.Witness.Choices) > 0 {
				choosy++
			}
		}
	}
	t.Logf("%d histories; invalid: %v, by choices: %d; valid by a draft: %d, only by search: %d", n, invalid, choosy, drafted, searched)
	for _, model := range polygraph.Models() {
		if invalid[model] < n/10 || invalid[model] > n*9/10 {
			t.Errorf("%s: %d of %d are invalid: the sample is lopsided", model, invalid[model], n)
		}
	}
	if choosy < n/200 {
		t.Errorf("only %d verdicts rest on choices", choosy)
	}
	if searched > drafted/100 {
		t.Errorf("drafts found %d schedules and missed %d", drafted, searched)
	}
}
