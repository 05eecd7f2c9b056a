package reports

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"checker/check"
	"checker/history"
)

func TestThreadsFollowProcesses(t *testing.T) {
	h := smallHistory(t)
	l := newView(h).newLanes(2)
	for p, want := range map[history.Process]int{0: 0, 1: 1, 2: 0, 3: 1} {
		if got := l.of[p]; got != want {
			t.Errorf("process %d is on lane %d, want %d", p, got, want)
		}
	}
}

// TestPackedLanesDoNotOverlap: without a concurrency, processes share a lane only
// when the one was gone before the other came.
func TestPackedLanesDoNotOverlap(t *testing.T) {
	c := newCluster(3, 8, 20e9)
	c.schedule()
	c.run(50e6)
	h := c.history(t)
	l := newView(h).newLanes(0)
	if len(l.names) != 8 {
		t.Errorf("%d lanes for 8 threads", len(l.names))
	}
	openOn := map[int]history.Process{}
	for i := range h.Len() {
		p := h.Process(i)
		if p == history.Nemesis {
			continue
		}
		if h.Type(i) == history.Invoke {
			if other, busy := openOn[l.of[p]]; busy {
				t.Fatalf("row %d: process %d is on a lane with process %d, whose op is open", i, p, other)
			}
			openOn[l.of[p]] = p
		} else {
			delete(openOn, l.of[p])
		}
	}
}

func TestLanesAreBounded(t *testing.T) {
	var ops []history.Op
	for p := range 3 * maxLanes {
		ops = append(ops, history.Op{Time: int64(p), Process: history.Process(p), Type: history.Invoke, F: "read"})
	}
	l := newView(build(t, ops...)).newLanes(0)
	if len(l.names) != maxLanes {
		t.Errorf("%d lanes, want %d", len(l.names), maxLanes)
	}
	for p, lane := range l.of {
		if lane < 0 || lane >= maxLanes {
			t.Errorf("process %d is on lane %d", p, lane)
		}
	}
}

// TestTimesOfRecordedHistories: dates are shown since their first row, and rows
// stand in for times that say nothing.
func TestTimesOfRecordedHistories(t *testing.T) {
	at := func(times ...int64) *view {
		var ops []history.Op
		for i, time := range times {
			ops = append(ops, history.Op{Time: time, Process: history.Process(i), Type: history.Invoke, F: "read"})
		}
		return newView(build(t, ops...))
	}
	tests := []struct {
		name  string
		v     *view
		timed bool
		last  int64
	}{
		{"since the start", at(1e9, 3e9), true, 3e9},
		{"dates", at(1.7e18, 1.7e18+5e9), true, 5e9},
		{"before zero", at(-5e9, 1e9), true, 6e9},
		{"all the same", at(7, 7, 7), false, 2},
		{"one row", at(9), false, 0},
		{"backwards", at(5e9, 1e9, 3e9), true, 5e9},
	}
	for _, test := range tests {
		if test.v.timed != test.timed || test.v.end != test.last {
			t.Errorf("%s: timed %v, end %d; want %v, %d", test.name, test.v.timed, test.v.end, test.timed, test.last)
		}
	}
}

// TestTimelineHoldsEveryOp reads the payload back and compares it with the
// history.
func TestTimelineHoldsEveryOp(t *testing.T) {
	in := invalidInput(t)
	m := payloadPart.FindStringSubmatch(htmlOf(t, in))
	d := unpack(t, m[2])
	index := 0
	var got []int
	for _, step := range d.Bars.Index {
		index += step
		got = append(got, index)
	}
	var want []int
	for _, p := range in.History.Pairs() {
		want = append(want, in.History.Witness(p))
	}
	if !slices.Equal(got, want) {
		t.Errorf("%d bars, want one for each of %d ops, by their indexes", len(got), len(want))
	}
	if d.Merged != 1 || len(d.Witnesses) != 1 || len(d.Faults) != 8 {
		t.Errorf("merged %d, %d witnesses, %d faults", d.Merged, len(d.Witnesses), len(d.Faults))
	}
}

// TestMergedBarsHideNothing: a merged bar looks like the least certain of its
// ops, every op is in one bar, and the ops of a witness keep their own.
func TestMergedBarsHideNothing(t *testing.T) {
	v := newView(smallHistory(t))
	whole := bar{}
	for o := range v.clientOps {
		whole.add(o, 0)
	}
	if whole.count != 6 || whole.outcome != history.Info || whole.comp != -1 || whole.tell() != "6 ops: 3 ok, 2 info, 1 fail" {
		t.Errorf("merged bar %+v tells %q", whole, whole.tell())
	}
	const most = 20_000
	big := newView(bigHistory(t, most+1000))
	witness := map[int]bool{}
	for o := range big.clientOps {
		witness[o.inv] = true
		if len(witness) == 3 {
			break
		}
	}
	bars, merged := big.bars(big.newLanes(20), witness, most)
	total, alone := 0, 0
	for _, b := range bars {
		total += b.count
		if witness[b.inv] && b.count == 1 {
			alone++
		}
	}
	if merged != 2 || total != most+1000 || alone != 3 || len(bars) > most {
		t.Errorf("%d to a bar, %d bars for %d ops, %d of the witness alone", merged, len(bars), total, alone)
	}
}

// bigHistory has so many ops, each a transaction.
func bigHistory(t testing.TB, ops int) *history.History {
	rng := rand.New(rand.NewPCG(1, 2))
	b := history.NewBuilder()
	free := make([]int64, 20)
	type end struct {
		at int64
		op history.Op
	}
	var ends []end
	at := int64(0)
	flush := func(until int64) {
		slices.SortStableFunc(ends, func(a, b end) int { return int(a.at - b.at) })
		for len(ends) > 0 && ends[0].at <= until {
			if err := b.AddOp(ends[0].op); err != nil {
				t.Fatal(err)
			}
			ends = ends[1:]
		}
	}
	for i := range ops {
		p := i % len(free)
		at = max(at+rng.Int64N(1e5), free[p]+1)
		flush(at)
		key := history.Int(rng.Int64N(100))
		inv := history.Vector(history.Mop("append", key, history.Int(int64(i))), history.Mop("r", key, history.Nil))
		done := history.Vector(history.Mop("append", key, history.Int(int64(i))), history.Mop("r", key, history.Ints(1, 2, int64(i))))
		op := history.Op{Time: at, Process: history.Process(p), Type: history.Invoke, F: "txn", Value: inv}
		if err := b.AddOp(op); err != nil {
			t.Fatal(err)
		}
		free[p] = at + 1 + rng.Int64N(5e5)
		op.Time, op.Type, op.Value = free[p], history.Ok, done
		ends = append(ends, end{free[p], op})
	}
	flush(1 << 62)
	return b.History()
}

// bigInput is a valid run of so many ops.
func bigInput(t testing.TB, ops int) Input {
	h := bigHistory(t, ops)
	run := sampleRun()
	run.Config.Concurrency = 20
	return Input{Run: &run, History: h, Document: check.NewDocument([]check.Result{linearizable(check.Valid)}, check.Evidence{Ops: h.Stats().ByF})}
}

// TestBigHistoryStaysBounded: a page of 200,000 ops has a bar for each of them and
// can still be mailed. BenchmarkBigHistory says how long it takes.
func TestBigHistoryStaysBounded(t *testing.T) {
	page := htmlOf(t, bigInput(t, 200_000))
	if len(page) > 6<<20 {
		t.Errorf("the page has %d bytes", len(page))
	}
	if !strings.Contains(page, "200,000 bars.") {
		t.Error("the page does not say that every op has its bar")
	}
}

func BenchmarkBigHistory(b *testing.B) {
	for _, ops := range []int{200_000, 1_000_000} {
		b.Run(strconv.Itoa(ops), func(b *testing.B) {
			in := bigInput(b, ops)
			b.ReportAllocs()
			for b.Loop() {
				htmlOf(b, in)
			}
		})
	}
}

func TestBriefIsBounded(t *testing.T) {
	long := make([]int64, 5000)
	values := []history.Value{history.Ints(long...), history.String(strings.Repeat("x", 1<<20)),
		history.Vector(history.Ints(long...), history.String(strings.Repeat("y", 1<<20)), history.Ints(long...)),
		history.Vector(history.Mop("r", history.Int(1), history.Ints(long...)))}
	for _, value := range values {
		h := build(t, history.Op{Type: history.Invoke, F: "f", Value: value})
		got := brief(&h.Heap, h.Ref(0), 100)
		if len(got) > 250 || !regexp.MustCompile(`… (\+|of )[0-9,]+`).MatchString(got) {
			t.Errorf("brief is %d bytes: %.300s", len(got), got)
		}
	}
	for _, text := range []history.Value{history.Ints(1, 2, 3), history.Nil, history.Keyword("x"), history.Map(history.Int(1), history.String("a")),
		history.Tagged("inst", history.String("now")), history.Set(history.Bool(true)), history.List(history.Float(1.5))} {
		h := build(t, history.Op{Type: history.Invoke, F: "f", Value: text})
		want := strings.ReplaceAll(text.String(), ", ", " ")
		if got := brief(&h.Heap, h.Ref(0), 100); got != want {
			t.Errorf("brief is %s, want %s", got, want)
		}
	}
}

func TestFigures(t *testing.T) {
	fig := newView(smallHistory(t)).figures()
	if len(fig.functions) != 2 || fig.functions[1].name != "write" || fig.functions[1].total != [4]int{0, 2, 1, 1} {
		t.Fatalf("figures of %+v", fig.functions)
	}
	for _, test := range []struct {
		q    float64
		want int64
	}{{0.5, 5}, {0.95, 10}, {0.9, 9}, {1, 10}, {0, 1}} {
		if got := quantile([]int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, test.q); got != test.want {
			t.Errorf("quantile %v = %d, want %d", test.q, got, test.want)
		}
	}
	for end, want := range map[int64]int64{1: 1, 60e9: 5e8, 199: 1, 200: 2, 3600e9: 20e9} {
		if got := binWidth(end, 200); got != want {
			t.Errorf("bins of %s are %s ns wide, want %d", strconv.FormatInt(end, 10), strconv.FormatInt(got, 10), want)
		}
	}
}

// TestScriptStaysSmall: the page draws what Go computed, and needs no more script
// than a reader can take in.
func TestScriptStaysSmall(t *testing.T) {
	script, err := join(scripts)
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(script, "\n"); lines > 2000 || lines < 100 {
		t.Errorf("the script has %d lines", lines)
	}
}
