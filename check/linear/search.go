package linear

import (
	"context"
	"fmt"

	"checker/check"
)

// budget bounds the searches of a check: by the caller's context, by the
// memory that one search takes, by steps.
type budget struct {
	ctx    context.Context
	memory int64
	steps  int64 // 0: no bound
	taken  int64
}

// ctxInterval is how many steps pass between two looks at the context.
const ctxInterval = 256

// Objects are searched in rounds of ever more steps, so that a violation in an
// easy one is found before a hard one takes all there is.
const (
	firstSteps = 1 << 17
	moreSteps  = 8 // times as many in the next round
)

// searchAll decides objects by Porcupine. Once a violation is found, those that
// would need another round stay undecided.
func (r *run) searchAll(objects []object) {
	r.searched = len(objects)
	var before []string // by object: why the last round could not decide it
	for most := int64(firstSteps); len(objects) > 0; most *= moreSteps {
		var hard []object
		var reasons []string
		for i, obj := range objects {
			if before != nil && r.budget.ctx.Err() != nil {
				r.undecided = append(r.undecided, r.name(obj)+": "+before[i])
				continue
			}
			why, again := r.search(obj, most)
			switch {
			case again && r.result.Verdict != check.Invalid:
				hard, reasons = append(hard, obj), append(reasons, why)
			case why != "":
				r.undecided = append(r.undecided, r.name(obj)+": "+why)
			}
		}
		objects, before = hard, reasons
	}
}

// search decides an object by Porcupine in at most so many steps. It returns why
// it could not, and whether more steps could help.
func (r *run) search(obj object, most int64) (why string, again bool) {
	if err := r.budget.ctx.Err(); err != nil {
		return fmt.Sprintf("stopped (%v) before the search", err), false
	}
	if need := int64(len(obj.rows)) * bytesPerCall; need > r.budget.memory {
		return fmt.Sprintf("a search would take more than the memory limit of %d bytes", r.budget.memory), false
	}
	p, err := r.pose(obj, r.options.Engine)
	if err != nil {
		return err.Error(), false
	}
	for _, part := range p.split() {
		b := *r.budget
		limit := b.taken + most
		bounded := b.steps == 0 || limit < b.steps
		if bounded {
			b.steps = limit
		}
		found := part.solve(&b, part.calls)
		r.budget.taken = b.taken
		switch found.answer {
		case undecided:
			why, again = r.howFar(part, found), bounded && b.taken >= b.steps
		case illegal:
			var w check.Witness // beyond those that are kept, they are only counted
			if r.violations++; r.violations <= r.options.Witnesses {
				w = r.witness(part, found)
				w.Key = r.keyName(obj.rows)
			}
			r.result.Add(nonlinearizable, w, r.options.Witnesses)
			return "", false
		}
	}
	return why, again
}

// howFar says why a search ended early and what it had decided by then.
func (r *run) howFar(p *problem, found searched) string {
	text := found.why
	if found.culprit > 0 {
		text += fmt.Sprintf(" at %s", r.say(p.calls[found.culprit-1].row))
	}
	text += fmt.Sprintf(" after %d steps", found.steps)
	last := p.calls[len(p.calls)-1].row
	switch {
	case found.furthest < 0:
		return text + ", before any op was in order"
	case p.porcupine:
		return text + fmt.Sprintf(", the furthest to op %d", r.index(found.furthest))
	}
	return text + fmt.Sprintf("; the ops up to the completion of op %d can be ordered, those from there to op %d are not decided",
		r.index(found.furthest), r.index(last))
}
