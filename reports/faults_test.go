package reports

import (
	"reflect"
	"strings"
	"testing"

	"checker/history"
)

func TestClassify(t *testing.T) {
	tests := []struct {
		f, family string
		ends      bool
	}{
		{"partition", "partition", false}, {"heal", "partition", true}, {"kill", "kill", false}, {"start", "kill", true},
		{"pause", "pause", false}, {"resume", "pause", true}, {"clock-bump", "clock", false}, {"clock-reset", "clock", true},
		{"packet", "packet", false}, {"packet-clear", "packet", true}, {"start-partition", "partition", false},
		{"stop-partition", "partition", true}, {"stop", "nemesis", true}, {"join", "membership", false}, {"", "other", false},
		{"power-off", "disk", false}, {"disk-full", "disk", false}, {"disk-repair", "disk", true}, {"clock-jump", "clock", false},
		{"member-replace", "membership", false}, {"member-restore", "membership", true},
	}
	for _, test := range tests {
		if family, ends := classify(test.f); family != test.family || ends != test.ends {
			t.Errorf("classify(%q) = %q, %v, want %q, %v", test.f, family, ends, test.family, test.ends)
		}
	}
}

// TestFaultsAsIntervals writes faults as their label with start and end in
// seconds; ! is one that never ended.
func TestFaultsAsIntervals(t *testing.T) {
	type act struct {
		at      int64
		f, what string
	}
	tests := []struct {
		name string
		acts []act
		want string
	}{
		{"healed", []act{{1, "partition", "n1|n2"}, {5, "heal", ""}}, "partition n1|n2 1-6"},
		{"never ended", []act{{1, "kill", "n1"}}, "kill n1 1-100!"},
		{"one node of two comes back", []act{{1, "kill", "n1,n2"}, {5, "start", "n1"}}, "kill n1,n2 1-100!"},
		{"both come back one by one", []act{{1, "kill", "n1,n2"}, {5, "start", "n1"}, {8, "start", "n2"}}, "kill n1,n2 1-9"},
		{"only the node named", []act{{1, "kill", "n1"}, {3, "kill", "n2"}, {5, "start", "n1"}}, "kill n1 1-6, kill n2 3-100!"},
		{"all when none is named", []act{{1, "kill", "n1"}, {3, "kill", "n2"}, {5, "start", ""}}, "kill n1 1-6, kill n2 3-6"},
		{"a selector names no node", []act{{1, "kill", "majority"}, {5, "start", "n1,n2"}}, "kill majority 1-6"},
		{"clocks", []act{{1, "clock-bump", "n1 +250ms,n3 -4s"}, {3, "clock-reset", "n3"}, {5, "clock-reset", "n1"}}, "clock-bump n1 +250ms,n3 -4s 1-6"},
		{"families apart", []act{{1, "pause", "n1"}, {2, "heal", ""}, {3, "kill", "n1"}, {4, "resume", "n1"}}, "pause n1 1-5, kill n1 3-100!"},
		{"Jepsen's start and stop", []act{{1, "start", "x"}, {5, "stop", ""}}, "start x 1-6"},
		{"a start that finds nobody dead", []act{{1, "power-off", "n1"}, {3, "disk-repair", ""}, {5, "start", "n1,n2"}}, "power-off n1 1-4"},
		{"a last start after kills that have ended", []act{{1, "kill", "n1"}, {3, "start", "n1"}, {5, "start", "n1,n2"}}, "kill n1 1-4"},
		{"a start that says so", []act{{1, "start", "running=n1"}}, ""},
		{"a partition takes the place of another", []act{{1, "partition", "n1|n2"}, {5, "partition", "n2|n1"}, {8, "heal", ""}}, "partition n1|n2 1-6, partition n2|n1 5-9"},
		{"a phase is no fault", []act{{1, "phase", "recovery"}}, ""},
		{"a disk fault takes the place of another, and leaves the power off", []act{{1, "power-off", "n1 keep=torn"}, {3, "disk-full", "n2 left=0"}, {5, "disk-slow", "n3 sync=1s"}, {8, "disk-repair", ""}},
			"power-off n1 keep=torn 1-9, disk-full n2 left=0 3-6, disk-slow n3 sync=1s 5-9"},
		{"changes of the group", []act{{1, "member-remove", "n1"}, {5, "member-restore", ""}}, "member-remove n1 1-2"},
		{"an event", []act{{1, "join", "n6"}}, "join n6 1-2"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var ops []history.Op
			for _, a := range test.acts {
				ops = append(ops, nemesisOp(a.at*1e9, a.f, history.String(a.what)), nemesisOp((a.at+1)*1e9, a.f, history.String(a.what)))
			}
			ops = append(ops, history.Op{Time: 100e9, Process: 0, Type: history.Invoke, F: "read"})
			var got []string
			for _, f := range newView(build(t, ops...)).faults() {
				text := f.label() + " " + short(float64(f.start)/1e9) + "-" + short(float64(f.end)/1e9)
				if f.open {
					text += "!"
				}
				got = append(got, text)
			}
			if joined := strings.Join(got, ", "); joined != test.want {
				t.Errorf("got  %s\nwant %s", joined, test.want)
			}
		})
	}
}

func TestFaultsAroundAWitness(t *testing.T) {
	v := &view{timed: true, end: 60e9}
	faults := []fault{
		{family: "kill", verb: "kill", what: "n1", start: 1e9, end: 2e9},
		{family: "kill", verb: "kill", what: "n2", start: 15e9, end: 17e9},
		{family: "partition", verb: "partition", what: "n1|n2", start: 18e9, end: 25e9},
		{family: "pause", verb: "pause", what: "n3", start: 19e9, end: 60e9, open: true},
		{family: "kill", verb: "kill", what: "n3", start: 22e9, end: 23e9},
	}
	tell := func(from, to int64) (told []string, inLine string) {
		during, before := v.around(faults, from, to)
		for _, f := range during {
			told = append(told, v.tellDuring(f))
		}
		for _, f := range before {
			told = append(told, v.tellBefore(f, from))
		}
		return told, under(during, before)
	}
	got, inLine := tell(20e9, 21e9)
	if want := []string{"partition n1|n2, since 18.000 s until 25.000 s", "pause n3, since 19.000 s, never ended", "kill n2, begun 5 s and ended 3 s earlier"}; !reflect.DeepEqual(got, want) {
		t.Errorf("around it %q, want %q", got, want)
	}
	if inLine != "partition n1|n2 · pause n3" {
		t.Errorf("in a line %q", inLine)
	}
	if got, inLine = tell(10e9, 11e9); got != nil || inLine != "" {
		t.Errorf("on a quiet day: %q, %q", got, inLine)
	}
	if _, inLine = tell(5e9, 6e9); inLine != "none; just before, kill n1" {
		t.Errorf("after a fault: %q", inLine)
	}
	off := []fault{{family: "disk", verb: "power-off", what: "n1"}, {family: "disk", verb: "disk-slow", what: "n2"}, {family: "disk", verb: "power-off", what: "n3"}}
	if got := under(off, nil); got != "disk-slow n2 · power-off n3 · and 1 more" {
		t.Errorf("faults of one family: %q", got)
	}
	if _, inLine = tell(16e9, 60e9); inLine != "partition n1|n2 · pause n3 · kill n3 · and 1 more" {
		t.Errorf("over a long time: %q", inLine)
	}
	if got := atMost([]string{"a", "b", "c"}, 2); !reflect.DeepEqual(got, []string{"(1 more before these)", "b", "c"}) {
		t.Errorf("atMost keeps %q", got)
	}
}

func TestMergeFaults(t *testing.T) {
	got := merge([]fault{{start: 5, end: 7}, {start: 1, end: 3}, {start: 2, end: 4}, {start: 7, end: 9}})
	if want := []span{{1, 4}, {5, 9}}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
