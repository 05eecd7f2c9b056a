package locks_test

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"checker/check"
	"checker/check/locks"
	"checker/history"
)

var leasedHistories = flag.Int("leased", 6_000, "random histories of locks under leases that are judged by every instant, too")

// tick is the unit of time in random histories.
const tick = int64(time.Millisecond)

// TestLeasesAgreeWithEveryInstant compares the check of locks under leases with trying
// every instant for every op.
func TestLeasesAgreeWithEveryInstant(t *testing.T) {
	seen, reordered := map[check.Verdict]int{}, 0
	for seed := range *leasedHistories {
		rng := rand.New(rand.NewPCG(uint64(seed), 61))
		rows := randomLeases(rng, 1)
		want, other := everyInstant(rows, nil)
		got := judgeLeases(t, rows, locks.LeaseOptions{})
		if got.Verdict == check.Unknown && want && strings.Contains(got.Reason, "collide") {
			continue
		}
		if want && other {
			reordered++
		}
		seen[got.Verdict]++
		if got.Verdict != map[bool]check.Verdict{true: check.Valid, false: check.Invalid}[want] {
			t.Fatalf("seed %d: the check says %v, and that instants fit is %v, of\n%s", seed, got, want, showRows(rows))
		}
		for _, a := range got.Anomalies {
			for _, w := range a.Witnesses {
				if fits, _ := everyInstant(rows, w.Ops); a.Type == locks.DoubleGrant && fits {
					t.Fatalf("seed %d: the witness %v is none, of\n%s", seed, w, showRows(rows))
				}
			}
		}
	}
	n := *leasedHistories
	t.Logf("%d histories: %v; %d are valid only in another order than that of completions", n, seen, reordered)
	if seen[check.Valid] < n/8 || seen[check.Invalid] < n/8 || reordered < n/500 {
		t.Errorf("the histories prove little: %v, %d reordered", seen, reordered)
	}
}

// TestRowsOfOneTimeAreInOrder compares histories in which many rows have one time with
// the same at a scale at which none have.
func TestRowsOfOneTimeAreInOrder(t *testing.T) {
	seen := map[check.Verdict]int{}
	for seed := range *leasedHistories {
		rows := randomLeases(rand.New(rand.NewPCG(uint64(seed), 62)), 0)
		before := judgeLeases(t, rows, locks.LeaseOptions{}).Verdict
		for i := range rows {
			rows[i].Time = rows[i].Time*1000 + int64(i)*tick
			if ms, ok := rows[i].Value.Int(); ok {
				rows[i].Value = history.Int(ms * 1000)
			}
		}
		if after := judgeLeases(t, rows, locks.LeaseOptions{}).Verdict; after != before {
			t.Fatalf("seed %d: %v with rows of one time, %v without, of\n%s", seed, before, after, showRows(rows))
		}
		seen[before]++
	}
	if n := *leasedHistories; seen[check.Valid] < n/8 || seen[check.Invalid] < n/8 {
		t.Errorf("the histories prove little: %v", seen)
	}
}

// TestDriftOnlyForgives looks at leases of servers whose clocks may run fast.
func TestDriftOnlyForgives(t *testing.T) {
	forgiven := 0
	for seed := range *leasedHistories / 2 {
		rows := randomLeases(rand.New(rand.NewPCG(uint64(seed), 63)), 1)
		strict := judgeLeases(t, rows, locks.LeaseOptions{}).Verdict
		lax := judgeLeases(t, rows, locks.LeaseOptions{Drift: 0.5}).Verdict
		if strict == check.Valid && lax != check.Valid {
			t.Fatalf("seed %d: drift made it %v:\n%s", seed, lax, showRows(rows))
		}
		if strict == check.Invalid && lax == check.Valid {
			forgiven++
		}
	}
	if forgiven < *leasedHistories/100 {
		t.Errorf("drift made no difference in all but %d histories", forgiven)
	}
}

// TestChangesThatCannotBreakLeases changes valid histories in ways that leave more
// room: ops that are wider, leases that are shorter, and crashed acquires less.
func TestChangesThatCannotBreakLeases(t *testing.T) {
	changed := map[string]int{}
	for seed := range *leasedHistories {
		rng := rand.New(rand.NewPCG(uint64(seed), 64))
		rows := randomLeases(rng, 1)
		if judgeLeases(t, rows, locks.LeaseOptions{}).Verdict != check.Valid {
			continue
		}
		for name, change := range map[string]func(*rand.Rand, []history.Op) []history.Op{"wider": widen, "shorter": shorten, "less": dropCrashed} {
			after := change(rng, slices.Clone(rows))
			if after == nil {
				continue
			}
			changed[name]++
			if got := judgeLeases(t, after, locks.LeaseOptions{}); got.Verdict == check.Invalid {
				t.Fatalf("seed %d: %s made it %v\n%s\n%s", seed, name, got, showRows(rows), showRows(after))
			}
		}
	}
	if least := *leasedHistories / 20; changed["wider"] < least || changed["shorter"] < least || changed["less"] < least {
		t.Errorf("the histories prove little: %v", changed)
	}
}

// widen lets an invocation go before a completion that it stood right behind.
func widen(rng *rand.Rand, rows []history.Op) []history.Op {
	for range 20 {
		i := rng.IntN(len(rows) - 1)
		a, b := &rows[i], &rows[i+1]
		if a.Type != history.Invoke && b.Type == history.Invoke && a.Process != b.Process {
			*a, *b = *b, *a
			a.Index, a.Time, b.Index, b.Time = b.Index, b.Time, a.Index, a.Time
			return rows
		}
	}
	return nil
}

// shorten makes a granted lease one tick long.
func shorten(rng *rand.Rand, rows []history.Op) []history.Op {
	i := rng.IntN(len(rows))
	if ms, ok := rows[i].Value.Int(); !ok || ms == 1 || rows[i].Type != history.Ok {
		return nil
	}
	rows[i].Value = history.Int(1)
	return rows
}

// dropCrashed leaves out an acquire that crashed.
func dropCrashed(_ *rand.Rand, rows []history.Op) []history.Op {
	i := slices.IndexFunc(rows, func(op history.Op) bool { return op.Type == history.Info && op.F == "acquire" })
	if i < 0 {
		return nil
	}
	begun := i - 1
	for rows[begun].Process != rows[i].Process {
		begun--
	}
	rows = slices.Delete(slices.Delete(rows, i, i+1), begun, begun+1)
	for i := range rows {
		rows[i].Index = i
	}
	return rows
}

// TestTooManyOrdersAreUnknown has acquires that took forever, all of them at once.
func TestTooManyOrdersAreUnknown(t *testing.T) {
	const n = 30
	var rows []history.Op
	for p := range n {
		rows = append(rows, history.Op{Process: history.Process(p), Type: history.Invoke, F: "acquire", Time: int64(p) * tick})
	}
	for p := range n {
		lease := history.Int(int64(100 + 37*p%50))
		rows = append(rows, history.Op{Process: history.Process(p), Type: history.Ok, F: "acquire", Value: lease, Time: int64(2000+p) * tick})
	}
	if got := judgeLeases(t, rows, locks.LeaseOptions{States: 1 << 8}); got.Verdict != check.Unknown || !strings.Contains(got.Reason, "too many orders") {
		t.Error(got)
	}
	rows = nil
	for p := range int64(1000) { // one after the other, each acquire shorter than its lease
		rows = append(rows, history.Op{Process: 0, Type: history.Invoke, F: "acquire", Time: p * 100 * tick},
			history.Op{Process: 0, Type: history.Ok, F: "acquire", Value: history.Int(100), Time: (p*100 + 99) * tick})
	}
	if got := judgeLeases(t, rows, locks.LeaseOptions{States: 1}); got.Verdict != check.Valid {
		t.Error(got)
	}
}

// randomLeases has ops of three processes: two to four acquires, and what comes after
// them. At least so many ticks are between rows.
func randomLeases(rng *rand.Rand, least int64) []history.Op {
	var rows []history.Op
	open := map[int]history.Op{}
	process, now := []history.Process{0, 1, 2}, int64(0)
	acquires, most := 0, 2+rng.IntN(3)
	add := func(op history.Op) {
		op.Index, op.Time = len(rows), now*tick
		rows = append(rows, op)
		now += least + rng.Int64N(3)
	}
	for len(rows) < 18 && (acquires < most || len(open) > 0) {
		i := rng.IntN(3)
		op, busy := open[i]
		if !busy {
			op = history.Op{Process: process[i], Type: history.Invoke, F: "acquire"}
			if roll := rng.IntN(10); roll < 3 && acquires > 0 {
				op.F = "release"
			} else if roll < 5 && acquires > 0 {
				op.F = "refresh"
			} else if acquires++; acquires > most {
				continue
			}
			if op.F != "release" && rng.IntN(8) > 0 {
				op.Value = history.Int(1 + rng.Int64N(6))
			}
			add(op)
			open[i] = op
			continue
		}
		delete(open, i)
		switch op.Type = history.Ok; {
		case rng.IntN(7) == 0:
			op.Type = history.Info
			process[i] += 3
		case op.F != "acquire" && !holdsLease(rows, op.Process):
			op.Type = history.Fail
			if rng.IntN(30) == 0 {
				op.Type = history.Ok
			}
		case op.F == "acquire" && (op.Value.IsNil() || rng.IntN(3) == 0):
			op.Value = history.Int(1 + rng.Int64N(6))
		case rng.IntN(8) == 0:
			op.Type = history.Fail
		}
		add(op)
	}
	return rows
}

// holdsLease reports whether the last ok acquire of a process came after its last
// release.
func holdsLease(rows []history.Op, p history.Process) bool {
	for _, op := range slices.Backward(rows) {
		if op.Process == p && op.Type == history.Ok && op.F != "refresh" {
			return op.F == "acquire"
		}
	}
	return false
}

// everyInstant tries, for the ops that are named (all, where none are), all instants of
// all ops that may have happened: acquires, refreshes and releases, crashed ones too.
// It reports whether some keep holds apart, and whether none do in the order of the
// completions.
func everyInstant(rows []history.Op, ops []int) (fits, reordered bool) {
	all := instants{end: rows[len(rows)-1].Time/tick + 10, current: map[history.Process]*tried{}}
	for i, inv := range rows {
		if inv.Type != history.Invoke {
			continue
		}
		done, named := history.Op{Process: inv.Process, Type: history.Info, Time: all.end * tick}, slices.Contains(ops, i)
		if j := slices.IndexFunc(rows[i+1:], func(op history.Op) bool { return op.Process == inv.Process }); j >= 0 {
			done, named = rows[i+1+j], named || slices.Contains(ops, i+1+j)
		}
		if done.Type == history.Fail || ops != nil && !named {
			continue
		}
		if !all.try(inv, done) {
			return false, false
		}
	}
	slices.SortFunc(all.holds, func(a, b *tried) int { return cmp.Compare(a.granted, b.granted) })
	return place(all.holds, nil, false), !place(all.holds, nil, true)
}

// instants is what may have been when.
type instants struct {
	end     int64
	holds   []*tried
	current map[history.Process]*tried
}

// tried is all that one hold may have been.
type tried struct {
	granted int64
	spans   map[span]bool
}

// span is one of them: when it began and was over, and the lease. It never was where
// it is over when it begins.
type span struct{ from, to, lease int64 }

// try adds all ways in which an op may have happened. It is false where there are none.
func (all *instants) try(inv, done history.Op) bool {
	from, to, happened := inv.Time/tick, done.Time/tick, done.Type == history.Ok
	lease, known := inv.Value.Int()
	if got, ok := done.Value.Int(); ok && happened {
		lease, known = got, true
	}
	if !happened {
		to = all.end
	}
	had := all.current[inv.Process]
	if inv.F == "acquire" {
		had = &tried{granted: to, spans: map[span]bool{}}
		all.holds, all.current[inv.Process] = append(all.holds, had), had
		if !happened {
			had.spans[span{}] = true
		}
		for g := from; g <= to && known; g++ {
			had.spans[span{g, g + lease, lease}] = true
		}
		return true
	}
	if had == nil {
		return !happened
	}
	next := map[span]bool{}
	for s := range had.spans {
		if !happened {
			next[s] = true
		}
		renewed := s.lease
		if known {
			renewed = lease
		}
		for x := from; x <= to; x++ {
			if inv.F == "release" {
				next[span{s.from, min(s.to, x), s.lease}] = true
			} else {
				next[span{s.from, x + renewed, renewed}] = true
			}
		}
	}
	had.spans = next
	if inv.F == "release" {
		delete(all.current, inv.Process)
	}
	return true
}

// place reports whether some span of each hold shares no instant with those taken; in
// order, comes after all of them.
func place(holds []*tried, taken []span, inOrder bool) bool {
	if len(holds) == 0 {
		return true
	}
	for s := range holds[0].spans {
		if s.from >= s.to {
			if place(holds[1:], taken, inOrder) {
				return true
			}
			continue
		}
		clash := func(t span) bool { return s.from < t.to && (inOrder || t.from < s.to) }
		if !slices.ContainsFunc(taken, clash) && place(holds[1:], append(taken, s), inOrder) {
			return true
		}
	}
	return false
}

func judgeLeases(t *testing.T, rows []history.Op, o locks.LeaseOptions) check.Result {
	t.Helper()
	b := history.NewBuilder()
	for _, op := range rows {
		if err := b.AddOp(op); err != nil {
			t.Fatal(err)
		}
	}
	return check.Run(context.Background(), locks.NewLeased(o), b.History())
}

func showRows(rows []history.Op) string {
	var b strings.Builder
	for _, op := range rows {
		fmt.Fprintln(&b, op)
	}
	return b.String()
}
