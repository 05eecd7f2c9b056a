package atomic

import (
	"context"
	"io"

	"checker/check"
	"checker/history"
	"checker/internal/trace"
)

// Source hands the events of a trace to observe, in order, until it returns false. It returns until when
// the trace goes. An error says where the trace ends too soon or cannot be read.
type Source func(observe func(*Event) bool) (end int64, err error)

// Opener opens a trace at its beginning.
type Opener = func() (io.ReadCloser, error)

// Trace is the source of a trace in JSON Lines, such as a run's trace.jsonl: the lines that are about a
// transaction, and those that say that a node started or stopped.
func Trace(open Opener) Source {
	return func(observe func(*Event) bool) (int64, error) {
		file, err := open()
		if err != nil {
			return 0, err
		}
		defer file.Close()
		return ReadTrace(file, observe)
	}
}

// ReadTrace reads the events of a trace in the form of docs/trace-format.md and hands them to observe until
// it returns false. It returns until when the trace goes; an error names its line.
func ReadTrace(r io.Reader, observe func(*Event) bool) (end int64, err error) {
	return trace.Read(r, func(l *trace.Event) bool {
		if needs, known := NeedsOf(l.Step); l.Txn == "" && (!known || needs.Txn) {
			return true // it is about a replicated log
		}
		return observe(&Event{At: l.At, Node: l.Node, Group: l.Group, Step: l.Step, Txn: l.Txn, Outcome: l.Outcome, Peer: l.Peer, Term: l.Term})
	})
}

// New returns the check of a trace. It pays no heed to the history.
func New(source Source, o Options) check.Checker { return recorded{source, o} }

type recorded struct {
	source  Source
	options Options
}

// Name is "atomic-commit".
func (recorded) Name() string { return name }

// eventsBetweenLooks is how many events pass between two looks at the context.
const eventsBetweenLooks = 4096

// Check judges the trace. One that ends too soon is unknown unless an anomaly comes before its end.
func (c recorded) Check(ctx context.Context, _ *history.History) (check.Result, error) {
	m := NewMonitor(c.options)
	end, err := c.source(func(e *Event) bool {
		m.Observe(e)
		return m.events%eventsBetweenLooks != 0 || ctx.Err() == nil
	})
	if err == nil {
		err = ctx.Err()
	}
	m.Reached(end)
	if err != nil && m.flaw == "" {
		m.flaw = err.Error()
	}
	return m.Result(), nil
}
