package recovery

import (
	"context"
	"fmt"
	"time"

	"checker/check"
	"checker/history"
)

// PhaseF and Phase are the nemesis op that marks the beginning of recovery.
const (
	PhaseF = "phase"
	Phase  = "recovery"
)

// Anomaly is what a client that makes no progress is called.
const Anomaly = "no-recovery"

// Kinds explains what this package finds.
func Kinds() []check.Kind {
	return []check.Kind{{Name: Anomaly, Summary: "After the last fault had been undone, a client got no op through within the bound.", Example: `faults     [ partition ]  all undone
client 1       [ write 1            ?  [ write 2       ?  [ write 3       ?`}}
}

// maxWitnesses bounds how many clients without progress are shown.
const maxWitnesses = 3

// New returns the check for a run of that many client threads; a thread is its
// process number modulo threads. Every thread must complete an op with ok that
// it invoked after the beginning of recovery, within bound of that beginning. A
// history that ends before that, as that of an interrupted run, leaves it open. So does
// a fault that the nemesis could not undo, as remains reports of a completion: whoever
// makes no progress then may be hindered by it.
func New(threads int, bound time.Duration, remains func(undone history.Op) bool) check.Checker {
	return checker{threads, int64(bound), remains}
}

type checker struct {
	threads int
	bound   int64 // ns
	remains func(history.Op) bool
}

// Name is "recovery".
func (checker) Name() string { return "recovery" }

// Check looks for the first ok op of each thread in the recovery phase.
func (c checker) Check(_ context.Context, h *history.History) (check.Result, error) {
	start := phase(h)
	if start < 0 {
		return check.Result{}, fmt.Errorf("the run did not come to its recovery phase")
	}
	result := check.Result{Name: c.Name()}
	first, last := c.firstOk(h, start)
	var slowest int64
	early := h.Time(h.Len()-1)-h.Time(start) < c.bound
	for thread, took := range first {
		switch {
		case took >= 0 && took <= c.bound:
			slowest = max(slowest, took)
		case early:
			result.Verdict = check.Unknown
			result.Reason = fmt.Sprintf("the history ends before client thread %d had made progress after the faults, within the bound of %s", thread, time.Duration(c.bound))
		default:
			result.Add(Anomaly, c.witness(h, thread, took, last[thread]), maxWitnesses)
		}
	}
	if fault := c.fault(h, start); fault != "" && result.Verdict == check.Invalid {
		return check.Result{Name: c.Name(), Verdict: check.Unknown, Reason: "not every client made progress, but a fault may have remained: " + fault}, nil
	}
	if result.Verdict == check.Valid {
		result.Notes = []string{fmt.Sprintf("every client made progress within %s of the end of the faults", time.Duration(slowest).Round(time.Millisecond))}
	}
	return result, nil
}

// fault returns why a fault may be in force behind a row: the last attempt to undo it
// went wrong; "" where none is.
func (c checker) fault(h *history.History, start int) string {
	seen := map[history.F]bool{}
	for i := start - 1; i >= 0; i-- {
		if h.Process(i) != history.Nemesis || h.Pair(i) >= i || seen[h.F(i)] {
			continue
		}
		seen[h.F(i)] = true
		if op := h.Op(i); c.remains(op) {
			return op.F + ": " + op.Error.Text()
		}
	}
	return ""
}

// phase returns the row at which recovery begins, or -1.
func phase(h *history.History) int {
	f, ok := h.LookupF(PhaseF)
	if !ok {
		return -1
	}
	for i := h.Len() - 1; i >= 0; i-- {
		if h.Process(i) == history.Nemesis && h.F(i) == f && h.Text(h.Ref(i)) == Phase && h.Pair(i) < i && h.Pair(i) >= 0 {
			return i
		}
	}
	return -1
}

// firstOk returns by thread how long after row start its first op got through
// (ns, -1 for never), and the row of its last invocation (-1 for none).
func (c checker) firstOk(h *history.History, start int) (took []int64, last []int) {
	took, last = make([]int64, c.threads), make([]int, c.threads)
	for t := range took {
		took[t], last[t] = -1, -1
	}
	for i := start; i < h.Len(); i++ {
		p := h.Process(i)
		if !p.IsClient() {
			continue
		}
		t := int(p) % c.threads
		if h.Type(i) == history.Invoke {
			last[t] = i
		}
		if h.Type(i) == history.Ok && h.Pair(i) > start && took[t] < 0 {
			took[t] = h.Time(i) - h.Time(start)
		}
	}
	return took, last
}

func (c checker) witness(h *history.History, thread int, took int64, last int) check.Witness {
	w := check.Witness{Ops: []int{}}
	if last >= 0 {
		if done := h.Pair(last); done >= 0 {
			last = done
		}
		w.Ops = append(w.Ops, h.Index(last))
	}
	bound := time.Duration(c.bound)
	if took >= 0 {
		w.Text = fmt.Sprintf("client thread %d made progress only %s after the faults had ended; the bound is %s",
			thread, time.Duration(took).Round(time.Millisecond), bound)
		return w
	}
	w.Text = fmt.Sprintf("client thread %d never got an op through after the faults had ended; the bound is %s", thread, bound)
	return w
}
