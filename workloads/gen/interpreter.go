package gen

import (
	"fmt"

	"checker/history"
)

// Interpreter is what drives a generator, but for the clock and the clients: it
// keeps the context and tells the generator of all events in their right order. A
// driver asks Next, and
//
//   - Emit at a time that has come: it calls Begin and has the op executed, unless
//     the step is special;
//   - Emit later, or Pending: it waits until that time or the next completion,
//     whichever comes first, and asks again;
//   - Done: it waits for the ops in flight.
//
// Whenever an op completes, it calls Complete. Completions that are due at the
// same time as an invocation go first.
type Interpreter struct {
	ctx   *Context
	gen   Generator
	then  Generator // if the step last returned is begun
	step  Step      // last returned
	flies int
	logs  int   // log lines in a row
	err   error // a Misuse that has come to light
}

// chatter bounds how many log lines may come in a row: a generator that repeats
// one would never let time pass.
const chatter = 10_000

// NewInterpreter returns an interpreter at time 0. The seed is for which thread
// gets an op; what the ops are is up to the randomness in the generator.
func NewInterpreter(g Generator, clients int, seed uint64) *Interpreter {
	return &Interpreter{ctx: NewContext(clients, seed), gen: g}
}

// Replace goes on with another generator. Ops in flight stay in flight.
func (p *Interpreter) Replace(g Generator) {
	p.gen, p.then, p.step = g, nil, Step{}
}

// InFlight returns how many threads execute an op or sleep.
func (p *Interpreter) InFlight() int { return p.flies }

// Next asks for the next op at a time. The error is a [*Misuse]: the generator
// broke the laws, or it waits for an event where none can come.
func (p *Interpreter) Next(now int64) (Step, error) {
	p.ctx.Now = max(p.ctx.Now, now)
	p.ask()
	if p.err != nil {
		return Step{}, p.err
	}
	return p.step, nil
}

func (p *Interpreter) ask() {
	if p.err != nil {
		return
	}
	defer p.catch()
	p.step, p.then = next(p.gen, p.ctx)
	if problem := p.ctx.problem(p.step); problem != "" {
		panic(misuse("%s", problem))
	}
	switch {
	case p.step.Kind == Done:
		p.gen = nil
	case p.step.Kind == Pending && p.step.At == Never && p.flies == 0:
		panic(misuse("pending for ever: it waits for an event, and no op is in flight"))
	case p.step.Kind == Pending:
		p.gen = p.then
	case p.logs > chatter:
		panic(misuse("%d log lines in a row", p.logs))
	}
}

// tell tells the generator of an event. What goes wrong, Next reports.
func (p *Interpreter) tell(event history.Op) {
	defer p.catch()
	p.gen = update(p.gen, p.ctx, event)
}

// catch keeps the misuse that the caller panicked with.
func (p *Interpreter) catch() {
	switch problem := recover().(type) {
	case nil:
	case *Misuse:
		p.err = problem
	default:
		panic(problem)
	}
}

// Thread returns the thread that executes a process of the run.
func (p *Interpreter) Thread(process history.Process) Thread {
	t, _ := p.ctx.Thread(process)
	return t
}

// Begin invokes the op that Next has just returned, at a time not before its own,
// and returns it with its time. The thread of a special step that sleeps is busy
// until [Interpreter.Awake].
func (p *Interpreter) Begin(now int64) history.Op { return p.BeginAs(now, p.step.Op) }

// BeginAs is Begin for a driver that knows more about the op than its generator,
// such as which nodes a fault strikes. The process stays.
func (p *Interpreter) BeginAs(now int64, op history.Op) history.Op {
	if p.step.Kind != Emit || now < p.step.At || op.Process != p.step.Op.Process {
		panic(misuse("the driver began an op that is not due"))
	}
	p.ctx.Now = max(p.ctx.Now, now)
	op.Time = p.ctx.Now
	p.gen, p.then = p.then, nil
	special := p.step.Special
	p.step = Step{}
	if special == LogStep {
		p.logs++
		return op
	}
	p.logs = 0
	t, _ := p.ctx.Thread(op.Process)
	p.ctx.Busy(t)
	p.flies++
	if special == NotSpecial {
		p.tell(op)
	}
	return op
}

// Awake ends a sleep of the thread that executes a process.
func (p *Interpreter) Awake(process history.Process, now int64) {
	p.ctx.Now = max(p.ctx.Now, now)
	p.release(process)
}

// Complete ends an op: ok, fail or info at op.Time. A client's process that is info
// has crashed; its thread goes on with a new one.
func (p *Interpreter) Complete(op history.Op) {
	p.ctx.Now = max(p.ctx.Now, op.Time)
	t := p.release(op.Process)
	p.tell(op)
	if op.Type == history.Info && op.Process.IsClient() {
		p.ctx.Renew(t)
	}
}

func (p *Interpreter) release(process history.Process) Thread {
	t, ok := p.ctx.Thread(process)
	if !ok || p.ctx.Process(t) != process || p.ctx.Free(t) {
		panic(misuse("the driver completed an op of process %v, which executes none", process))
	}
	p.ctx.Release(t)
	p.flies--
	p.step, p.then = Step{}, nil
	return t
}

// problem says which law a step breaks; "" is none.
func (c *Context) problem(s Step) string {
	switch s.Kind {
	case Done:
		return ""
	case Pending:
		if s.At <= c.Now {
			return fmt.Sprintf("pending until %d at %d: expected a later time", s.At, c.Now)
		}
		return ""
	case Emit:
	default:
		return fmt.Sprintf("a step of unknown kind %d", s.Kind)
	}
	switch op := s.Op; {
	case s.At < c.Now:
		return fmt.Sprintf("%s is due at %d, before now, %d", op.F, s.At, c.Now)
	case op.F == "":
		return "an op without f"
	case !c.FreeProcess(op.Process):
		return fmt.Sprintf("%s is for process %v, which no free thread executes", op.F, op.Process)
	case s.Special > LogStep:
		return fmt.Sprintf("a special step of unknown kind %d", s.Special)
	}
	return ""
}
