package refdb

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestHintsNeverSkipTheMatch: for any two logs that Raft allows, a leader that follows the
// follower's hints finds the last entry they share, and in no more probes than there are terms.
func TestHintsNeverSkipTheMatch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shared := rapid.SliceOfN(rapid.Uint64Range(1, 3), 0, 6).Draw(t, "shared")
		slices.Sort(shared)
		// Behind the shared part no term is in both logs: a term has one leader, whose entries at
		// one index are the same everywhere.
		leader := logOf(shared, rapid.SliceOfN(rapid.SampledFrom([]uint64{4, 6, 8}), 0, 8).Draw(t, "leader"))
		follower := logOf(shared, rapid.SliceOfN(rapid.SampledFrom([]uint64{5, 7, 9}), 0, 8).Draw(t, "follower"))
		prev, probes := leader.last(), 1
		for !follower.matches(prev, leader.term(prev)) {
			hint := follower.lastUpToTerm(prev, leader.term(prev))
			next := min(leader.lastUpToTerm(hint, follower.term(hint)), prev-1)
			if next >= prev {
				t.Fatalf("no progress at %d", prev)
			}
			prev, probes = next, probes+1
		}
		if want := uint64(len(shared)); prev != want || probes > 5 {
			t.Fatalf("found %d in %d probes, want %d", prev, probes, want)
		}
	})
}

// TestSharedEntriesDoNotChange: neither the log nor a receiver writes where entries are shared.
func TestSharedEntriesDoNotChange(t *testing.T) {
	l := logOf([]uint64{1, 1, 1, 1})
	shared := l.slice(2, 2)
	l.truncate(2)
	l.append(Entry{Index: 2, Term: 2})
	if want := (Entry{Index: 2, Term: 1}); shared[0] != want {
		t.Errorf("a shared entry %v is now %v", want, shared[0])
	}
	shared = l.slice(1, 1)
	_ = append(shared, Entry{Index: 2, Term: 3})
	if l.term(2) != 2 {
		t.Errorf("a receiver's append got into the log")
	}
}

func logOf(parts ...[]uint64) raftLog {
	l := newRaftLog(0, 0)
	for _, terms := range parts {
		slices.Sort(terms)
		for _, term := range terms {
			l.append(Entry{Index: l.last() + 1, Term: term})
		}
	}
	return l
}
