package reports

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"checker/check"
	"checker/history"
)

// traceOf makes an input's trace of lines.
func traceOf(lines ...string) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(strings.Join(lines, "\n") + "\n")), nil
	}
}

// protocol is a line of a trace at ms.
func protocol(ms int, node, group, step, more string) string {
	return fmt.Sprintf(`{"t":%d,"event":"protocol","node":%q,"group":%q,"step":%q%s}`, int64(ms)*1e6, node, group, step, more)
}

// smallTrace belongs to [smallHistory]: n1 leads s0 until it is cut off, n2 after
// it, and a participant is in doubt while n3 is down.
func smallTrace() []string {
	return []string{
		protocol(10, "n1", "s0", "became-leader", `,"term":1`),
		`{"t":2480000000,"event":"sent","from":"c2","to":"n1","packet":1,"message":"request client=2 read 1"}`,
		protocol(1550, "n2", "s0", "became-pre-candidate", `,"term":1`),
		protocol(1560, "n2", "s0", "became-leader", `,"term":2`),
		protocol(1580, "n3", "s1", "voted-yes", `,"txn":"3.1"`),
		`{"t":1600000000,"event":"killed","node":"n3","value":0}`,
		`{"t":1900000000,"event":"started","node":"n3","value":2}`,
		protocol(1980, "n3", "s1", "applied", `,"txn":"3.1","outcome":"commit"`),
		`{"t":2510000000,"event":"delivered","from":"c2","to":"n1","packet":1}`,
		`{"t":2510000000,"event":"sent","from":"n1","to":"n2","packet":2,"message":"Append term=1 prev=3/1"}`,
		`{"t":2511000000,"event":"dropped","from":"n1","to":"n2","packet":2,"cause":"partition"}`,
		`{"t":2530000000,"event":"sent","from":"n2","to":"n3","packet":3,"message":"s0 Append term=2 prev=4/2"}`,
		`{"t":2540000000,"event":"delivered","from":"n2","to":"n3","packet":3}`,
		`{"t":2560000000,"event":"sent","from":"n1","to":"c2","packet":4,"message":"client 2: ok 1"}`,
		protocol(2570, "n1", "s0", "became-follower", `,"term":2`),
		`{"t":2600000000,"event":"delivered","from":"n1","to":"c2","packet":4}`,
	}
}

func toldInput(t testing.TB) Input {
	in := smallInvalid(t)
	in.Trace = traceOf(smallTrace()...)
	return in
}

func taleOf(t *testing.T, in Input) *tale {
	t.Helper()
	p := newPage(in)
	return p.newTale()
}

func TestTaleFollowsLeadersAndDoubt(t *testing.T) {
	got := taleOf(t, toldInput(t))
	want := []reign{{"s0", "n1", 1, 10e6, 2570e6, "it stepped down"}, {"s0", "n2", 2, 1560e6, 3200e6, ""}}
	if !slices.Equal(got.reigns, want) {
		t.Errorf("reigns %v, want %v", got.reigns, want)
	}
	if want := []span{{1580e6, 1980e6}}; !slices.Equal(got.doubts, want) {
		t.Errorf("doubts %v, want %v", got.doubts, want)
	}
	if got.note != "" {
		t.Errorf("a whole trace has the note %q", got.note)
	}
}

// TestTaleOfADamagedTrace: what was read is told, and that it is not all.
func TestTaleOfADamagedTrace(t *testing.T) {
	in := toldInput(t)
	in.Trace = func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(strings.Join(smallTrace()[:3], "\n") + "\n{\"t\":26")), nil
	}
	got := taleOf(t, in)
	if len(got.reigns) != 1 || !strings.Contains(got.note, "cut off") {
		t.Errorf("%d reigns, note %q", len(got.reigns), got.note)
	}
	in.Trace = func() (io.ReadCloser, error) { return nil, io.ErrUnexpectedEOF }
	if got := taleOf(t, in); got != nil {
		t.Errorf("a trace that cannot be opened tells %v", got)
	}
	htmlOf(t, in)
}

func TestLevelsAreTheMostAtATime(t *testing.T) {
	fig := figures{width: 10, bins: 6}
	spans := []span{{5, 8}, {7, 31}, {31, 33}, {55, 60}}
	if got, want := levels(spans, fig), []int{2, 1, 1, 1, 0, 1}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	in := smallInvalid(t)
	v := newView(in.History)
	fig = figures{width: 500e6, bins: int(v.end/500e6) + 1}
	// Writes one after the other, then the lost one with the read in it; the last
	// read never completed.
	if got, want := v.inFlight(fig), []int{0, 0, 1, 0, 1, 2, 1}; !slices.Equal(got, want) {
		t.Errorf("in flight %v, want %v", got, want)
	}
}

func TestClockReadings(t *testing.T) {
	h := build(t, nemesisOp(1e9, "clock-bump", history.String("n1 -287ms,n4 +4s")), nemesisOp(1e9, "clock-bump", history.String("n1=0s..-287ms n4=0s..+4s what=ever n9")),
		clientOp(0, "read", 2e9, 3e9, history.Ok, history.Nil, history.Nil)[0], nemesisOp(4e9, "clock-reset", history.String("n1")), nemesisOp(5e9, "clock-reset", history.String("n1=-300ms..0s")))
	var got []string
	for _, r := range newView(h).clockReadings() {
		got = append(got, fmt.Sprint(r.verb, r.node, r.before, r.after))
	}
	want := []string{fmt.Sprint("clock-bump", "n1", time.Duration(0), -287*time.Millisecond), fmt.Sprint("clock-bump", "n4", time.Duration(0), 4*time.Second),
		fmt.Sprint("clock-reset", "n1", -300*time.Millisecond, time.Duration(0))}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	// A history without completed ops has no charts, and one without clock faults no clocks.
	if page := htmlOf(t, Input{History: h, Document: check.NewDocument(nil, check.Evidence{})}); strings.Contains(page, "clock readings") {
		t.Error("clocks are drawn where nothing else is")
	}
}
