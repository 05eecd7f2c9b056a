package nemesis

import (
	"strings"
	"time"

	"checker/check"
	"checker/history"
)

// Evidence returns, by family, how many faults a history records and how many of
// those had an effect that was measured:
//
//	partition   packets were dropped between its cut and the op that ended it
//	kill        a process was alive and was killed
//	pause       a process was running and was frozen
//	clock       the offset changed about as much as was asked for; a drift
//	            shows when the clock is next looked at, by the next clock op
//	packet      packets were disturbed between its begin and the op that ended it
//	disk        bytes were lost by the power-off; or bits of files were flipped, or
//	            bytes cut off; or between its begin and the op that ended it, operations failed, were refused or delayed, or bits
//	            flipped
//	membership  changes of the group took effect before the next op asked for some
//
// A fault that was skipped is not counted, but its family is there, if only with
// zeros: it was asked for. A fault that struck several nodes counts once. Faults
// that another harness recorded in its own words are left out.
func Evidence(h *history.History) map[string]check.Bite {
	t := tally{bites: map[string]check.Bite{}, clocks: map[string]lastClock{}}
	for i := range h.Len() {
		inv := h.Pair(i)
		if h.Process(i) != history.Nemesis || inv > i {
			continue // someone else's, or an invocation that has a completion
		}
		family := Verb(h.FName(h.F(i))).Family()
		if family == "" {
			continue
		}
		f, done, err := read(h, i, inv)
		switch {
		case done.skipped:
			t.add(family, 0, 0)
		case err == nil && f.Concrete():
			t.count(f, done)
		}
	}
	return t.bites
}

// completion is what a history tells of the end of a fault's op.
type completion struct {
	begin, end int64 // ns
	text       string
	skipped    bool
	failed     bool // it went wrong, at least in part
}

// read returns the fault that completed at row i, or of an invocation there that
// never did if inv < 0. An error is an op that another harness recorded.
func read(h *history.History, i, inv int) (Fault, completion, error) {
	done := completion{begin: h.Time(i), end: h.Time(i)}
	if inv < 0 {
		inv = i
	} else {
		done.begin = h.Time(inv)
		done.text = h.Text(h.Ref(i))
		done.failed = h.Error(i) != 0
		done.skipped = strings.HasPrefix(h.Text(h.Error(i)), skipped)
	}
	f, err := Parse(h.FName(h.F(inv)), h.Text(h.Ref(inv)))
	return f, done, err
}

// tally counts faults in the order of a history.
type tally struct {
	bites    map[string]check.Bite
	cut      bool // a partition is in force that has not shown an effect yet
	shaped   bool // the same for packet faults
	impaired bool // for disk faults
	changing bool // for changes of the group
	clocks   map[string]lastClock
	drifts   int // drifts so far: their numbers
	bitten   map[int]bool
}

// lastClock is what is known of a clock since the last op on it.
type lastClock struct {
	at     int64 // when, ns
	offset time.Duration
	ppm    int64 // the drift in force, 0 for none
	drift  int   // the number of that drift
}

func (t *tally) add(family string, injected, effective int) {
	b := t.bites[family]
	b.Injected += injected
	b.Effective += effective
	t.bites[family] = b
}

func (t *tally) count(f Fault, done completion) {
	family := f.Verb.Family()
	if !f.Verb.Ends() {
		t.add(family, 1, 0)
	}
	switch f.Verb {
	case Partition, Heal:
		bit := counted(done.text, "dropped") > 0
		t.ended(&t.cut, bit, f, done.failed)
	case Packet, PacketClear:
		bit := counted(done.text, "delayed", "lost", "duplicated", "reordered", "corrupted", "throttled", "overrun") > 0
		t.ended(&t.shaped, bit, f, done.failed)
	case PowerOff:
		t.bit(family, counted(done.text, "lost") > 0)
	case DiskRot, DiskCut:
		t.bit(family, counted(done.text, "bits", "bytes") > 0)
	case DiskFull, DiskError, DiskSlow, DiskFlip, DiskRepair:
		bit := counted(done.text, "failed", "refused", "flipped", "delayed-ms") > 0
		t.ended(&t.impaired, bit, f, done.failed)
	case MemberRemove, MemberAdd, MemberReplace, MemberRestore:
		t.ended(&t.changing, counted(done.text, "changed") > 0, f, done.failed)
	case Kill:
		t.bit(family, lookup(done.text, "killed") != "")
	case Pause:
		t.bit(family, lookup(done.text, "paused") != "")
	case ClockBump, ClockStrobe, ClockDrift, ClockJump, ClockReset:
		t.clock(f, done)
	}
}

func (t *tally) bit(family string, yes bool) {
	if yes {
		t.add(family, 0, 1)
	}
}

// ended counts the effect of the network fault before f, which f's completion
// tells of. One whose end failed is still to be ended.
func (t *tally) ended(open *bool, bit bool, f Fault, failed bool) {
	bit = bit && *open
	t.bit(f.Verb.Family(), bit)
	*open = !f.Verb.Ends() || failed && *open && !bit
}

// clock counts the effect of an op on clocks, and of the drifts before it.
func (t *tally) clock(f Fault, done completion) {
	moved := false
	if f.Verb == ClockDrift {
		t.drifts++
	}
	for _, s := range f.clocks() {
		before, after, err := parseOffsets(lookup(done.text, s.Node))
		if err != nil {
			continue
		}
		last := t.clocks[s.Node]
		t.drifted(last, before, done)
		now := lastClock{at: done.end, offset: after, ppm: last.ppm, drift: last.drift}
		switch f.Verb {
		case ClockBump:
			moved = moved || about(after-before, time.Duration(s.Amount))
		case ClockJump:
			moved = moved || about(after-before, time.Duration(s.Amount)) && lookup(done.text, "restarted") != ""
		case ClockStrobe:
			moved = moved || about(after-before, f.Strobe.Delta)
		case ClockDrift:
			now.ppm, now.drift = s.Amount, t.drifts
		case ClockReset:
			now.ppm = 0
		}
		t.clocks[s.Node] = now
	}
	t.bit("clock", moved)
}

// drifted counts a drift as effective, once, when the offset shows it.
func (t *tally) drifted(last lastClock, offset time.Duration, done completion) {
	if last.ppm == 0 || t.bitten[last.drift] {
		return
	}
	expected := time.Duration(float64(done.begin-last.at) * float64(last.ppm) / 1e6)
	if about(offset-last.offset, expected) {
		if t.bitten == nil {
			t.bitten = map[int]bool{}
		}
		t.bitten[last.drift] = true
		t.add("clock", 0, 1)
	}
}

// about reports whether a clock moved as asked: in that direction, by half as much
// at least and twice as much at most, which leaves room for a drift or a slow
// reading but not for another fault's doing.
func about(moved, asked time.Duration) bool {
	if asked < 0 {
		moved, asked = -moved, -asked
	}
	return moved > 0 && asked > 0 && moved >= asked/2 && moved/2 <= asked
}
