package polygraph

import (
	"context"
	"fmt"
)

// Options bound a search. The zero value bounds it by the context alone. What is
// tried before the search is bounded by the size of the problem.
type Options struct {
	Steps  int64 // nodes, edges and clauses looked at; 0 is no bound
	Memory int64 // bytes that the search may keep beside the problem; 0 is defaultMemory

	// Drafted says that [Draft] has been tried, for this guarantee and for those
	// that keep sessions and real time too.
	Drafted bool
}

const defaultMemory = 4 << 30

// budget is what is left of the bounds.
type budget struct {
	ctx    context.Context
	steps  int64 // at most, 0 for no bound
	memory int64 // bytes left
	turns  int64
	spent  string // why the search must end, or ""
}

// turnsPerLook is how many decisions and conflicts pass between two looks at the
// context.
const turnsPerLook = 256

func newBudget(ctx context.Context, o Options) *budget {
	b := &budget{ctx: ctx, steps: o.Steps, memory: o.Memory}
	if b.memory == 0 {
		b.memory = defaultMemory
	}
	return b
}

// afford reports whether a search may go on.
func (b *budget) afford(s *search) bool {
	b.turns++
	switch {
	case b.spent != "":
	case b.steps > 0 && s.order.steps > b.steps:
		b.spent = fmt.Sprintf("the limit of %d steps was reached", b.steps)
	case b.memory < int64(len(s.choices))*bytesPerChoice:
		b.spent = "the memory limit was reached"
	case b.turns%turnsPerLook == 1 && b.ctx.Err() != nil:
		b.spent = fmt.Sprintf("stopped (%v)", context.Cause(b.ctx))
	}
	return b.spent == ""
}
