package txn

import (
	"fmt"
	"slices"
	"strings"

	"checker/check"
	"checker/check/txn/micro"
	"checker/check/txn/polygraph"
	"checker/check/txn/weak"
	"checker/models/consistency"
)

// decide settles the models asked for that cycles of known dependencies do not:
// those for which the order of versions matters where it is not known, and those
// that have methods of their own. It adds to what is known to hold or broken.
func (r *run) decide() {
	if r.blind() {
		return
	}
	for _, m := range r.ConsistencyModels {
		if r.settled(m) || aboutRealTime(m) && !r.txns.History.HasRealTime() {
			continue
		}
		r.byWeak(m)
		r.bySchedule(m)
		r.byViews(m)
	}
}

// settled reports whether it is known that a model holds or does not.
func (r *run) settled(m string) bool {
	return r.isBroken(m) || slices.ContainsFunc(r.hold, func(other string) bool { return consistency.Implies(other, m) })
}

func (r *run) isBroken(m string) bool {
	not, _ := consistency.Broken(r.found.names()...)
	not = append(not, r.broken...)
	return slices.ContainsFunc(not, func(other string) bool { return consistency.Implies(m, other) })
}

// schedules are the models that check/txn/polygraph decides, each with the
// anomaly that there is, at least, when it does not hold: in every order of the
// versions some cycle of that class, or of a worse one.
var schedules = []struct {
	model, anomaly string
}{
	{"strict-serializable", g2.name(withRealtime)},
	{"strong-session-serializable", g2.name(withProcess)},
	{"serializable", g2.name(plain)},
	{"strong-snapshot-isolation", gNonadjacent.name(withRealtime)},
	{"strong-session-snapshot-isolation", gNonadjacent.name(withProcess)},
	{"snapshot-isolation", gNonadjacent.name(plain)},
	{"prefix", consistency.CycleExists("prefix")},
}

// isPlain reports whether a draft may save all other work: registers without
// anomalies so far, of which some are read, and whose order nobody prescribes. The
// order of lists is known, so that cycles are found faster than schedules.
func (r *run) isPlain() bool {
	return r.Model == micro.Registers && len(r.found.types) == 0 && len(r.txns.Twice()) == 0 &&
		r.TransactionOrder == nil && r.txns.History.HasRealTime() && r.problem().linked()
}

// draft reports whether a schedule that a model allows is found without search.
func (r *run) draft(model string) bool {
	done, known := r.drafted[model]
	if !known {
		r.begin("drafting a schedule that is " + model)
		g, _ := polygraph.Of(model)
		points, err := polygraph.Draft(r.ctx, &r.problem().Problem, g)
		if err != nil {
			r.undecided = append(r.undecided, err.Error())
		}
		done = points != nil
		r.drafted[model] = done
	}
	if done {
		r.hold = append(r.hold, model)
	}
	return done
}

func (r *run) problem() *posed {
	if r.posed == nil {
		r.posed = r.versions.problem()
	}
	return r.posed
}

// bySchedule decides a model by looking for a schedule that explains the history:
// of the model itself, or of one that implies it, the strongest first, since most
// stores keep more than they promise, and more order is less to search.
func (r *run) bySchedule(m string) {
	for _, s := range schedules {
		if r.maySchedule(s.model, m) && r.draft(s.model) {
			return
		}
	}
	for _, s := range schedules {
		if r.maySchedule(s.model, m) && !r.search(s.model, s.anomaly, s.model == m) {
			return
		}
	}
}

// maySchedule reports whether a schedule that is by the model s would decide m.
func (r *run) maySchedule(s, m string) bool {
	return consistency.Implies(s, m) && !r.settled(m) && !r.settled(s) && (!aboutRealTime(s) || r.txns.History.HasRealTime())
}

// search decides a model by all means, if it is asked for; otherwise whether it
// holds may stay open. It reports whether it makes sense to go on.
func (r *run) search(model, anomaly string, asked bool) bool {
	r.begin("looking for a schedule that is " + model)
	o := polygraph.Options{Memory: r.Memory, Drafted: true}
	if !asked {
		o.Steps = unaskedSteps
	}
	g, _ := polygraph.Of(model)
	res, err := polygraph.Solve(r.ctx, &r.problem().Problem, g, o)
	switch {
	case err != nil:
		r.undecided = append(r.undecided, err.Error())
		return false
	case res.Verdict == check.Valid:
		r.hold = append(r.hold, model)
	case res.Verdict == check.Invalid:
		r.found.add(anomaly, func() check.Witness { return r.noSchedule(model, res.Witness) })
	case asked || r.ctx.Err() != nil:
		r.undecided = append(r.undecided, fmt.Sprintf("%s: %s", model, res.Reason))
		return false
	}
	return true
}

// unaskedSteps bounds the search for a schedule of a model that was not asked
// for.
const unaskedSteps = 20_000_000

// byViews decides a model by the order of versions alone: consistent view, which
// is parallel snapshot isolation where all reads are of snapshots.
func (r *run) byViews(m string) {
	const strong, weak = "parallel-snapshot-isolation", "consistent-view"
	torn := slices.Contains(r.found.names(), "internal")
	if r.settled(m) || torn || !consistency.Implies(strong, m) {
		return
	}
	r.begin("deciding " + weak)
	res, err := polygraph.ConsistentView(r.ctx, &r.problem().Problem, polygraph.Options{})
	switch {
	case err != nil:
		r.undecided = append(r.undecided, err.Error())
	case res.Verdict == check.Valid:
		r.hold = append(r.hold, strong)
	case res.Verdict == check.Invalid:
		r.found.add(gSingle.name(plain), func() check.Witness { return r.noSchedule(weak, res.Witness) })
	default:
		r.undecided = append(r.undecided, fmt.Sprintf("%s: %s", m, res.Reason))
	}
}

// noSchedule describes why no order of versions makes a history fit a model.
func (r *run) noSchedule(model string, w *polygraph.Witness) check.Witness {
	n := narrator{r.txns}
	txns := make([]int32, len(w.Txns))
	for i, x := range w.Txns {
		txns[i] = r.posed.txns[x]
	}
	words := w.Words(polygraph.Names{
		Txn: func(x int32) string { return fmt.Sprintf("T%d", slices.Index(w.Txns, x)+1) },
		Key: func(k int32) string { return "key " + n.KeyText(r.posed.keys[k]) },
	})
	return n.witness(fmt.Sprintf("no order of the versions makes %s %s", n.ops(txns), model), -1, txns, nil, strings.ReplaceAll(strings.TrimSpace(words), "\n", "\n  "))
}

// byWeak decides a model by the methods for weak ones: by its own, or by one that
// implies it.
func (r *run) byWeak(m string) {
	for _, w := range slices.Backward(weak.Models()) {
		if !consistency.Implies(w, m) {
			continue
		}
		r.begin("deciding " + w)
		res, err := weak.Check(r.ctx, r.txns, w)
		switch {
		case err != nil:
			r.undecided = append(r.undecided, err.Error())
		case res.Verdict == check.Valid:
			r.hold = append(r.hold, w)
			return
		case w == m && res.Verdict == check.Invalid:
			r.other = append(r.other, res.Anomalies...)
			r.broken = append(r.broken, m)
			return
		}
	}
}
