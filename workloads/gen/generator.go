package gen

import (
	"math"
	"reflect"
	"time"

	"checker/history"
)

// Generator makes ops. A nil Generator is exhausted.
//
// A generator is a value: Next and Update return what is to be used from then on
// and leave the one asked as it was. Asked twice in the same context, it gives the
// same answer.
type Generator interface {
	// Next asks for an op at the moment ctx.Now. The generator returned is the one
	// to go on with if the op of an [Emit] is invoked. It is also the one to go on
	// with after [Pending]. Where an op is not invoked, because it is not yet time
	// and something else happens first, it is dropped, and the one asked stays.
	Next(ctx *Context) (Step, Generator)
	// Update tells of an event: an op that was invoked or completed. The context is
	// that after the event, save that a process which crashed is still the one of
	// its thread. Nil means that the generator is exhausted.
	Update(ctx *Context, event history.Op) Generator
}

// StepKind says what a generator answered.
type StepKind uint8

const (
	Done    StepKind = iota // there will be no more ops
	Pending                 // no op now; ask again at Step.At or after an event
	Emit                    // Step.Op is to be invoked at Step.At
)

// Special marks steps that are for the driver and appear in no history.
type Special uint8

const (
	NotSpecial Special = iota // an op like any other
	// SleepStep keeps the thread of Op.Process busy from Step.At for as many ns as
	// the integer Op.Value says.
	SleepStep
	// LogStep asks for a line in the log, the string Op.Value. The thread of
	// Op.Process stays free.
	LogStep
)

// Never is the time of a pending step that only an event can end.
const Never = math.MaxInt64

// Step is a generator's answer.
type Step struct {
	Kind    StepKind
	Special Special // of an Emit
	// At is, in ns since the start, when the op of an Emit is due: now or later. For
	// Pending it is when to ask again at the latest: later than now, or Never.
	At int64
	// Op is what an Emit invokes: its process, which executes a free thread, its
	// type (info for the nemesis, else invoke), F and Value. The driver sets the
	// time and the index.
	Op history.Op
}

// untilEvent is the answer of a generator that can only wait for an event.
var untilEvent = Step{Kind: Pending, At: Never}

// now reports whether the step is an op that can be invoked at once.
func (s Step) now(ctx *Context) bool { return s.Kind == Emit && s.At <= ctx.Now }

// before bounds how long a pending step waits.
func (s Step) before(at int64) Step {
	if s.Kind == Pending {
		s.At = min(s.At, at)
	}
	return s
}

// next asks a generator that may be nil.
func next(g Generator, ctx *Context) (Step, Generator) {
	if g == nil {
		return Step{}, nil
	}
	return g.Next(ctx)
}

// update tells a generator that may be nil.
func update(g Generator, ctx *Context, event history.Op) Generator {
	if g == nil {
		return nil
	}
	return g.Update(ctx, event)
}

// same reports whether two generators are surely one and the same, so that
// nothing that holds it need be made anew. Pointers alone are compared: other
// values may not be comparable.
func same(a, b Generator) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return reflect.TypeOf(a).Kind() == reflect.Pointer && a == b
}

// ns is a duration as the time of ops is counted.
func ns(d time.Duration) int64 { return d.Nanoseconds() }

// later adds to a moment without running over.
func later(at, ns int64) int64 {
	if ns > Never-at {
		return Never
	}
	return at + ns
}
