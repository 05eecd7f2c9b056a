package consensus

import (
	"context"
	"io"

	"checker/check"
	"checker/history"
)

// Source hands the events of a trace to observe, in order, until it returns
// false. It returns until when the trace goes. An error says where the trace
// ends too soon or cannot be read.
type Source func(observe func(Event) bool) (end int64, err error)

// Trace is the source of a trace in JSON Lines, such as a run's trace.jsonl.
func Trace(open func() (io.ReadCloser, error)) Source {
	return func(observe func(Event) bool) (int64, error) {
		file, err := open()
		if err != nil {
			return 0, err
		}
		defer file.Close()
		return ReadTrace(file, observe)
	}
}

// Events is the source of a trace that is in memory.
func Events(list []Event) Source {
	return func(observe func(Event) bool) (end int64, err error) {
		for _, e := range list {
			end = max(end, e.At)
			if !observe(e) {
				break
			}
		}
		return end, nil
	}
}

// New returns the check of a trace. It pays no heed to the history.
func New(source Source, o Options) check.Checker { return recorded{source, o} }

type recorded struct {
	source  Source
	options Options
}

// Name is "consensus".
func (recorded) Name() string { return name }

// eventsBetweenLooks is how many events pass between two looks at the context.
const eventsBetweenLooks = 4096

// Check judges the trace. One that ends too soon is unknown unless an anomaly
// comes before its end.
func (c recorded) Check(ctx context.Context, _ *history.History) (check.Result, error) {
	g, events := NewGroups(c.options), 0
	end, err := c.source(func(e Event) bool {
		g.Observe(&e)
		events++
		return events%eventsBetweenLooks != 0 || ctx.Err() == nil
	})
	if err == nil {
		err = ctx.Err()
	}
	g.Reached(end)
	if err != nil {
		g.spoil(err.Error())
	}
	return g.Result(), nil
}
