package txn_test

import (
	"context"
	"slices"
	"testing"

	"checker/check"
	"checker/check/txn"
	"checker/check/txn/micro"
)

// TestWhatElleWasSeenToDo goes through the small histories on which Elle was
// measured. What it answered is in the comment of each.
func TestWhatElleWasSeenToDo(t *testing.T) {
	strict, serializable := []string{"strict-serializable"}, []string{"serializable"}
	for _, c := range []struct {
		name         string
		lines        []string
		lists        bool
		serial       bool
		linearizable bool
		models       []string
		anomaly      string
		holds        string // a model that must not be blamed, or nothing
	}{
		{"an element that nobody appended", // throws
			[]string{"0 ok ax1", "1 ok rx12"}, true, false, false, serializable, "garbage-read", ""},
		{"a value that nobody wrote", // unknown, or nothing
			[]string{"0 ok wx1", "1 ok rx2"}, false, false, false, serializable, "garbage-read", ""},
		{"an observed write without an answer", // valid
			[]string{"0 info wx1", "1 ok rx1wy1", "2 ok ry1rx_"}, false, false, false, serializable, "G-single-item", "read-committed"},
		{"a transaction that reads its own later write", // valid
			[]string{"0 ok rx1wx1", "1 ok ry_wy1"}, false, false, false, serializable, "future-read", "read-uncommitted"},
		{"a stale read, by real time", // valid
			[]string{"0 ok wx1", "1 ok wx2", "2 ok rx1"}, false, true, false, strict, "G-single-item-realtime", "strong-session-serializable"},
		{"a stale read, by real time taken for granted", // cyclic-versions, not even read uncommitted
			[]string{"0 ok wx1", "1 ok wx2", "2 ok rx1"}, false, true, true, strict, "cyclic-versions-realtime", "strong-session-serializable"},
		{"blind writes that were seen in both orders", // valid
			[]string{"0 ok wx1wy1", "1 ok wx2wy2", "2 ok rx1ry2"}, false, false, false, serializable, "G-single-item", "read-committed"},
		{"a stale read of a list", // the same
			[]string{"0 ok ax1", "1 ok ax2", "2 ok rx12", "3 ok rx1"}, true, true, false, strict, "G-single-item-realtime", "strong-session-serializable"},
		{"an element of a failed transaction", // the same
			[]string{"0 fail ax1", "1 ok rx1"}, true, false, false, serializable, "G1a", "read-uncommitted"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, err := shorthand(c.lines, c.lists, c.serial)
			if err != nil {
				t.Fatal(err)
			}
			o := txn.Options{Model: micro.Registers, ConsistencyModels: c.models, LinearizableKeys: c.linearizable}
			if c.lists {
				o.Model = micro.Lists
			}
			checker, err := txn.New(o)
			if err != nil {
				t.Fatal(err)
			}
			r := check.Run(context.Background(), checker, h)
			if r.Verdict != check.Invalid || !slices.ContainsFunc(r.Anomalies, func(a check.Anomaly) bool { return a.Type == c.anomaly }) {
				t.Errorf("not invalid by %s: %s", c.anomaly, draw(r, true))
			}
			m := r.ConsistencyModels
			if slices.Contains(m.Not, c.holds) || slices.Contains(m.AlsoNot, c.holds) {
				t.Errorf("%s is blamed: %s", c.holds, draw(r, true))
			}
		})
	}
}
