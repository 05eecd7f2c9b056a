package runner

import (
	"fmt"

	"checker/check"
	"checker/check/online"
	"checker/history"
	"checker/rundir"
)

// watch looks for the first anomaly while a run goes on that is to end with it.
type watch struct {
	streams []*online.Stream
	monitor *protocol // or nil
}

// watch returns who looks out for an anomaly, or nil when the run goes on in any case.
func (p Plan) watch(streams []*online.Stream, monitor *protocol) *watch {
	if !p.Config.StopOnAnomaly {
		return nil
	}
	return &watch{streams, monitor}
}

// Watched reports whether anything can find an anomaly while the run goes on.
func (p Plan) Watched() bool {
	return p.tellsProtocol() || len(p.Workload.New(p.params()).Streams) > 0
}

// observe takes the next row. It returns why the run is to stop, or nil.
func (w *watch) observe(op *history.Op) *rundir.Stop {
	for _, s := range w.streams {
		if v := s.Observe(op); v != nil {
			why := v.Text
			if v.Key != "" {
				why = "key " + v.Key + ": " + why
			}
			return &rundir.Stop{By: v.Stream, Row: op.Index, TimeNS: op.Time, Why: why}
		}
	}
	if w.monitor == nil {
		return nil
	}
	if by, anomaly := w.monitor.found(); anomaly != "" {
		return &rundir.Stop{By: by, Row: op.Index, TimeNS: op.Time, Why: anomaly}
	}
	return nil
}

// watching shows the watch a row, and ends the run at the first anomaly.
func (s *session) watching(op *history.Op) {
	if s.watch == nil || s.stop != nil {
		return
	}
	if s.stop = s.watch.observe(op); s.stop == nil {
		return
	}
	s.log("%s %s", history.Seconds(op.Time), stopped(*s.stop))
	s.in.Replace(s.undo)
}

// tellGivenUp writes down what could not be judged while the run went on.
func (s *session) tellGivenUp() {
	if s.watch == nil {
		return
	}
	for _, stream := range s.watch.streams {
		if why := stream.GaveUp(); why != "" {
			s.log("--stop-on-anomaly: not everything could be judged while the run went on: %s", why)
		}
	}
}

// stopped says in words why a run ended early.
func stopped(s rundir.Stop) string {
	return fmt.Sprintf("the run was stopped at its first anomaly, row %d, by %s: %s", s.Row, s.By, s.Why)
}

// unconfirmed is the result of a run that was stopped at an anomaly of which the checks
// of its history know nothing: one of the two is wrong.
func unconfirmed(s rundir.Stop) check.Result {
	return check.Result{
		Name: "online", Verdict: check.Unknown, Anomalies: []check.Anomaly{},
		Reason: stopped(s) + "; the checks of the history do not confirm it, which is a bug in checker unless they could not decide",
	}
}
