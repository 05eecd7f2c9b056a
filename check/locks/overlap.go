package locks

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"checker/history"
)

// mostShrunk is of how many holds it is tried whether fewer would do.
const mostShrunk = 200

// contradict reports holds of which no order keeps the last one apart from the rest.
func (l *leasedLock) contradict(ctx context.Context, some []*hold) error {
	few := fewest(some, func(part []*hold) bool {
		fit, err := inARow(ctx, part, l.States)
		return err == nil && fit < len(part)
	})
	var ops []history.Pair
	lines := make([]string, len(few))
	for i, h := range few {
		ops = append(ops, h.ops...)
		lines[i] = l.say(h)
	}
	why := "Each was granted before the other can have been over"
	if len(few) > 2 {
		why = "In whatever order, one would have begun after its acquire had completed"
	}
	l.found.Found(DoubleGrant, l.object.Key, ops, "%s:\n  %s.", why, strings.Join(lines, ";\n  "))
	return ctx.Err()
}

// fewest returns part of some holds that are bad together, such that they are not
// without any one of them: the last ones that will do, less those that make no
// difference.
func fewest(some []*hold, bad func([]*hold) bool) []*hold {
	n := 2
	for n < len(some) && !bad(some[len(some)-n:]) {
		n *= 2
	}
	few := some[max(0, len(some)-n):]
	if len(few) > mostShrunk {
		return few
	}
	for i := 0; i < len(few); {
		if less := slices.Delete(slices.Clone(few), i, i+1); bad(less) {
			few = less
		} else {
			i++
		}
	}
	return few
}

// say tells one hold.
func (l *leasedLock) say(h *hold) string {
	acquire := h.ops[0]
	text := fmt.Sprintf("process %s was granted the lock (op %d) between %v and %v", h.process, l.h.Witness(acquire), time.Duration(h.asked.ns), time.Duration(h.granted.ns))
	for _, p := range h.ops[1:] {
		what := "refreshed its lease"
		if l.h.FName(l.h.F(int(p.Inv))) == "release" {
			what = "began to release it"
		}
		if l.h.Outcome(p) == history.Info {
			what += ", and crashed,"
		}
		text += fmt.Sprintf(", %s (op %d) at %v", what, l.h.Witness(p), time.Duration(l.h.Time(int(p.Inv))))
	}
	return text + fmt.Sprintf(", under a lease of %v: it held it until %v at least", time.Duration(h.lease), time.Duration(h.ends(h.asked).ns))
}
