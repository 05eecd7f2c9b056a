package txn

// committed are the models that forbid cycles of what was written and read. They
// hold without such a cycle even where the order of versions is not known, since
// any order of transactions that agrees with the rest orders versions too.
var committed = []string{
	"read-uncommitted", "read-committed",
	"strong-session-read-uncommitted", "strong-session-read-committed",
	"strong-read-uncommitted", "strong-read-committed",
}

// isolated are the models that also say what a read may miss. Parallel snapshot
// isolation forbids the cycles that consistent view does, and reads that are not
// of a snapshot (Cerone and Gotsman: Analysing Snapshot Isolation, JACM 2018).
var isolated = []string{
	"consistent-view", "parallel-snapshot-isolation", "repeatable-read", "snapshot-isolation", "serializable",
	"strong-session-snapshot-isolation", "strong-session-serializable",
	"strong-snapshot-isolation", "strict-serializable",
}

func (l *lists) judged() []string { return append(append([]string{}, committed...), isolated...) }

func (r *registers) judged() []string { return committed }
