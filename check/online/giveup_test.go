package online_test

import (
	"strings"
	"testing"

	"checker/check/online"
	"checker/history"
)

// TestStreamsGiveUpRatherThanGuess feeds what a stream cannot judge, followed by what
// would be a violation.
func TestStreamsGiveUpRatherThanGuess(t *testing.T) {
	n := history.Int
	op := func(process history.Process, typ history.Type, f string, v history.Value) history.Op {
		return history.Op{Process: process, Type: typ, F: f, Value: v}
	}
	for name, c := range map[string]struct {
		stream *online.Stream
		rows   []history.Op
		why    string
	}{
		"a value written twice": {online.Register(history.Nil, false), []history.Op{
			op(0, history.Invoke, "write", n(1)), op(0, history.Ok, "write", n(1)), op(1, history.Invoke, "write", n(1)),
			op(2, history.Invoke, "read", history.Nil), op(2, history.Ok, "read", n(7)),
		}, "1 is written again"},
		"an unknown function": {online.Lock(false, false), []history.Op{
			op(0, history.Invoke, "renew", history.Nil), op(0, history.Ok, "renew", history.Nil),
			op(0, history.Invoke, "release", history.Nil), op(0, history.Ok, "release", history.Nil),
		}, `not "renew"`},
		"a process that survives a crash": {online.Lock(false, false), []history.Op{
			op(0, history.Invoke, "acquire", history.Nil), op(0, history.Info, "acquire", history.Nil),
			op(0, history.Invoke, "release", history.Nil), op(0, history.Ok, "release", history.Nil),
		}, "after an acquire that crashed"},
		"a queue seen empty": {online.FIFO(false), []history.Op{
			op(0, history.Invoke, "dequeue", history.Nil), op(0, history.Ok, "dequeue", history.Nil),
			op(0, history.Invoke, "dequeue", history.Nil), op(0, history.Ok, "dequeue", n(3)),
		}, "found the queue empty"},
		"no key": {online.Register(history.Nil, true), []history.Op{
			op(0, history.Invoke, "read", history.Nil), op(0, history.Ok, "read", n(3)),
		}, "not [key value]"},
		"a token that is a word": {online.Fence(false), []history.Op{
			op(0, history.Invoke, "acquire", history.Nil), op(0, history.Ok, "acquire", history.String("x")),
		}, "not a token"},
	} {
		for i := range c.rows {
			if v := c.stream.Observe(&c.rows[i]); v != nil {
				t.Errorf("%s: %+v", name, v)
			}
		}
		if !strings.Contains(c.stream.GaveUp(), c.why) {
			t.Errorf("%s: %q, expected %q", name, c.stream.GaveUp(), c.why)
		}
	}
}

// TestOneObjectGivenUpLeavesTheOthers gives up one key; another one is still judged.
func TestOneObjectGivenUpLeavesTheOthers(t *testing.T) {
	s := online.Register(history.Nil, true)
	rows := []history.Op{
		{Process: 0, Type: history.Invoke, F: "swap", Value: history.Ints(1, 1)},
		{Process: 0, Type: history.Ok, F: "swap", Value: history.Ints(1, 1), Index: 1},
		{Process: 0, Type: history.Invoke, F: "read", Value: history.Vector(history.Int(2), history.Nil), Index: 2},
		{Process: 0, Type: history.Ok, F: "read", Value: history.Ints(2, 5), Index: 3},
	}
	if at := feed(s, rows); at != 3 || s.Found().Key != "2" || s.GaveUp() == "" {
		t.Errorf("found at %d: %+v; given up: %q", at, s.Found(), s.GaveUp())
	}
}
