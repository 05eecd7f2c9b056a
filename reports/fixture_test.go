package reports

import (
	"fmt"
	"math/rand/v2"
	"sort"
	"testing"

	"checker/check"
	"checker/history"
	"checker/rundir"
)

// cluster simulates clients of a register on five nodes, and a nemesis, well
// enough for a report to have something to show.
type cluster struct {
	rng     *rand.Rand
	threads int
	single  bool // one register, so that values have no key
	end     int64
	faults  []scheduledFault
	ops     []simulatedOp
}

// scheduledFault is in force from start to end on the nodes before the bar.
type scheduledFault struct {
	begin, what, ended, effect string
	start, end                 int64
	nodes                      []int
}

type simulatedOp struct {
	process     history.Process
	thread      int
	f           string
	key, value  int64
	start, end  int64
	outcome     history.Type
	never       bool
	linearized  int64
	reads       history.Value
	errorReason string
}

func newCluster(seed uint64, threads int, end int64) *cluster {
	return &cluster{rng: rand.New(rand.NewPCG(seed, 1)), threads: threads, end: end}
}

// schedule lets families take turns.
func (c *cluster) schedule() {
	kinds := []scheduledFault{
		{begin: "partition", what: "n1,n2|n3,n4,n5", ended: "heal", effect: "12 links cut", nodes: []int{0, 1}},
		{begin: "kill", what: "n3", ended: "start", effect: "killed n3", nodes: []int{2}},
		{begin: "pause", what: "n4,n5", ended: "resume", effect: "stopped n4, n5", nodes: []int{3, 4}},
		{begin: "clock-bump", what: "n1 +250ms,n3 -4s", ended: "clock-reset", effect: "moved n1, n3"},
	}
	for at, i := int64(4e9), 0; at < c.end-6e9; at, i = at+int64(7e9), i+1 {
		f := kinds[i%len(kinds)]
		f.start, f.end = at, at+int64(2e9)+c.rng.Int64N(4e9)
		c.faults = append(c.faults, f)
	}
}

func (c *cluster) struck(node int, at int64) bool {
	for _, f := range c.faults {
		if f.start <= at && at < f.end {
			for _, n := range f.nodes {
				if n == node {
					return true
				}
			}
		}
	}
	return false
}

// run lets every thread invoke ops at random moments until the end.
func (c *cluster) run(pause int64) {
	value := int64(0)
	for thread := range c.threads {
		process := history.Process(thread)
		for at := c.rng.Int64N(pause); at < c.end; {
			op := simulatedOp{process: process, thread: thread, start: at, key: c.rng.Int64N(4)}
			op.f = []string{"read", "read", "write", "cas"}[c.rng.IntN(4)]
			value++
			op.value = value
			c.complete(&op)
			if op.outcome == history.Info {
				process += history.Process(c.threads)
			}
			c.ops = append(c.ops, op)
			at = op.end + c.rng.Int64N(2*pause)
		}
	}
	c.linearize()
}

func (c *cluster) complete(op *simulatedOp) {
	took := int64(float64(2e6) * (0.4 + c.rng.ExpFloat64()))
	op.outcome = history.Ok
	if c.struck(op.thread%5, op.start) {
		switch p := c.rng.IntN(10); {
		case p < 4:
			op.outcome, took, op.errorReason = history.Info, 1e9, "timeout"
		case p < 8:
			op.outcome, took, op.errorReason = history.Fail, 3e6, "no leader"
		default:
			took *= 40
		}
	}
	op.end = op.start + took
	op.linearized = op.start + 1 + c.rng.Int64N(took)
	op.never = op.outcome == history.Info && op.end > c.end
}

// linearize gives every op its result in an order that agrees with real time.
func (c *cluster) linearize() {
	sort.Slice(c.ops, func(i, j int) bool { return c.ops[i].linearized < c.ops[j].linearized })
	state := map[int64]history.Value{}
	for i := range c.ops {
		op := &c.ops[i]
		switch {
		case op.outcome == history.Fail:
		case op.f == "read":
			op.reads = state[op.key]
		case op.f == "cas" && c.rng.IntN(2) == 0:
			op.outcome, op.errorReason = history.Fail, "precondition"
		default:
			state[op.key] = history.Int(op.value)
		}
	}
}

// history writes down what the clients saw.
func (c *cluster) history(t testing.TB) *history.History {
	t.Helper()
	var rows []history.Op
	for _, op := range c.ops {
		key, node := history.Int(op.key), fmt.Sprintf("n%d", op.thread%5+1)
		asked, answered := history.Nil, op.reads
		if op.f != "read" {
			asked, answered = history.Int(op.value), history.Int(op.value)
		}
		if op.f == "cas" {
			asked = history.Ints(op.value-1, op.value)
			answered = asked
		}
		if op.outcome != history.Ok {
			answered = asked
		}
		if !c.single {
			asked, answered = history.Vector(key, asked), history.Vector(key, answered)
		}
		rows = append(rows, history.Op{Time: op.start, Process: op.process, Type: history.Invoke, F: op.f, Value: asked, Node: node})
		if !op.never {
			done := history.Op{Time: op.end, Process: op.process, Type: op.outcome, F: op.f, Value: answered, Node: node}
			if op.errorReason != "" {
				done.Error = history.Keyword(op.errorReason)
			}
			rows = append(rows, done)
		}
	}
	for _, f := range c.faults {
		rows = append(rows, nemesisOp(f.start, f.begin, history.String(f.what)), nemesisOp(f.start+3e6, f.begin, history.String(f.effect)))
		rows = append(rows, nemesisOp(f.end, f.ended, history.Nil), nemesisOp(f.end+5e6, f.ended, history.String("done")))
	}
	sort.SliceStable(rows, func(i, j int) bool { return rows[i].Time < rows[j].Time })
	return build(t, rows...)
}

func nemesisOp(at int64, f string, v history.Value) history.Op {
	return history.Op{Time: at, Process: history.Nemesis, Type: history.Info, F: f, Value: v}
}

// build makes a history of ops.
func build(t testing.TB, ops ...history.Op) *history.History {
	t.Helper()
	b := history.NewBuilder()
	for _, op := range ops {
		if err := b.AddOp(op); err != nil {
			t.Fatalf("%v: %v", op, err)
		}
	}
	return b.History()
}

func sampleRun() rundir.Run {
	return rundir.Run{
		Schema: rundir.RunSchema, Name: "refdb-register", Status: rundir.StatusComplete, Seed: 42,
		Config: rundir.Config{Target: "refdb", Env: "sim", Workload: "register", Nemesis: []string{"partition", "kill", "pause", "clock"},
			NemesisIntervalNS: 5e9, Nodes: 5, Concurrency: 10, Rate: 100, TimeLimitNS: 60e9,
			ConsistencyModels: []string{"linearizable"}, Settings: map[string]string{"replication": "raft", "reads": "read-index"}},
		Plan:       "10 clients, 4 keys, reads 50 %, writes 25 %, compare-and-sets 25 %\nfaults every 5 s: partition 3, kill 2, pause 2, clock 2",
		Guarantee:  "Single keys are linearizable while a majority of nodes can reach each other.",
		FaultModel: []string{"partition", "kill", "pause", "clock", "packet"},
		Versions:   rundir.Versions{Checker: "v0.1.0", Build: "sha256:5f0c4de1", Go: "go1.26.8", Target: "refdb v0.1.0"},
		Capabilities: []rundir.Capability{{Name: "partition", Available: true, Detail: "simulated network"},
			{Name: "clock", Available: true, Detail: "simulated clocks"}, {Name: "disk", Available: false, Detail: "no crashable disk in this configuration"}},
		Start: "2026-03-02T10:00:00Z", End: "2026-03-02T10:00:02Z", DurationNS: 60e9, WallNS: 1_730_000_000,
		Reproduce: "checker run --target refdb --workload register --nemesis partition,kill,pause,clock --seed 42",
	}
}

// sampleEvidence counts the ops of a history and takes all faults for effective.
func sampleEvidence(h *history.History) check.Evidence {
	ev := check.Evidence{Ops: h.Stats().ByF, Faults: map[string]check.Bite{}}
	for _, f := range newView(h).faults() {
		b := ev.Faults[f.family]
		ev.Faults[f.family] = check.Bite{Injected: b.Injected + 1, Effective: b.Effective + 1}
	}
	return ev
}

func linearizable(v check.Verdict, anomalies ...check.Anomaly) check.Result {
	r := check.Result{Name: "linearizable", Verdict: v, Anomalies: anomalies,
		ConsistencyModels: &check.ConsistencyModels{Requested: []string{"linearizable"}, Holds: []string{"linearizable"}}}
	if v == check.Invalid {
		r.ConsistencyModels.Not, r.ConsistencyModels.Holds = []string{"linearizable"}, []string{"sequential"}
	}
	return r
}

// validInput is a run of a minute in which nothing went wrong.
func validInput(t testing.TB) Input {
	c := newCluster(7, 10, 60e9)
	c.schedule()
	c.run(80e6)
	run, h := sampleRun(), c.history(t)
	return Input{Run: &run, History: h, Document: check.NewDocument([]check.Result{linearizable(check.Valid)}, sampleEvidence(h))}
}

// invalidInput is the same run with one read that was answered from the past,
// during a partition.
func invalidInput(t testing.TB) Input {
	c := newCluster(7, 10, 60e9)
	c.schedule()
	c.run(80e6)
	stale, overwriter := c.makeStale(t)
	h := c.history(t)
	write, read := c.indexOf(t, h, overwriter), c.indexOf(t, h, stale)
	w := check.Witness{Ops: []int{write, read}, Key: fmt.Sprint(stale.key),
		Steps: []check.Step{
			{From: write, To: read, Edge: "realtime", Key: fmt.Sprint(stale.key), Why: "the write had completed before the read was invoked"},
			{From: read, To: write, Edge: "value", Key: fmt.Sprint(stale.key), Why: fmt.Sprintf("the read observed %s, which the write of %d replaced", stale.reads, overwriter.value)},
		},
		Text: fmt.Sprintf("read of key %d by process %d (index %d) was invoked after write %d by process %d (index %d) had completed, but it observed %s, which was replaced before.",
			stale.key, stale.process, read, overwriter.value, overwriter.process, write, stale.reads)}
	run := sampleRun()
	run.Config.Bugs = []string{"stale-lease-read"}
	run.Reproduce = "checker run --bug stale-lease-read --seed 42"
	anomaly := check.Anomaly{Type: "stale-read", Count: 3, Witnesses: []check.Witness{w}}
	doc := check.NewDocument([]check.Result{linearizable(check.Invalid, anomaly)}, sampleEvidence(h))
	return Input{Run: &run, History: h, Document: doc}
}

// makeStale answers a read with the value that was there before the write that
// precedes it.
func (c *cluster) makeStale(t testing.TB) (read, overwriter simulatedOp) {
	t.Helper()
	type version struct {
		value history.Value
		by    *simulatedOp
	}
	versions := map[int64][]version{}
	for i := range c.ops {
		op := &c.ops[i]
		vs := versions[op.key]
		switch {
		case op.outcome != history.Ok:
		case op.f == "write":
			versions[op.key] = append(vs, version{history.Int(op.value), op})
		case op.f == "read" && op.start > 32e9 && len(vs) > 1 && c.struck(0, op.start):
			newest, before := vs[len(vs)-1], vs[len(vs)-2]
			if newest.by.end < op.start && op.start-newest.by.end < 300e6 && op.reads.Equal(newest.value) {
				op.reads = before.value
				return *op, *newest.by
			}
		}
	}
	t.Fatal("the simulated run has no read that could be made stale")
	return read, overwriter
}

// indexOf finds the completion of an op in the history.
func (c *cluster) indexOf(t testing.TB, h *history.History, op simulatedOp) int {
	t.Helper()
	for i := range h.Len() {
		if h.Process(i) == op.process && h.Time(i) == op.end && h.Type(i) != history.Invoke {
			return i
		}
	}
	t.Fatalf("no op of process %d at %d", op.process, op.end)
	return 0
}

// vacuousInput is a run in which hardly anything happened.
func vacuousInput(t testing.TB) Input {
	h := build(t,
		history.Op{Time: 1e9, Process: 0, Type: history.Invoke, F: "write", Value: history.Int(1)},
		history.Op{Time: 2e9, Process: 0, Type: history.Info, F: "write", Value: history.Int(1), Error: history.Keyword("timeout")},
		history.Op{Time: 2500e6, Process: 1, Type: history.Invoke, F: "read"},
	)
	run := sampleRun()
	ev := check.Evidence{Vacuous: true, Reason: "no read was ok; the workload asks for 10", Ops: h.Stats().ByF,
		Faults: map[string]check.Bite{"partition": {Injected: 2}}}
	return Input{Run: &run, History: h, Document: check.NewDocument([]check.Result{linearizable(check.Valid)}, ev)}
}
