package rundir

import (
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"checker/history"
)

var anyValue = rapid.Custom(func(t *rapid.T) history.Value { return drawValue(t, 3) })

func drawValue(t *rapid.T, depth int) history.Value {
	kinds := 5
	if depth == 0 {
		kinds = 3
	}
	switch rapid.IntRange(0, kinds).Draw(t, "kind") {
	case 0:
		return history.Nil
	case 1:
		return history.Int(rapid.Int64().Draw(t, "int"))
	case 2:
		return history.String(rapid.String().Draw(t, "string"))
	case 3:
		return history.Keyword("append")
	}
	n := rapid.IntRange(0, 3).Draw(t, "length")
	parts := make([]history.Value, n)
	for i := range parts {
		parts[i] = drawValue(t, depth-1)
	}
	return history.Vector(parts...)
}

var anyEntry = rapid.Custom(func(t *rapid.T) Entry {
	return Entry{
		At:     rapid.Int64Range(0, 1<<62).Draw(t, "at"),
		Thread: rapid.IntRange(NemesisThread, 1000).Draw(t, "thread"),
		F:      rapid.SampledFrom([]string{"read", "write", "cas", "clock-bump", "kill"}).Draw(t, "f"),
		Value:  anyValue.Draw(t, "value"),
	}
})

// TestEntriesParseBack: what is printed is one line, and means the same.
func TestEntriesParseBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := anyEntry.Draw(t, "entry")
		line := e.String()
		if strings.ContainsAny(line, "\n\r") {
			t.Fatalf("%q is more than a line", line)
		}
		back, err := ParseEntry(line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if back.String() != line || back.At != e.At || back.Thread != e.Thread || back.F != e.F {
			t.Fatalf("%s came back as %s", line, back)
		}
	})
}

func TestSchedulesComeBack(t *testing.T) {
	dir := create(t)
	rapid.Check(t, func(t *rapid.T) {
		entries := rapid.SliceOfN(anyEntry, 1, 20).Draw(t, "entries")
		if err := dir.WriteSchedule(entries); err != nil {
			t.Fatal(err)
		}
		back, err := dir.ReadSchedule()
		if err != nil {
			t.Fatal(err)
		}
		if !slices.EqualFunc(back, entries, func(a, b Entry) bool { return a.String() == b.String() }) {
			t.Fatalf("%v came back as %v", entries, back)
		}
	})
}

func TestScheduleSkipsBlanksAndComments(t *testing.T) {
	dir := create(t)
	text := scheduleHeader + "\n\n# why\n  0.5 2 read nil\r\n1 nemesis kill \"n1\""
	if err := os.WriteFile(dir.SchedulePath(), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	entries, err := dir.ReadSchedule()
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 2 || entries[0].At != 5e8 || entries[0].Thread != 2 || entries[1].At != 1e9 || entries[1].Thread != NemesisThread {
		t.Errorf("%v", entries)
	}
}

func TestWrongSchedules(t *testing.T) {
	for name, c := range map[string]struct{ lines, want string }{
		"empty":            {"", ": the schedule is empty"},
		"something else":   {"{:type :invoke}\n", ":1: expected \"# checker schedule 1\"; is this a schedule?"},
		"a later one":      {"# checker schedule 2\n1 0 read nil\n", ":1: expected"},
		"no entries":       {scheduleHeader + "\n# nothing\n", "the schedule is empty"},
		"too short":        {scheduleHeader + "\n1 0 read\n", ":2: expected: seconds, thread, function, value"},
		"time":             {scheduleHeader + "\nsoon 0 read nil\n", `:2: time "soon": expected seconds`},
		"negative time":    {scheduleHeader + "\n-1 0 read nil\n", `:2: time "-1"`},
		"huge time":        {scheduleHeader + "\n99999999999999999999 0 read nil\n", `:2: time "99999999999999999999"`},
		"too exact a time": {scheduleHeader + "\n1.0000000001 0 read nil\n", "more than nine decimals"},
		"thread":           {scheduleHeader + "\n1 -1 read nil\n", `:2: thread "-1": expected a number or nemesis`},
		"value":            {scheduleHeader + "\n\n1 0 write [1\n", ":3: value: "},
		"binary":           {scheduleHeader + "\n\x00\xff\n", ":2: expected"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := create(t)
			if err := os.WriteFile(dir.SchedulePath(), []byte(c.lines), 0o644); err != nil {
				t.Fatal(err)
			}
			_, err := dir.ReadSchedule()
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), dir.SchedulePath()) {
				t.Errorf("got %v, want the path and %q", err, c.want)
			}
		})
	}
}
