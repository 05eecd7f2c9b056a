package session_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"checker/check"
	"checker/check/session"
	"checker/history"
	"checker/models"
	"checker/models/consistency"
)

// cases is how many random histories are compared with brute force:
// CHECKER_SESSION_CASES, else 2,000.
func cases(t testing.TB) int {
	text := os.Getenv("CHECKER_SESSION_CASES")
	if text == "" {
		return 2_000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("CHECKER_SESSION_CASES: %v", err)
	}
	return n
}

// randomActs draws up to six ops of three sessions on two registers, in which reads
// return what somebody wrote or nothing.
func randomActs(rng *rand.Rand) []act {
	keys := 1 + rng.IntN(2)
	var acts []act
	var open [3]int
	var dead [3]bool
	made := make([]int, keys)
	now := 0
	n := 2 + rng.IntN(5)
	for begun := 0; ; {
		now++
		s := rng.IntN(3)
		if i := open[s] - 1; i >= 0 {
			open[s] = 0
			if acts[i].ok = rng.IntN(10) > 0; acts[i].ok {
				acts[i].res = now
			} else {
				dead[s] = true
			}
			continue
		}
		if begun == n || dead[s] {
			if !slices.ContainsFunc(open[:], func(i int) bool { return i > 0 }) {
				break
			}
			continue
		}
		begun++
		k := rng.IntN(keys)
		a := act{session: s, key: k, f: []string{"read", "write", "read", "write", "cas"}[rng.IntN(5)], inv: now, res: forever}
		if a.writes() {
			made[k]++
			a.made = made[k]
		}
		acts = append(acts, a)
		open[s] = len(acts)
	}
	for i := range acts {
		if a := &acts[i]; a.f != "write" {
			a.seen = rng.IntN(made[a.key] + 1)
			if rng.IntN(40) == 0 {
				a.seen = 99
			}
		}
	}
	return acts
}

// record makes a history of acts, a row each ms.
func record(t testing.TB, acts []act) *history.History {
	t.Helper()
	b := history.NewBuilder()
	value := func(n int) history.Value {
		if n == 0 {
			return history.Nil
		}
		return history.Int(int64(n))
	}
	for now := range 200 {
		for _, a := range acts {
			op := history.Op{Time: int64(now) * 1e6, Process: history.Process(a.session), F: a.f}
			v := value(a.made)
			if a.f == "cas" {
				v = history.Vector(value(a.seen), v)
			}
			switch now {
			case a.inv:
				op.Type = history.Invoke
			case a.res:
				op.Type = history.Ok
				if a.f == "read" {
					v = value(a.seen)
				}
			default:
				continue
			}
			op.Value = history.Vector(history.Int(int64(a.key)), v)
			if err := b.AddOp(op); err != nil {
				t.Fatal(err)
			}
		}
	}
	return b.History()
}

func dump(h *history.History) string {
	var b strings.Builder
	for i := range h.Len() {
		b.WriteString(h.Op(i).String() + "\n")
	}
	return b.String()
}

func judge(h *history.History, require ...string) check.Result {
	return check.Run(context.Background(), session.New(models.CASRegister(), session.Options{Require: require}), h)
}

// TestAgreesWithBruteForce compares every model with its definition.
func TestAgreesWithBruteForce(t *testing.T) {
	holds := map[string]int{}
	stale := map[string]int{}
	for seed := range cases(t) {
		acts := randomActs(rand.New(rand.NewPCG(uint64(seed), 6)))
		if len(acts) == 0 {
			continue
		}
		h := record(t, acts)
		name := session.Models()[seed%(len(session.Models())-2)]
		want := check.Invalid
		if bruteHolds(acts, name) {
			want = check.Valid
			holds[name]++
		}
		r := judge(h, name)
		if r.Verdict != want {
			t.Fatalf("seed %d: %s is %v (%s), brute force says %v, of\n%s%+v", seed, name, r.Verdict, r.Reason, want, dump(h), r.Anomalies)
		}
		consistent(t, seed, r)
		if seed%4 != 0 {
			continue
		}
		notes := strings.Join(r.Notes, ", ")
		if k := bruteVersions(acts); k > 0 {
			stale[fmt.Sprint("k=", min(k, 3))]++
			if !strings.Contains(notes, fmt.Sprintf("smallest k of k-atomic: %d", k)) {
				t.Fatalf("seed %d: k is %d, not %q, of\n%s", seed, k, notes, dump(h))
			}
		} else if strings.Contains(notes, "smallest k") {
			t.Fatalf("seed %d: there is no k, but %q, of\n%s", seed, notes, dump(h))
		}
		if ms := bruteDelay(acts); ms >= 0 {
			stale[fmt.Sprint("Δ>0: ", ms > 0)]++
			if !strings.Contains(notes, fmt.Sprintf("Δ of delta-atomic: %d ms", ms)) {
				t.Fatalf("seed %d: Δ is %d ms, not %q, of\n%s", seed, ms, notes, dump(h))
			}
		} else if strings.Contains(notes, "smallest Δ") {
			t.Fatalf("seed %d: there is no Δ, but %q, of\n%s", seed, notes, dump(h))
		}
	}
	t.Logf("%d histories; hold: %v; %v", cases(t), holds, stale)
	for _, name := range session.Models()[:len(session.Models())-2] {
		if holds[name] == 0 {
			t.Errorf("no history is %s", name)
		}
	}
}

// consistent holds what a verdict lists against the lattice.
func consistent(t *testing.T, seed int, r check.Result) {
	t.Helper()
	m := r.ConsistencyModels
	for _, h := range m.Holds {
		for _, n := range m.Not {
			if consistency.Implies(h, n) {
				t.Fatalf("seed %d: %s holds and %s does not", seed, h, n)
			}
		}
	}
}
