package gen

import (
	"slices"

	"checker/history"
)

// Latency is how long an op takes in the simulations of [Perfect], [PerfectInfo]
// and [Imperfect], ns.
const Latency = 10

// Completer tells how an op ends: it returns the completion of an invocation, with
// its type, value, error and time.
type Completer func(invoke history.Op) history.Op

// Quick ends every op at once: ok.
func Quick(op history.Op) history.Op {
	op.Type = history.Ok
	return op
}

// Perfect ends every op after 10 ns: ok.
func Perfect(op history.Op) history.Op {
	op.Type = history.Ok
	op.Time += Latency
	return op
}

// PerfectInfo ends every op after 10 ns: info, so that its process crashes.
func PerfectInfo(op history.Op) history.Op {
	op.Type = history.Info
	op.Time += Latency
	return op
}

// Imperfect ends the ops of each thread after 10 ns with fail, info and ok in turn.
func Imperfect(clients int) Completer {
	turns := make([]int, clients)
	return func(op history.Op) history.Op {
		if op.Process.IsClient() {
			turn := &turns[int(op.Process)%clients]
			op.Type = []history.Type{history.Fail, history.Info, history.Ok}[*turn%3]
			*turn++
		}
		op.Time += Latency
		return op
	}
}

// Simulation tells what would become of a generator: who does what when, if ops
// end in a way that is known. It is on virtual time, and the same every time.
type Simulation struct {
	Clients  int
	Seed     uint64                         // for which thread gets an op
	Complete Completer                      // of clients' ops; the nemesis' are info in any case
	Log      func(at int64, message string) // takes log lines; may be nil
	MaxOps   int                            // ends it after so many invocations; 0 for no limit
}

// Simulate runs a generator with so many clients until it is exhausted and returns
// all ops: see [Simulation.Run].
func Simulate(g Generator, clients int, complete Completer) ([]history.Op, error) {
	return Simulation{Clients: clients, Complete: complete}.Run(g)
}

// Run runs a generator until it is exhausted and returns all ops, invocations and
// completions, in the order of a history. The error is a [*Misuse] by the
// generator; the ops up to there are returned as well.
func (s Simulation) Run(g Generator) ([]history.Op, error) {
	r := &simulation{Simulation: s, interpreter: NewInterpreter(g, s.Clients, s.Seed)}
	for {
		step, err := r.interpreter.Next(r.now)
		if err != nil {
			return r.ops, err
		}
		if r.over(step) {
			for len(r.flights) > 0 {
				r.land()
			}
			return r.ops, nil
		}
		switch {
		case len(r.flights) > 0 && r.flights[0].at <= step.At:
			r.land()
		case step.Kind == Pending:
			r.now = step.At
		default:
			r.now = step.At
			r.begin(step)
		}
	}
}

// flight is an op, or a sleep, that has begun and will end.
type flight struct {
	at    int64
	op    history.Op // the completion
	sleep bool
}

type simulation struct {
	Simulation
	interpreter *Interpreter
	now         int64
	invoked     int
	ops         []history.Op
	flights     []flight // by time
}

func (r *simulation) over(step Step) bool {
	return step.Kind == Done || r.MaxOps > 0 && r.invoked >= r.MaxOps
}

func (r *simulation) begin(step Step) {
	op := r.interpreter.Begin(step.At)
	switch step.Special {
	case LogStep:
		if r.Log != nil {
			r.Log(step.At, op.Value.Text())
		}
	case SleepStep:
		length, _ := op.Value.Int()
		r.fly(flight{at: later(step.At, length), op: op, sleep: true})
	default:
		r.record(op)
		r.invoked++
		end := r.Complete(op)
		if !op.Process.IsClient() {
			end.Type = history.Info
		}
		r.fly(flight{at: max(step.At, end.Time), op: end})
	}
}

func (r *simulation) record(op history.Op) {
	op.Index = len(r.ops)
	r.ops = append(r.ops, op)
}

// fly keeps the flights sorted; of those that end together, the first to begin
// ends first.
func (r *simulation) fly(f flight) {
	i := len(r.flights)
	for i > 0 && r.flights[i-1].at > f.at {
		i--
	}
	r.flights = slices.Insert(r.flights, i, f)
}

// land ends the first flight.
func (r *simulation) land() {
	f := r.flights[0]
	r.flights = slices.Delete(r.flights, 0, 1)
	r.now = max(r.now, f.at)
	if f.sleep {
		r.interpreter.Awake(f.op.Process, r.now)
		return
	}
	f.op.Time = r.now
	r.record(f.op)
	r.interpreter.Complete(f.op)
}

// Invocations returns the ops of a history with which something begins. A fault is
// info at both ends: the first op of the nemesis begins, and every other one.
func Invocations(ops []history.Op) []history.Op {
	var begun []history.Op
	fault := false
	for _, op := range ops {
		if op.Process == history.Nemesis {
			fault = !fault
		}
		if op.Type == history.Invoke || op.Process == history.Nemesis && fault {
			begun = append(begun, op)
		}
	}
	return begun
}
