package uniqueids

import (
	"context"
	"fmt"

	"checker/check"
	"checker/history"
	"checker/models"
)

// Duplicate is what this package finds: an id that was handed out twice.
const Duplicate = "duplicate-id"

// Kinds explains what this package finds.
func Kinds() []check.Kind {
	return []check.Kind{{Name: Duplicate, Summary: "An id that should be unique was handed out more than once.", Example: `client 1   [ generate → 7 ]
client 2                     [ generate → 7 ]`}}
}

// Options direct the check. The zero value is sensible.
type Options struct {
	Witnesses int // examples kept of each anomaly; 0 is [check.DefaultWitnesses]
	_         struct{}
}

// New returns a checker of unique ids.
func New(o Options) check.Checker { return checker{o} }

type checker struct{ options Options }

// Name is unique-ids.
func (checker) Name() string { return "unique-ids" }

// Check judges a history of generate ops, whose completions are ids. Without any
// id it is unknown.
func (c checker) Check(ctx context.Context, h *history.History) (check.Result, error) {
	found := check.NewFindings(c.Name(), h, c.options.Witnesses)
	values := models.NewValues(&h.Heap)
	first := map[models.Datum]history.Pair{}
	ids := 0
	for i, p := range h.Pairs() {
		if i%4096 == 0 && ctx.Err() != nil {
			return found.Result, fmt.Errorf("%d ids judged: %w", ids, ctx.Err())
		}
		if f := h.FName(h.F(int(p.Inv))); f != "generate" {
			return found.Result, fmt.Errorf("op %d: a generator of ids knows generate, not %q", h.Witness(p), f)
		}
		if h.Outcome(p) != history.Ok {
			continue
		}
		v := h.Ref(int(p.Comp))
		if v.IsNil() {
			return found.Result, fmt.Errorf("op %d: generate is ok without an id", h.Witness(p))
		}
		ids++
		d := values.Of(v)
		if before, seen := first[d]; seen {
			found.Found(Duplicate, "", []history.Pair{before, p}, "id %s was handed out by op %d and again by op %d", h.Value(v), h.Witness(before), h.Witness(p))
			continue
		}
		first[d] = p
	}
	found.Note("%d ids, %d of them distinct", ids, len(first))
	if ids == 0 {
		found.Undecided("nothing to check: no id was handed out")
	}
	return found.Result, nil
}
