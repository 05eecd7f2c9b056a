package check

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"checker/history"
)

// Checker judges one property of a history.
type Checker interface {
	// Name is what the result is called, such as "linearizable".
	Name() string
	// Check judges the history. It stops soon after ctx is done and then says
	// unknown with how far it got. An error is a history that does not fit, such
	// as an op that the model does not know; it makes the result unknown.
	Check(ctx context.Context, h *history.History) (Result, error)
}

// Run calls a checker and makes every way in which it can fail an unknown: an
// error, a panic, an invalid without an anomaly.
func Run(ctx context.Context, c Checker, h *history.History) (result Result) {
	defer func() {
		if p := recover(); p != nil {
			result = unknown(c, fmt.Sprintf("the checker panicked: %v\n%s", p, debug.Stack()))
		}
	}()
	result, err := c.Check(ctx, h)
	if err != nil {
		return unknown(c, reasonOf(err))
	}
	if result.Name == "" {
		result.Name = c.Name()
	}
	if result.Verdict == Invalid && len(result.Anomalies) == 0 {
		return unknown(c, "the checker said invalid without naming an anomaly")
	}
	if result.Anomalies == nil {
		result.Anomalies = []Anomaly{}
	}
	return result
}

func reasonOf(err error) string {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "time limit reached: " + err.Error()
	case errors.Is(err, context.Canceled):
		return "interrupted: " + err.Error()
	}
	return err.Error()
}

func unknown(c Checker, reason string) Result {
	return Result{Name: c.Name(), Verdict: Unknown, Reason: reason, Anomalies: []Anomaly{}}
}
