package polygraph

import "context"

// Search is what Solve does when no draft comes to an end.
func Search(ctx context.Context, p *Problem, g Guarantee, o Options) Result {
	return p.search(ctx, g, o)
}

// Draft is what Solve does first.
func Draft(ctx context.Context, p *Problem, g Guarantee) []Point { return p.draft(ctx, g) }

// Replay returns what is wrong with a schedule, or nothing.
func Replay(p *Problem, g Guarantee, schedule []Point) string {
	return newColumns(p).replay(g, schedule)
}
