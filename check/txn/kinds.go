package txn

import (
	"checker/check"
	"checker/models/consistency"
)

// kinds are the anomalies in the order in which a result lists them, the worst
// first.
var kinds = func() []check.Kind {
	list := []check.Kind{
		{Name: "garbage-read", Summary: "A transaction read a value that nobody ever tried to write.", Example: `T1   append x 1
T2   read x → [1 7]`},
		{Name: "duplicate-elements", Summary: "A transaction read a list in which an element is twice that was appended once.", Example: `T1   append x 1
T2   read x → [1 1]`},
		{Name: "cyclic-versions", Summary: "What was said about the order of a key's versions contradicts itself.", Example: `T1   read x → 1, write x 2
T2   read x → 2, write x 1`},
		{Name: "incompatible-order", Summary: "A key was read as two lists of which neither is a prefix of the other.", Example: `T1   append x 1
T2   append x 2
T3   read x → [1 2]
T4   read x → [2]`},
		{Name: "G1a", Summary: "A transaction read what a failed one wrote (aborted read).", Example: `T1   append x 1 → fail
T2   read x → [1]`},
		{Name: "dirty-update", Summary: "A transaction that committed wrote on top of what a failed one wrote.", Example: `T1   append x 1 → fail
T2   append x 2
T3   read x → [1 2]`},
		{Name: "G1b", Summary: "A transaction read a state that another one went on to overwrite itself (intermediate read).", Example: `T1   append x 1, append x 2
T2   read x → [1]`},
		{Name: "future-read", Summary: "A transaction read what it wrote only later.", Example: `T1   read x → [1], append x 1`},
		{Name: "internal", Summary: "A transaction's read contradicts what it had read or written itself before.", Example: `T1   append x 1, read x → []`},
		{Name: "lost-update", Summary: "Two transactions read the same version of a key and both wrote the key.", Example: `T1   read x → [], append x 1
T2   read x → [], append x 2`},
	}
	for v := plain; v < variants; v++ {
		for c := g0; c < classes; c++ {
			list = append(list, cycleKind(c, v))
		}
		switch v {
		case withProcess:
			list = append(list, check.Kind{Name: "cyclic-versions-process", Summary: "The versions of a key cannot be in the order in which each session saw them (asked for with --sequential-keys).", Example: `process 1   write x 1   write x 2   read x → 1`})
		case withRealtime:
			list = append(list, check.Kind{Name: "cyclic-versions-realtime", Summary: "The versions of a key cannot be in the order in which they were seen in real time (asked for with --linearizable-keys).", Example: `process 1   write x 1   write x 2
process 2                           read x → 1`})
		}
	}
	return append(list, check.Kind{Name: consistency.CycleExists("prefix"), Summary: "No order of commits explains what transactions read as prefixes of it, whatever the order of versions; the witness is a proof.", Example: `T1   append x 1
T2   append y 1
T3   read x → [1], read y → []
T4   read x → [], read y → [1]`})
}()

// Kinds explains the anomalies that this package finds, the worst first.
func Kinds() []check.Kind { return kinds }

var cycleWords = [classes]struct{ summary, example string }{
	{"Transactions overwrote each other's writes in a circle", `T1   append x 1, append y 1
T2   append x 2, append y 2
T3   read x → [1 2], read y → [2 1]`},
	{"Transactions read from or overwrote each other in a circle", `T1   append x 1, read y → [1]
T2   append x 2, append y 1
T3   read x → [1 2]`},
	{"In a circle of transactions, one missed what another had written, though it comes behind it (read skew)", `T1   append x 1, append y 1
T2   read x → [1], read y → []`},
	{"In a circle of transactions, several missed what the next had written, but never two in a row (long fork)", `T1   append x 1
T2   append y 1
T3   read x → [1], read y → []
T4   read x → [], read y → [1]`},
	{"In a circle of transactions, two in a row missed what the next had written (write skew)", `T1   read x → [], append y 1
T2   read y → [], append x 1`},
}

var variantWords = [variants]string{
	".",
	"; the circle closes by the order of a session.",
	"; the circle closes by the order of real time.",
}

func cycleKind(c class, v variant) check.Kind {
	words := cycleWords[c]
	example := words.example
	if v != plain {
		example += "\nand between two of them, in place of what they read or wrote, the order in which " +
			[variants]string{withProcess: "a session did them", withRealtime: "they happened"}[v]
	}
	return check.Kind{Name: c.name(v), Summary: words.summary + variantWords[v], Example: example}
}
