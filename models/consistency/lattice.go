package consistency

import (
	"fmt"
	"sort"
	"strings"
)

// Model is a guarantee.
type Model struct {
	Name     string
	Synonyms []string
	Summary  string   // one sentence
	Implies  []string // the next weaker guarantees
}

// lattice is written from the strongest to the weakest: a model comes before
// all that it implies.
var lattice = []Model{
	{"strict-serializable", []string{"strong-serializable", "strong-PL-3", "PL-SS", "strict-1SR", "external-consistency"},
		"Transactions happen one at a time, in an order that agrees with real time.",
		[]string{"serializable", "linearizable", "strong-session-serializable", "strong-snapshot-isolation"}},
	{"strong-session-serializable", []string{"strong-session-PL-3"},
		"Transactions happen one at a time, in an order that agrees with each session.",
		[]string{"serializable", "sequential", "strong-session-snapshot-isolation"}},
	{"serializable", []string{"PL-3", "1SR"},
		"Transactions happen as if one at a time, in some order.",
		[]string{"repeatable-read", "snapshot-isolation", "update-serializable"}},
	{"strong-snapshot-isolation", []string{"strong-SI", "strong-PL-SI"},
		"Snapshot isolation whose snapshots hold everything that committed before the transaction began.",
		[]string{"strong-session-snapshot-isolation", "strong-read-committed"}},
	{"strong-session-snapshot-isolation", []string{"strong-session-SI", "prefix-consistent-SI"},
		"Snapshot isolation in which a session sees its own past.",
		[]string{"snapshot-isolation", "strong-session-read-committed", "causal-convergence", "causal-memory"}},
	{"snapshot-isolation", []string{"SI", "PL-SI"},
		"A transaction reads from one snapshot and commits only if nobody else wrote what it writes.",
		[]string{"parallel-snapshot-isolation", "prefix", "forward-consistent-view", "monotonic-snapshot-read"}},
	{"parallel-snapshot-isolation", []string{"PSI"},
		"Snapshot isolation whose snapshots may order independent transactions differently at different sites.",
		[]string{"causal-transactions", "update-atomic", "consistent-view"}},
	{"prefix", []string{"prefix-consistency"},
		"All transactions observe prefixes of one order of commits.",
		[]string{"causal-transactions"}},
	{"causal-convergence", []string{"CCv", "axiomatic-causal", "transactional-causal-consistency", "TCC"},
		"A transaction sees all that happened before it, in its session and in those it read from; concurrent writes have one order for all.",
		[]string{"causal-transactions", "axiomatic-read-atomic", "read-your-writes", "monotonic-reads", "monotonic-writes", "writes-follow-reads"}},
	{"causal-transactions", []string{"causal-cerone"},
		"A transaction that sees another also sees everything that one had seen.",
		[]string{"read-atomic"}},
	{"axiomatic-read-atomic", nil,
		"Read atomic after Biswas and Enea: a transaction sees all of its session's past, and all or nothing of every other transaction.",
		[]string{"axiomatic-read-committed", "read-atomic", "read-your-writes"}},
	{"update-atomic", nil,
		"Read atomic without lost updates.",
		[]string{"read-atomic"}},
	{"read-atomic", []string{"RA"},
		"A transaction's writes become visible all at once or not at all.",
		[]string{"monotonic-atomic-view"}},
	{"update-serializable", []string{"PL-3U", "update-serializability"},
		"Transactions that write are serializable; one that only reads may see its own order of them.",
		[]string{"forward-consistent-view"}},
	{"forward-consistent-view", []string{"PL-FCV", "FCV"},
		"Consistent view, but a transaction may see ahead of its beginning.",
		[]string{"consistent-view"}},
	{"axiomatic-read-committed", nil,
		"Read committed after Biswas and Enea: a transaction that has read from another never goes back behind it; the order of commits agrees with sessions.",
		[]string{"read-committed"}},
	{"repeatable-read", []string{"PL-2.99", "RR"},
		"Serializable except for predicate reads.",
		[]string{"cursor-stability", "monotonic-atomic-view"}},
	{"consistent-view", []string{"PL-2+"},
		"A transaction misses no effect of a transaction that it depends on.",
		[]string{"cursor-stability", "monotonic-view"}},
	{"monotonic-atomic-view", []string{"MAV"},
		"Once a transaction has seen an effect of another, it sees all of them.",
		[]string{"read-committed"}},
	{"monotonic-view", []string{"PL-2L"},
		"A transaction's view only moves forward.",
		[]string{"read-committed"}},
	{"monotonic-snapshot-read", []string{"PL-MSR", "MSR"},
		"Every read of a transaction is from a snapshot, and the snapshots only move forward.",
		[]string{"read-committed"}},
	{"strong-read-committed", []string{"strong-PL-2"},
		"Read committed, and what depends on each other agrees with real time.",
		[]string{"strong-session-read-committed", "strong-read-uncommitted"}},
	{"strong-session-read-committed", []string{"strong-session-PL-2"},
		"Read committed, and what depends on each other agrees with each session.",
		[]string{"read-committed", "strong-session-read-uncommitted"}},
	{"strong-read-uncommitted", []string{"strong-PL-1"},
		"Read uncommitted, and the order of writes agrees with real time.",
		[]string{"strong-session-read-uncommitted"}},
	{"strong-session-read-uncommitted", []string{"strong-session-PL-1"},
		"Read uncommitted, and the order of writes agrees with each session.",
		[]string{"read-uncommitted"}},
	{"cursor-stability", []string{"PL-CS", "CS"},
		"Read committed without lost updates through a cursor.",
		[]string{"read-committed"}},
	{"read-committed", []string{"PL-2", "RC"},
		"No transaction reads what was aborted, what was overwritten in its own transaction, or around a circle.",
		[]string{"read-uncommitted"}},
	{"read-uncommitted", []string{"PL-1", "RU"},
		"The writes of transactions are totally ordered per object and do not interleave.",
		nil},
	{"linearizable", []string{"linearizability", "atomic", "lin"},
		"Every op seems to happen at one moment between its invocation and its completion.",
		[]string{"sequential", "regular", "k-atomic", "delta-atomic"}},
	{"sequential", []string{"sequential-consistency", "SC"},
		"Ops happen in one order that agrees with the order of each process.",
		[]string{"causal-memory"}},
	{"causal-memory", []string{"causal", "causal-consistency"},
		"Each session sees causally related writes in their order; concurrent ones may look different to each.",
		[]string{"writes-follow-reads", "PRAM"}},
	{"PRAM", []string{"FIFO", "pipelined-RAM"},
		"The writes of each process are seen in its order by all.",
		[]string{"monotonic-reads", "monotonic-writes", "read-your-writes"}},
	{"writes-follow-reads", []string{"WFR", "session-causality"},
		"A write comes after every write that its process had read from.",
		nil},
	{"monotonic-reads", []string{"MR"},
		"A process that saw a value never sees an older one.",
		nil},
	{"monotonic-writes", []string{"MW"},
		"The writes of a process take effect in its order.",
		nil},
	{"read-your-writes", []string{"RYW", "read-my-writes"},
		"A process sees its own writes.",
		nil},
	{"regular", []string{"regularity", "multi-writer-regular", "MWR1"},
		"A read returns the last value written before it, or one that is being written; each read may order concurrent writes for itself.",
		[]string{"safe"}},
	{"safe", []string{"safeness"},
		"A read that no write overlaps returns the last value written before it; others may return anything.",
		nil},
	{"k-atomic", []string{"k-atomicity", "bounded-staleness"},
		"A read returns one of the last k values, in an order that agrees with real time.",
		nil},
	{"delta-atomic", []string{"delta-atomicity", "timed-atomicity"},
		"A read returns a value that was there at most Δ before it was invoked.",
		nil},
	{"total-order-broadcast", []string{"atomic-broadcast"},
		"Reliable broadcast whose messages all processes deliver in one order.",
		[]string{"reliable-broadcast"}},
	{"causal-broadcast", nil,
		"FIFO broadcast in which a message comes after all that its sender had delivered before it.",
		[]string{"fifo-broadcast"}},
	{"fifo-broadcast", nil,
		"Reliable broadcast in which the messages of each process are delivered in its order.",
		[]string{"reliable-broadcast"}},
	{"uniform-broadcast", []string{"uniform-reliable-broadcast"},
		"What any process delivers, even one that then crashes, all correct processes deliver.",
		[]string{"reliable-broadcast"}},
	{"reliable-broadcast", nil,
		"What one correct process delivers, all correct processes deliver.",
		[]string{"best-effort-broadcast"}},
	{"best-effort-broadcast", nil,
		"What a correct process broadcasts, all correct processes deliver, once each and nothing else.",
		nil},
}

// index maps names and synonyms, in lower case, to places in the lattice.
var index = func() map[string]int {
	at := map[string]int{}
	for i, m := range lattice {
		at[strings.ToLower(m.Name)] = i
		for _, s := range m.Synonyms {
			at[strings.ToLower(s)] = i
		}
	}
	return at
}()

// All returns the models from the strongest to the weakest: a model comes before
// those that it implies. The caller must not change them.
func All() []Model { return lattice }

// Parse finds a model by name or synonym, in any case.
func Parse(name string) (Model, error) {
	if i, ok := index[strings.ToLower(strings.TrimSpace(name))]; ok {
		return lattice[i], nil
	}
	known := make([]string, 0, len(index))
	for k := range index {
		known = append(known, k)
	}
	sort.Strings(known)
	return Model{}, fmt.Errorf("no consistency model is called %q%s", name, DidYouMean(name, known))
}

// Implies reports whether every history that satisfies a satisfies b. Both are
// names or synonyms; one that is unknown implies and is implied by nothing.
func Implies(a, b string) bool {
	i, ok := index[strings.ToLower(a)]
	j, known := index[strings.ToLower(b)]
	return ok && known && implies(i, j)
}

func implies(i, j int) bool { return below[i][j] }

// below is, by two places in the lattice, whether the first implies the second.
var below = func() [][]bool {
	below := make([][]bool, len(lattice))
	var descend func(i, from int)
	descend = func(i, from int) {
		if below[i][from] {
			return
		}
		below[i][from] = true
		for _, name := range lattice[from].Implies {
			descend(i, index[strings.ToLower(name)])
		}
	}
	for i := range lattice {
		below[i] = make([]bool, len(lattice))
		descend(i, i)
	}
	return below
}()

// Strongest returns those of names that no other one of names implies, in the
// order of the lattice: what is left to say when all of names hold.
func Strongest(names ...string) []string {
	return frontier(names, func(other, m int) bool { return implies(other, m) })
}

// Weakest returns those of names that imply no other one of names, in the order
// of the lattice: what is left to say when all of names are violated.
func Weakest(names ...string) []string {
	return frontier(names, func(other, m int) bool { return implies(m, other) })
}

// Above returns the models other than names that imply one of them, in the order
// of the lattice: those that fall when names are violated.
func Above(names ...string) []string {
	in := places(names)
	out := []string{}
	for i := range lattice {
		if in[i] {
			continue
		}
		for j := range lattice {
			if in[j] && implies(i, j) {
				out = append(out, lattice[i].Name)
				break
			}
		}
	}
	return out
}

func frontier(names []string, covers func(other, m int) bool) []string {
	in := places(names)
	out := []string{}
	for i := range lattice {
		if !in[i] {
			continue
		}
		covered := false
		for j := range lattice {
			covered = covered || j != i && in[j] && covers(j, i)
		}
		if !covered {
			out = append(out, lattice[i].Name)
		}
	}
	return out
}

func places(names []string) []bool {
	in := make([]bool, len(lattice))
	for _, name := range names {
		if i, ok := index[strings.ToLower(name)]; ok {
			in[i] = true
		}
	}
	return in
}
