package online_test

import (
	"runtime"
	"testing"

	"checker/check/online"
	"checker/history"
)

// TestMutexForgets feeds a mutex with ops that needed one that was open, again and
// again: an acquire by one client is ok while the release of another is under way.
func TestMutexForgets(t *testing.T) {
	s := online.Mutex(false)
	feedRounds := func(n int) int64 {
		for range n {
			rows := []history.Op{
				{Process: 0, Type: history.Invoke, F: "acquire"}, {Process: 0, Type: history.Ok, F: "acquire"},
				{Process: 0, Type: history.Invoke, F: "release"}, {Process: 1, Type: history.Invoke, F: "acquire"},
				{Process: 1, Type: history.Ok, F: "acquire"}, {Process: 0, Type: history.Ok, F: "release"},
				{Process: 1, Type: history.Invoke, F: "release"}, {Process: 1, Type: history.Ok, F: "release"},
			}
			if at := feed(s, rows); at >= 0 {
				t.Fatalf("row %d: %+v", at, s.Found())
			}
		}
		return heap()
	}
	early, late := feedRounds(10_000), feedRounds(100_000)
	runtime.KeepAlive(s)
	if late-early > 100_000 {
		t.Errorf("800,000 more rows took %d bytes more", late-early)
	}
}
