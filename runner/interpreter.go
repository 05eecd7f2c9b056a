package runner

import (
	"context"

	"checker/history"
	"checker/workloads/gen"
)

// OpTimeout is how long an op may take, in ns; after that it is indeterminate.
const OpTimeout = 5e9

// action is what a driver is to do next.
type action struct {
	kind   actionKind
	until  int64 // wait: at the latest, or gen.Never
	thread gen.Thread
	op     history.Op // that was begun; of a sleep only its process counts
	sleep  int64      // ns
}

type actionKind uint8

const (
	actInvoke actionKind = iota // have op executed
	actSleep                    // end the sleep of op's process after a while
	actAgain                    // nothing: ask again
	actWait                     // let time pass until something completes
	actEnd                      // everything is over
)

// next asks the generator what to do at a time, and records what it begins. It
// knows nothing of time passing or of clients: both drivers do what it says.
func (s *session) next(ctx context.Context, now int64) (action, error) {
	if s.err != nil {
		return action{}, s.err
	}
	step, err := s.in.Next(now)
	switch {
	case err != nil:
		return action{}, err
	case step.Kind == gen.Done && s.in.InFlight() == 0:
		return action{kind: actEnd}, nil
	case step.Kind == gen.Done:
		return action{kind: actWait, until: gen.Never}, nil
	case step.Kind == gen.Pending || step.At > now:
		return action{kind: actWait, until: step.At}, nil
	}
	switch step.Special {
	case gen.LogStep:
		s.log("%s", s.in.Begin(now).Value.Text())
		return action{kind: actAgain}, nil
	case gen.SleepStep:
		op := s.in.Begin(now)
		ns, _ := op.Value.Int()
		return action{kind: actSleep, op: op, sleep: ns}, nil
	}
	return s.begin(ctx, now, step.Op), nil
}

// begin begins the op that is due and records it. A fault is made concrete first.
func (s *session) begin(ctx context.Context, now int64, op history.Op) action {
	thread := s.in.Thread(op.Process)
	if thread == gen.NemesisThread {
		op = s.resolve(ctx, op)
	}
	op.Node = s.node(thread)
	op = s.in.BeginAs(now, op)
	s.record(op, thread, true)
	return action{kind: actInvoke, thread: thread, op: op}
}

// completed records the end of an op. An indeterminate op of a client ends its
// process; crash says so.
func (s *session) completed(now int64, op history.Op) (crash bool) {
	thread := s.in.Thread(op.Process)
	op.Time, op.Node = now, s.node(thread)
	s.record(op, thread, false)
	s.in.Complete(op)
	return op.Type == history.Info && thread != gen.NemesisThread
}
