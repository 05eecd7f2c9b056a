// Package polygraph decides whether a history of transactions has a schedule
// when the order of its versions is not known: registers that are written
// blindly, appends that nobody read. It decides serializable, snapshot isolation,
// their session and real-time variants, and prefix consistency (see [Models]),
// which is NP-complete (Papadimitriou 1979; Biswas and Enea 2019), and does so in
// moments for what databases produce.
//
// A transaction is one point of a schedule, or two under snapshot isolation: its
// start, at which it reads, and its commit. The history gives edges between
// points: a version is committed before it is read; under snapshot isolation the
// writer of a version commits before that of the next one starts; a reader starts
// before the version that it read is overwritten. A schedule is an order of the
// points that agrees with all edges, so for snapshot isolation no graph has to
// be composed (after Viper, EuroSys 2023; the edges are those of Adya and of
// Cerone and Gotsman).
//
// Which of two versions of a key came first may be unknown; each answer brings
// edges of its own. That is settled in two steps.
//
// First, a schedule is drafted: transactions commit in the order in which they
// ended, each after whatever must come before it as things stand. Where that runs
// in a circle, a version was written too early, is taken back and put behind. A
// draft takes linear time, and is tried with real time and sessions kept first,
// asked for or not, since most stores keep them. What it comes upon is executed:
// a schedule that explains all reads proves itself, whoever found it. So what a
// correct store recorded is decided at the speed of reading it. And where a draft
// gets stuck, the few transactions that it blames are searched alone: if these
// have no schedule, all together have none.
//
// Otherwise the search begins. The versions that follow one another whatever the
// answers, since each writer had read the one before, form a chain, and for each
// pair of chains there is one choice (the polygraph of Cobra, OSDI 2020, and
// PolySI, PVLDB 2023). Most choices are never looked at: the search keeps an order
// of all points that agrees with what is known and with the choices made, begins
// with one that follows the recording, and makes choices only of chains that this
// order interleaves. When it interleaves none it is a schedule. Otherwise choices
// are made by conflict-driven clause learning, where a choice whose other side
// would close a cycle follows at once and a clause is learned from that cycle. If
// they cannot be made, the verdict is invalid; the choices that this rests on are
// minimised and told as a proof by cases. If the budget ends first it is unknown,
// with the versions whose order is open.
//
// Parallel snapshot isolation has no schedules, since sites order independent
// transactions each for itself. It is decided by the order of versions alone: see
// [ConsistentView].
//
// Who read from whom must be known: values are unique per key. Transactions of
// unknown outcome count as committed when what they wrote was read, and are left
// out otherwise, which loses nothing: leaving out a writer that nobody reads from
// leaves a schedule one.
//
// Reading order: problem.go, guarantee.go, columns.go, verify.go, draft.go,
// repair.go, core.go, chains.go, network.go, solve.go, search.go, clauses.go,
// resolve.go, order.go, witness.go, tell.go, words.go, views.go.
package polygraph
