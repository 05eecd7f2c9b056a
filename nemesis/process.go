package nemesis

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// each does something to each node, goes on after an error, and returns the nodes
// for which it did and did not have an effect.
func each(ctx context.Context, nodes []string, do func(context.Context, string) (bool, error)) (did, not []string, err error) {
	for _, node := range nodes {
		yes, failed := do(ctx, node)
		switch {
		case failed != nil:
			err = errors.Join(err, fmt.Errorf("%s: %w", node, failed))
		case yes:
			did = append(did, node)
		default:
			not = append(not, node)
		}
	}
	return did, not, err
}

func (n *Nemesis) kill(ctx context.Context, nodes []string, r *report) error {
	killed, dead, err := each(ctx, nodes, n.killer.Kill)
	for _, node := range slices.Concat(killed, dead) {
		n.down[node] = true
		delete(n.paused, node)
	}
	r.nodes("killed", killed)
	r.nodes("dead", dead)
	return err
}

func (n *Nemesis) start(ctx context.Context, nodes []string, r *report) error {
	started, running, err := each(ctx, nodes, n.startNode)
	for _, node := range slices.Concat(started, running) {
		delete(n.down, node)
	}
	r.nodes("started", started)
	r.nodes("running", running)
	return err
}

func (n *Nemesis) pause(ctx context.Context, nodes []string, r *report) error {
	paused, idle, err := each(ctx, nodes, n.pauser.Pause)
	for _, node := range paused {
		n.paused[node] = true
	}
	r.nodes("paused", paused)
	r.nodes("idle", idle)
	return err
}

func (n *Nemesis) resume(ctx context.Context, nodes []string, r *report) error {
	resumed, running, err := each(ctx, nodes, n.pauser.Resume)
	for _, node := range slices.Concat(resumed, running) {
		delete(n.paused, node)
	}
	r.nodes("resumed", resumed)
	r.nodes("running", running)
	return err
}

// skew changes clocks and reads them before and after.
func (n *Nemesis) skew(ctx context.Context, f Fault, r *report) error {
	var err error
	for _, s := range f.clocks() {
		if failed := n.skewNode(ctx, f, s, r); failed != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", s.Node, failed))
		}
	}
	return err
}

// clocks returns the clocks that a fault changes, with the amount where it has one.
func (f Fault) clocks() []Skew {
	if f.Skews != nil {
		return f.Skews
	}
	skews := make([]Skew, len(f.Nodes))
	for i, node := range f.Nodes {
		skews[i].Node = node
	}
	return skews
}

// jump moves a clock while the process is down, and starts that again.
func (n *Nemesis) jump(ctx context.Context, s Skew, r *report) error {
	killed, err := n.killer.Kill(ctx, s.Node)
	if err != nil {
		return err
	}
	delete(n.paused, s.Node)
	if err := n.clocks.Bump(ctx, s.Node, time.Duration(s.Amount)); err != nil || !killed {
		return err
	}
	if _, err := n.killer.Start(ctx, s.Node); err != nil {
		n.down[s.Node] = true
		return err
	}
	r.nodes("restarted", []string{s.Node})
	return nil
}

func (n *Nemesis) skewNode(ctx context.Context, f Fault, s Skew, r *report) error {
	if f.Verb == ClockStrobe { // or the bump that an earlier one took back would count
		if err := n.clocks.Steady(ctx, s.Node); err != nil {
			return err
		}
	}
	before, err := n.clocks.Offset(ctx, s.Node)
	if err != nil {
		return err
	}
	switch f.Verb {
	case ClockBump:
		err = n.clocks.Bump(ctx, s.Node, time.Duration(s.Amount))
	case ClockJump:
		err = n.jump(ctx, s, r)
	case ClockDrift:
		err = n.clocks.Drift(ctx, s.Node, s.Amount)
	case ClockStrobe:
		err = n.clocks.Strobe(ctx, s.Node, f.Strobe)
	default:
		err = n.clocks.Reset(ctx, s.Node)
	}
	if err != nil {
		return err
	}
	after, err := n.clocks.Offset(ctx, s.Node)
	if err != nil {
		return err
	}
	r.offsets(s.Node, before, after)
	return nil
}
