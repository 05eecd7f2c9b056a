package runner

import (
	"slices"
	"strings"
	"testing"
	"time"

	"checker/check"
	"checker/history"
	"checker/nemesis"
	"checker/rundir"
)

// underSchedule runs the default workload of the correct database, a write every
// 10 ms for four seconds from every node's client in turn, with these faults so far
// apart, the last of which ends them all.
func underSchedule(t *testing.T, settings map[string]string, apart time.Duration, faults ...string) Outcome {
	t.Helper()
	spec := registerSpec()
	spec.Seed, spec.Settings, spec.Concurrency = 1, settings, 5
	for i := range int64(400) {
		op := history.Vector(history.Int(i%5), history.Int(i))
		spec.Schedule = append(spec.Schedule, rundir.Entry{At: i * 10e6, Thread: int(i % 5), F: "write", Value: op})
	}
	for i, text := range faults {
		verb, rest, _ := strings.Cut(text, " ")
		f, err := nemesis.Parse(verb, rest)
		if err != nil {
			t.Fatal(err)
		}
		spec.Schedule = append(spec.Schedule, rundir.Entry{At: 1e9 + int64(i)*int64(apart) + 1, Thread: -1, F: verb, Value: f.Op().Value})
	}
	slices.SortStableFunc(spec.Schedule, func(a, b rundir.Entry) int { return int(a.At - b.At) })
	return execute(t, spec, nil)
}

// TestFaultsBite is the positive control of what a nemesis says of itself: in a run
// of the correct database each fault has the effect that it is there for, as the
// history tells, and nothing is found wrong.
func TestFaultsBite(t *testing.T) {
	dynamic := map[string]string{"members": "dynamic"}
	for _, c := range []struct {
		fault, end string
		settings   map[string]string
		told       string // in the completion of one of them
	}{
		{"disk-slow all sync=300ms", "power-off all keep=nothing", nil, "off=n1,n2,n3,n4,n5 lost="},
		{"disk-full n1,n2 left=100", "disk-repair", nil, "refused="},
		{"disk-error n1,n2 sync=100%", "disk-repair", nil, "failed="},
		{"disk-error n1,n2 write=100%", "disk-repair", nil, "failed="},
		{"disk-error n1,n2 read=100%", "disk-repair", nil, "failed=2"},
		{"disk-slow n1,n2 sync=20ms", "disk-repair", nil, "delayed-ms="},
		{"disk-slow n1 write=5ms", "disk-repair", nil, "delayed-ms="},
		{"disk-flip n1,n2 chance=100%", "disk-repair", nil, "flipped=2"},
		{"disk-rot n1,n2 bits=1", "disk-repair", nil, "started=n1,n2"},
		{"disk-truncate n1 bytes=10", "disk-repair", nil, "bytes=10 n1:wal=10"},
		{"packet all rate=64kbit", "packet-clear", nil, "throttled="},
		{"packet n1>n2,n3>n2 delay=20ms", "packet-clear", nil, "delayed="},
		{"member-remove n1,n2", "member-restore", dynamic, "changed=2"},
		{"member-replace n3", "member-restore", dynamic, "changed=3"},
		{"clock-jump n1 +4s", "clock-reset n1", nil, "restarted=n1 n1=0s..+4s"},
		{"clock-strobe n1 delta=200ms period=10ms for=5s", "clock-strobe n1 delta=200ms period=10ms for=5s", nil, "n1=0s..+200ms"},
	} {
		t.Run(c.fault, func(t *testing.T) {
			t.Parallel()
			out := underSchedule(t, c.settings, time.Second, strings.Replace(c.fault, "all", "n1,n2,n3,n4,n5", 1), strings.Replace(c.end, "all", "n1,n2,n3,n4,n5", 1), "disk-repair")
			verb, _, _ := strings.Cut(c.fault, " ")
			bite := out.Document.Evidence.Faults[nemesis.Verb(verb).Family()]
			if bite.Effective == 0 || bite.Effective != bite.Injected {
				t.Errorf("%d of %d bit", bite.Effective, bite.Injected)
			}
			var told []string
			for i := range out.History.Len() {
				if op := out.History.Op(i); op.Process == history.Nemesis {
					told = append(told, op.F+" "+op.Value.Text())
				}
			}
			if !strings.Contains(strings.Join(told, "\n"), c.told) {
				t.Errorf("nowhere is %q:\n%s", c.told, strings.Join(told, "\n"))
			}
			if out.Document.Verdict == check.Invalid {
				t.Error(out.Document.Summary)
			}
		})
	}
}

// TestMembershipIsSkippedWhereTheGroupIsFixed: a fault that cannot be done is told,
// and is no evidence.
func TestMembershipIsSkippedWhereTheGroupIsFixed(t *testing.T) {
	out := underSchedule(t, nil, time.Second, "member-remove n1", "member-restore")
	if bite, ok := out.Document.Evidence.Faults["membership"]; !ok || bite.Injected != 0 {
		t.Errorf("%v, %v", bite, ok)
	}
}

// TestWhatAFailedSyncLeftIsNotTrustedAfterARestart: nodes that a failed sync has
// stopped read from the cache what the medium does not hold. When the power goes
// later, they must not miss it.
func TestWhatAFailedSyncLeftIsNotTrustedAfterARestart(t *testing.T) {
	const all = "n1,n2,n3,n4,n5"
	out := underSchedule(t, nil, 500*time.Millisecond, "disk-error "+all+" sync=100%", "disk-repair", "power-off "+all+" keep=nothing", "disk-repair")
	if out.Document.Verdict == check.Invalid {
		t.Error(out.Document.Summary)
	}
	if bite := out.Document.Evidence.Faults["disk"]; bite.Effective == 0 {
		t.Error("no sync has failed")
	}
}

// TestRottenFiles: bits that flip on the medium are noticed by the correct database, and
// served by one that looks at no checksum; no fault model has them.
func TestRottenFiles(t *testing.T) {
	for bug, want := range map[string]check.Verdict{"": check.Valid, "checksum-ignored": check.Invalid} {
		spec := defaultSpec()
		spec.Workload, spec.Nemesis, spec.Seed = "register", []string{"disk:rot"}, 5
		if bug != "" {
			spec.Bugs = []string{bug}
		}
		out := execute(t, spec, nil)
		if out.Document.Verdict != want || !strings.Contains(out.Document.Summary, "beyond the fault model of refdb: disk-rot") {
			t.Errorf("%q: %s", bug, out.Document.Summary)
		}
		if bite := out.Document.Evidence.Faults["disk"]; bite.Effective == 0 || bite.Effective < bite.Injected-1 {
			t.Errorf("%q: %d of %d bit", bug, bite.Effective, bite.Injected)
		}
	}
}
