package stores

import (
	"fmt"

	"checker/workloads/gen"
)

// oldest is how many commits the snapshots of stores with old ones may be behind.
const oldest = 8

// All returns the stores, the correct ones first, from strong to weak.
func All() []Store {
	return append(append(append(serializable(), snapshotIsolation()...), weakOnes()...), broken()...)
}

// Find returns the store of a name.
func Find(name string) (Store, error) {
	for _, s := range All() {
		if s.Name == name {
			return s, nil
		}
	}
	return Store{}, fmt.Errorf("no store is called %q", name)
}

// of makes the opener of a store of snapshots.
func of(s snapshots) func(gen.Rand, Params) engine {
	return func(rng gen.Rand, p Params) engine {
		open := s
		open.rng, open.stale, open.session = rng, p.Stale, map[int]sessionPast{}
		return &open
	}
}

func at(s sites) func(gen.Rand, Params) engine {
	return func(rng gen.Rand, _ Params) engine {
		open := s
		open.rng = rng
		return openSites(open)
	}
}

func serializable() []Store {
	return []Store{
		{Name: "strict-serializable", Summary: "Runs one transaction after the other.",
			Holds: []string{"strict-serializable"}, whole: true, open: of(snapshots{})},
		{Name: "optimistic", Summary: "Validates at commit that all that was read is current.",
			Holds: []string{"strict-serializable"}, open: of(snapshots{checkReads: true, checkWrites: true})},
		{Name: "old-reads", Summary: "Validates what writes; what only reads may read an old snapshot, but none before the session's last.",
			Holds: []string{"strong-session-serializable"}, Breaks: []string{"strong-snapshot-isolation"},
			open: of(snapshots{lag: oldest, seesReads: true, seesWrites: true, checkReads: true, checkWrites: true})},
		{Name: "forgetful-sessions", Summary: "Validates what writes; what only reads may read any old snapshot.",
			Holds: []string{"serializable"}, Breaks: []string{"read-your-writes", "monotonic-reads"},
			open: of(snapshots{lag: oldest, checkReads: true, checkWrites: true})},
		{Name: "non-monotonic-reads", Summary: "As forgetful-sessions, but a session sees its own writes.",
			Holds: []string{"serializable", "read-your-writes"}, Breaks: []string{"monotonic-reads"},
			open: of(snapshots{lag: oldest, seesWrites: true, checkReads: true, checkWrites: true})},
		{Name: "stale-own-writes", Summary: "As forgetful-sessions, but a session never reads an older snapshot than before.",
			Holds: []string{"serializable", "monotonic-reads"}, Breaks: []string{"read-your-writes"},
			open: of(snapshots{lag: oldest, seesReads: true, checkReads: true, checkWrites: true})},
	}
}

func snapshotIsolation() []Store {
	return []Store{
		{Name: "write-skew", Summary: "Reads the newest snapshot; the first to commit wins.",
			Holds: []string{"strong-snapshot-isolation"}, Breaks: []string{"serializable", "repeatable-read"},
			open: of(snapshots{checkWrites: true})},
		{Name: "session-snapshots", Summary: "Reads old snapshots, but none before the session's last; the first to commit wins.",
			Holds: []string{"strong-session-snapshot-isolation"}, Breaks: []string{"strong-snapshot-isolation", "repeatable-read"},
			open: of(snapshots{lag: oldest, seesReads: true, seesWrites: true, checkWrites: true})},
		{Name: "old-snapshots", Summary: "Reads any old snapshot; the first to commit wins.",
			Holds: []string{"snapshot-isolation"}, Breaks: []string{"read-your-writes", "monotonic-reads", "repeatable-read"},
			open: of(snapshots{lag: oldest, checkWrites: true})},
		{Name: "lost-updates", Summary: "Reads the newest snapshot and overwrites whatever came since.",
			Holds: []string{"prefix", "causal-convergence"}, Breaks: []string{"update-atomic", "PRAM"},
			open: of(snapshots{})},
		{Name: "long-fork", Summary: "Three sites exchange commits in causal order; who writes must have the newest versions.",
			Holds: []string{"parallel-snapshot-isolation", "causal-convergence", "causal-memory"}, Breaks: []string{"snapshot-isolation"},
			whole: true, open: at(sites{conflicts: true})},
		{Name: "roaming-sessions", Summary: "As long-fork, but the transactions of a session run at any site.",
			Holds: []string{"parallel-snapshot-isolation"}, Breaks: []string{"snapshot-isolation", "read-your-writes", "monotonic-reads"},
			whole: true, open: at(sites{conflicts: true, roam: true})},
	}
}

func weakOnes() []Store {
	return []Store{
		{Name: "causal-convergence", Summary: "Three sites exchange commits in causal order; the last writer wins by Lamport clock.",
			Holds: []string{"causal-convergence"}, Breaks: []string{"PRAM", "parallel-snapshot-isolation"},
			NoLists: true, whole: true, open: at(sites{converge: true})},
		{Name: "causal-memory", Summary: "Three sites exchange commits in causal order and keep what they applied last.",
			Holds: []string{"causal-memory"}, Breaks: []string{"causal-convergence"},
			NoLists: true, whole: true, open: at(sites{})},
		{Name: "pram", Summary: "Three sites send each other their commits in their order, without regard to what these had read.",
			Holds: []string{"PRAM"}, Breaks: []string{"writes-follow-reads"},
			NoLists: true, whole: true, open: at(sites{deliver: inOriginOrder})},
		{Name: "reordered-writes", Summary: "Three sites send each other their commits in any order.",
			Holds: []string{"read-your-writes", "monotonic-reads"}, Breaks: []string{"monotonic-writes"},
			NoLists: true, whole: true, open: at(sites{deliver: inAnyOrder})},
		{Name: "read-atomic", Summary: "Sees all or nothing of each transaction, of any age, and all of its own session.",
			Holds: []string{"axiomatic-read-atomic"}, Breaks: []string{"causal-convergence", "monotonic-reads"},
			open: func(rng gen.Rand, _ Params) engine {
				return &atomicReads{rng: rng, session: map[int][]int32{}}
			}},
		{Name: "read-committed", Summary: "Each read takes what is committed at that moment.",
			Holds:  []string{"monotonic-atomic-view", "axiomatic-read-committed", "read-your-writes", "monotonic-reads"},
			Breaks: []string{"axiomatic-read-atomic", "consistent-view"},
			open:   func(rng gen.Rand, _ Params) engine { return &live{rng: rng} }},
	}
}

func broken() []Store {
	return []Store{
		{Name: "fractured-reads", Summary: "Commits become visible key by key.",
			Holds: []string{"read-committed"}, Breaks: []string{"axiomatic-read-committed", "read-your-writes"},
			open: func(rng gen.Rand, _ Params) engine { return &live{rng: rng, split: true} }},
		{Name: "stale-reads", Summary: "Each read may be a few versions behind, for itself.",
			Holds: []string{"read-committed"}, Breaks: []string{"axiomatic-read-committed", "read-your-writes", "monotonic-reads"},
			open: func(rng gen.Rand, _ Params) engine { return &live{rng: rng, lag: 4} }},
		{Name: "lost-commits", Summary: "Now and then a commit is acknowledged and forgotten.",
			Holds: []string{"read-committed"}, Breaks: []string{"read-your-writes"},
			whole: true, open: of(snapshots{mischief: mischief{forget: 0.2}})},
		{Name: "dirty-reads", Summary: "Writes are visible before their transaction commits or aborts.",
			Holds: []string{"read-uncommitted"}, Breaks: []string{"read-committed"},
			open: func(gen.Rand, Params) engine { return &inPlace{locks: map[int64]*inPlaceTransaction{}} }},
		{Name: "aborted-reads", Summary: "Half of the aborted transactions are applied all the same.",
			Holds: []string{"read-uncommitted"}, Breaks: []string{"read-committed"},
			whole: true, open: of(snapshots{mischief: mischief{resurrect: 0.5}})},
		{Name: "intermediate-reads", Summary: "Reads now and then end between two writes of one transaction.",
			Holds: []string{"read-uncommitted"}, Breaks: []string{"read-committed"},
			whole: true, open: of(snapshots{mischief: mischief{halfway: 0.5}})},
		{Name: "dirty-writes", Summary: "Transactions write between each other's writes.",
			Breaks: []string{"read-uncommitted"}, NoRegisters: true,
			open: func(gen.Rand, Params) engine { return &inPlace{} }},
		{Name: "garbage", Summary: "Now and then a read returns what nobody wrote.",
			Breaks: []string{"axiomatic-read-committed", "read-your-writes"},
			whole:  true, open: of(snapshots{mischief: mischief{garbage: 0.02}})},
	}
}
