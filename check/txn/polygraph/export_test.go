package polygraph

import "context"

// Search is what Solve does where no draft comes to an end.
func Search(ctx context.Context, p *Problem, g Guarantee, o Options) Result {
	return p.search(ctx, g, o)
}

// Replay returns what is wrong with a schedule, or nothing.
func Replay(p *Problem, g Guarantee, schedule []Point) string {
	c, err := p.columns()
	if err != nil {
		return err.Error()
	}
	return c.replay(g, schedule)
}
