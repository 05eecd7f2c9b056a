package nemesis

import (
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"checker/history"

	"pgregory.net/rapid"
)

// texts are faults in the form that Text prints.
var texts = []struct{ verb, text string }{
	{"partition", "n1,n2|n3,n4,n5"},
	{"partition", "n1|n2|n3"},
	{"partition", "n1>n2 n1>n3"},
	{"partition", "none"},
	{"partition", "majorities-ring"},
	{"heal", ""},
	{"kill", "n1,n3"},
	{"kill", "minority"},
	{"start", "all"},
	{"pause", "db-1.example.org:5432"},
	{"resume", "n1"},
	{"clock-bump", "n1 +250ms,n3 -4s"},
	{"clock-bump", "minority up-to=4m47.626s"},
	{"clock-drift", "n1 +500ppm,n2 -20ppm"},
	{"clock-drift", "one up-to=500ppm"},
	{"clock-strobe", "n2 delta=200ms period=10ms for=5s"},
	{"clock-strobe", "all delta=-4ms period=1ms for=1s"},
	{"clock-reset", "n1,n2"},
	{"packet", "n1,n2 delay=50ms jitter=10ms loss=20% duplicate=5% reorder=20% corrupt=0.0001%"},
	{"packet", "primaries loss=100%"},
	{"packet", "n1 rate=1500kbit"},
	{"packet", "n1>n2,n3>n2 delay=50ms rate=1mbit"},
	{"packet-clear", ""},
	{"clock-jump", "n1 +250ms,n3 -4s"},
	{"clock-jump", "one up-to=1s"},
	{"power-off", "n1,n2 keep=mixed"},
	{"power-off", "all keep=subset"},
	{"disk-full", "n1 left=0"},
	{"disk-full", "minority left=4095"},
	{"disk-error", "n1,n2 read=20% write=1% sync=100%"},
	{"disk-slow", "primaries read=5ms write=1ms sync=200ms"},
	{"disk-flip", "n1 chance=100%"},
	{"disk-rot", "n1,n2 bits=3"},
	{"disk-truncate", "one bytes=100"},
	{"disk-repair", ""},
	{"member-remove", "n1,n2"},
	{"member-add", "n1"},
	{"member-replace", "primaries"},
	{"member-restore", ""},
	{"partition", "leaders"},
}

func TestTextsParseBack(t *testing.T) {
	for _, c := range texts {
		f, err := Parse(c.verb, c.text)
		if err != nil {
			t.Errorf("%s %q: %v", c.verb, c.text, err)
			continue
		}
		if got := f.Text(); got != c.text {
			t.Errorf("%s %q prints as %q", c.verb, c.text, got)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ verb, text, want string }{
		{"explode", "n1", "expected one of partition, heal, kill"},
		{"", "", "no fault"},
		{"kill", "", "missing"},
		{"kill", "n1,,n2", "missing"},
		{"kill", "n1,n1", "twice"},
		{"kill", "n1 n2", "unexpected"},
		{"kill", "n1,minority", "means a choice"},
		{"kill", "bridge", "means a choice"},
		{"kill", "n1\tn2", "not allowed"},
		{"heal", "n1", "no argument"},
		{"partition", "", "expected groups"},
		{"partition", "n1,n2", "expected groups"},
		{"partition", "n1|", "missing"},
		{"partition", "n1|n2,n1", "twice"},
		{"partition", "n1>n1", "nowhere"},
		{"partition", "n1>n2 n1>n2", "twice"},
		{"partition", "n1>n2>n3", "not allowed"},
		{"partition", "n1>n2|n3", "not allowed"},
		{"clock-bump", "n1 250ms", "signed"},
		{"clock-bump", "n1 +0s", "does nothing"},
		{"clock-bump", "n1 +8761h", "too far"},
		{"clock-bump", "n1 -8761h", "too far"},
		{"clock-drift", "n1 +0ppm", "ppm"},
		{"clock-drift", "n1 -1000001ppm", "ppm"},
		{"clock-strobe", "n1 delta=1s period=9000h for=9000h", "too far"},
		{"clock-bump", "n1 +5", "no duration"},
		{"clock-bump", "n1 +1s,n1 +2s", "twice"},
		{"clock-bump", "minority", "up-to="},
		{"clock-bump", "minority up-to=-4s", "negative"},
		{"clock-drift", "n1 +5s", "ppm"},
		{"clock-drift", "n1 +9223372036854775808ppm", "ppm"},
		{"clock-strobe", "n1", "expected delta="},
		{"clock-strobe", "n1 delta=1s period=1ms", "expected delta="},
		{"clock-strobe", "n1 delta=1s period=-1ms for=1s", "period"},
		{"packet", "n1", "expected what is wrong"},
		{"packet", "n1 loss=0%", "no chance"},
		{"packet", "n1 loss=101%", "no chance"},
		{"packet", "n1 loss=-1e300%", "no chance"},
		{"packet", "n1 loss=NaN%", "no chance"},
		{"packet", "n1 loss=20", "no chance"},
		{"packet", "n1 loss=20% loss=30%", "twice"},
		{"packet", "n1 rate=1mbps", "no rate"},
		{"packet", "n1 rate=0.5mbit", "no rate"},
		{"packet", "n1 rate=999bit", "no rate"},
		{"packet", "n1 rate=1001gbit", "no rate"},
		{"packet", "n1 rate=9223372036854775807gbit", "no rate"},
		{"packet", "n1 rate=-1kbit", "no rate"},
		{"packet", "n1>n1 loss=1%", "nowhere"},
		{"packet", "n1>n2,n1 loss=1%", "missing"},
		{"packet", "n1>n2,n1>n2 loss=1%", "twice"},
		{"kill", "n1>n2", "not allowed"},
		{"packet", "n1 delay=-5ms", "delay"},
		{"clock-jump", "n1 +5ppm", "no duration"},
		{"power-off", "n1", "expected keep="},
		{"power-off", "n1 keep=all", "none of [mixed nothing"},
		{"disk-full", "n1", "expected left="},
		{"disk-full", "n1 left=-1", "no number from 0"},
		{"disk-full", "n1 left=5KB", "no number from 0"},
		{"disk-error", "n1", "expected read=, write= or sync="},
		{"disk-error", "n1 sync=5ms", "no chance"},
		{"disk-slow", "n1 sync=5%", "no duration"},
		{"disk-flip", "n1", "expected chance="},
		{"disk-flip", "n1 chance=0%", "no chance"},
		{"disk-rot", "n1", "expected bits="},
		{"disk-rot", "n1 bits=0", "no number from 1"},
		{"disk-truncate", "n1 bits=1", "not expected"},
		{"disk-repair", "n1", "no argument"},
		{"member-remove", "", "missing"},
		{"member-restore", "n1", "no argument"},
	} {
		f, err := Parse(c.verb, c.text)
		if err == nil {
			t.Errorf("%s %q was read as %#v", c.verb, c.text, f)
		} else if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %q: %v, expected it to say %q", c.verb, c.text, err, c.want)
		}
	}
}

// drawFault draws any fault that is well formed.
func drawFault(t *rapid.T) Fault {
	nodes := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z][a-z0-9.:_-]{0,3}[0-9]`), 2, 5, rapid.ID[string]).Draw(t, "nodes")
	duration := rapid.Map(rapid.Int64Range(1, int64(maxDuration)), func(n int64) time.Duration { return time.Duration(n) })
	amounts := map[Verb]int64{ClockDrift: maxDriftPPM, ClockBump: int64(maxDuration), ClockJump: int64(maxDuration), ClockStrobe: int64(maxDuration)}
	chance := rapid.Map(rapid.Int32Range(0, int32(100*Percent)), func(n int32) Chance { return Chance(n) })

	f := Fault{Verb: Verb(rapid.SampledFrom(verbNames()).Draw(t, "verb"))}
	amount := rapid.Int64Range(-amounts[f.Verb], amounts[f.Verb]).Filter(func(n int64) bool { return n != 0 })
	open := rapid.Bool().Draw(t, "unresolved")
	switch f.Verb {
	case Heal, PacketClear, DiskRepair, MemberRestore:
		return f
	case Partition:
		switch form := rapid.IntRange(0, 3).Draw(t, "form"); form {
		case 0:
			f.Target = rapid.SampledFrom(grudgeNames()).Draw(t, "grudge")
		case 1:
			f.Sides = [][]string{nodes[:1], nodes[1:]}
		case 2:
			f.Ways = OneWay(nodes[:1], nodes[1:])
		}
		return f
	case ClockBump, ClockJump, ClockDrift:
		if open {
			f.Target, f.UpTo = rapid.SampledFrom(selectorNames).Draw(t, "selector"), rapid.Int64Range(1, amounts[f.Verb]).Draw(t, "up to")
			return f
		}
		for _, node := range nodes {
			f.Skews = append(f.Skews, Skew{node, amount.Draw(t, "amount")})
		}
		return f
	case ClockStrobe:
		f.Strobe = Strobe{time.Duration(amount.Draw(t, "delta")), duration.Draw(t, "period"), duration.Draw(t, "for")}
	case Packet:
		f.Packet = PacketFaults{duration.Draw(t, "delay"), duration.Draw(t, "jitter"), chance.Draw(t, "loss"),
			chance.Draw(t, "duplicate"), chance.Draw(t, "reorder"), chance.Draw(t, "corrupt"),
			Rate(rapid.Int64Range(int64(minRate), int64(maxRate)).Draw(t, "rate"))}
		if rapid.Bool().Draw(t, "links") {
			f.Ways = OneWay(nodes[:1], nodes[1:])
			return f
		}
	}
	f.drawDisk(t, duration, chance)
	if f.Nodes = nodes; open {
		f.Target, f.Nodes = rapid.SampledFrom(selectorNames).Draw(t, "selector"), nil
	}
	return f
}

// drawDisk draws what a fault says of disks.
func (f *Fault) drawDisk(t *rapid.T, duration *rapid.Generator[time.Duration], chance *rapid.Generator[Chance]) {
	some := chance.Filter(func(c Chance) bool { return c > 0 })
	switch f.Verb {
	case PowerOff:
		f.Keep = rapid.SampledFrom(keeps).Draw(t, "keep")
	case DiskFull:
		f.Disk = DiskFaults{Full: true, Left: rapid.Int64Range(0, maxLeft).Draw(t, "left")}
	case DiskError:
		f.Disk = DiskFaults{Read: chance.Draw(t, "read"), Write: chance.Draw(t, "write"), Sync: some.Draw(t, "sync")}
	case DiskSlow:
		f.Disk = DiskFaults{SlowRead: duration.Draw(t, "read"), SlowWrite: duration.Draw(t, "write"), SlowSync: duration.Draw(t, "sync")}
	case DiskRot:
		f.Disk = DiskFaults{Bits: rapid.Int64Range(1, maxBits).Draw(t, "bits")}
	case DiskCut:
		f.Disk = DiskFaults{Bytes: rapid.Int64Range(1, maxLeft).Draw(t, "bytes")}
	case DiskFlip:
		f.Disk = DiskFaults{Flip: some.Draw(t, "flip")}
	}
}

func TestFaultsSurviveTheirText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFault(t)
		op := f.Op()
		if op.Process != history.Nemesis || op.Type != history.Info || op.F != string(f.Verb) {
			t.Fatalf("the op of %s is %v", f, op)
		}
		back, err := OfOp(op)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(back, f) {
			t.Fatalf("%#v\nis printed as %q and read as\n%#v", f, f, back)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, c := range texts {
		f.Add(c.verb, c.text)
	}
	f.Fuzz(func(t *testing.T, verb, text string) {
		fault, err := Parse(verb, text)
		if err != nil {
			return
		}
		if strings.ContainsAny(fault.Text(), "\n\r") {
			t.Fatalf("%q takes more than a line", fault.Text())
		}
		back, err := Parse(verb, fault.Text())
		if err != nil || !reflect.DeepEqual(back, fault) {
			t.Fatalf("%q is read as %#v, printed as %q, and then read as %#v, %v", text, fault, fault.Text(), back, err)
		}
	})
}

func TestEveryVerbHasOneFamilyAndEachFamilyAnEnd(t *testing.T) {
	seen := map[Verb]bool{}
	for _, f := range Families() {
		for i, v := range f.Verbs {
			if seen[v] || v.Family() != f.Name {
				t.Errorf("%s of %s is also of %s", v, f.Name, v.Family())
			}
			seen[v] = true
			if v.Ends() != (i == len(f.Verbs)-1) {
				t.Errorf("%s: the last verb of %s must end it, and no other", v, f.Name)
			}
		}
		if end := ender(f.Name); end.Verb != f.Verbs[len(f.Verbs)-1] {
			t.Errorf("%s is ended by %s", f.Name, end)
		}
	}
}

// docs/faults.md has a chapter for each family and a row for each verb.
func TestEveryVerbIsDocumented(t *testing.T) {
	page, err := os.ReadFile("../docs/faults.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range Families() {
		if !strings.Contains(string(page), "\n## "+f.Name+"\n") {
			t.Errorf("no chapter on %s", f.Name)
		}
		for _, v := range f.Verbs {
			if !strings.Contains(string(page), "\n| `"+string(v)+"` |") {
				t.Errorf("no row for %s", v)
			}
		}
	}
}

// cut splits a line into a verb and a text.
func cut(line string) (verb, text string) {
	verb, text, _ = strings.Cut(line, " ")
	return verb, text
}
