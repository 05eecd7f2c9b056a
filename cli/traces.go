package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"checker/check"
	"checker/check/atomic"
	"checker/check/consensus"
	"checker/history"
	"checker/reports"
)

// Two models are of traces, in the form of docs/trace-format.md. Atomic commitment can be judged by a history
// as well: by what clients saw of it.
const (
	atomicModel    = "atomic-commit"
	consensusModel = "consensus"
)

func traceModels() []checkModel {
	const ops = "none: a trace of what nodes did, or the run directory with one"
	const effects = "[[:append k v] [:r k nil] …] → lists, in any f; or a trace of what nodes did, or the run directory with one"
	notOps := func(*checkFlags, int64) (check.Checker, error) {
		return nil, errors.New("a trace is judged, not a history")
	}
	return []checkModel{
		{name: atomicModel, summary: "transactions: does each take effect in all its parts or in none, for good? Of a trace: do all participants agree, and only after every yes?", ops: effects,
			checker: func(*checkFlags, int64) (check.Checker, error) {
				return atomic.NewEffects(atomic.EffectOptions{}), nil
			}},
		{name: consensusModel, summary: "a trace of replicated logs: agreement, elections, completeness of leaders. consensus=5 says how many vote", ops: ops, checker: notOps, initial: true},
	}
}

// traceChecker returns the check of a trace if that is what the model asks for, and input is one.
func traceChecker(model, input string) (of func(atomic.Opener) check.Checker, err error) {
	name, value, valued := strings.Cut(model, "=")
	switch name {
	case atomicModel:
		if !isTrace(input) {
			return nil, nil
		}
		return func(open atomic.Opener) check.Checker { return atomic.New(atomic.Trace(open), atomic.Options{}) }, nil
	case consensusModel:
		var o consensus.Options
		if valued {
			if o.Voters, err = strconv.Atoi(value); err != nil || o.Voters < 1 {
				return nil, usageError{fmt.Errorf("--model %s: expected how many nodes vote at first, such as consensus=5", model)}
			}
		}
		return func(open atomic.Opener) check.Checker { return consensus.New(consensus.Trace(open), o) }, nil
	}
	return nil, nil
}

// isTrace tells a trace, or a run directory, from a history: by the first line.
func isTrace(input string) bool {
	if info, err := os.Stat(input); err != nil || info.IsDir() {
		return err == nil
	}
	file, err := os.Open(input)
	if err != nil {
		return false
	}
	defer file.Close()
	var first struct {
		T     *int64
		Event string
	}
	return json.NewDecoder(io.LimitReader(file, 1<<20)).Decode(&first) == nil && first.T != nil && first.Event != ""
}

// judgeTrace judges a trace that was recorded elsewhere, or that of a run.
func (a *app) judgeTrace(ctx context.Context, f *checkFlags, path string, checker func(atomic.Opener) check.Checker) (reports.Input, error) {
	file := path
	info, err := os.Stat(path)
	if err != nil {
		return reports.Input{}, err
	}
	if info.IsDir() {
		file = filepath.Join(path, "trace.jsonl")
	}
	limited, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	h := history.NewBuilder().History()
	result := check.Run(limited, checker(func() (io.ReadCloser, error) { return os.Open(file) }), h)
	ev := check.Evidence{Ops: map[string]check.Counts{}, Faults: map[string]check.Bite{}}
	return reports.Input{Title: filepath.Base(path), Document: check.NewDocument([]check.Result{result}, ev), History: h, Glossary: glossary()}, nil
}
