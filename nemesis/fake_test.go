package nemesis

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// fake is an environment that keeps in mind what was done to it. Nothing happens
// in it by itself: traffic sends packets, and pass lets time go by.
type fake struct {
	nodes   []string
	dead    map[string]bool
	frozen  map[string]bool
	cuts    []Link
	shaped  []string
	faults  PacketFaults
	clock   map[string]*fakeClock
	counts  PacketCounts
	leaders []string
	broken  map[string]bool // nodes, and counters, on which nothing can be done
}

type fakeClock struct {
	offset time.Duration
	ppm    int64
	strobe bool
}

func newFake(nodes ...string) *fake {
	e := &fake{nodes: nodes, dead: map[string]bool{}, frozen: map[string]bool{}, clock: map[string]*fakeClock{}, broken: map[string]bool{}}
	for _, node := range nodes {
		e.clock[node] = &fakeClock{}
	}
	return e
}

var errBroken = errors.New("out of reach")

func (e *fake) reach(nodes ...string) error {
	for _, node := range nodes {
		if e.broken[node] {
			return errBroken
		}
	}
	return nil
}

func (e *fake) Cut(_ context.Context, links []Link) error {
	e.cuts = slices.Clone(links)
	return nil
}

func (e *fake) Heal(context.Context) error {
	if err := e.reach(e.nodes...); err != nil {
		return err
	}
	e.cuts = nil
	return nil
}

func (e *fake) Kill(_ context.Context, node string) (bool, error) {
	if err := e.reach(node); err != nil {
		return false, err
	}
	was := !e.dead[node]
	e.dead[node] = true
	delete(e.frozen, node)
	return was, nil
}

func (e *fake) Start(_ context.Context, node string) (bool, error) {
	if err := e.reach(node); err != nil {
		return false, err
	}
	was := e.dead[node]
	delete(e.dead, node)
	return was, nil
}

func (e *fake) Pause(_ context.Context, node string) (bool, error) {
	if err := e.reach(node); err != nil || e.dead[node] || e.frozen[node] {
		return false, err
	}
	e.frozen[node] = true
	return true, nil
}

func (e *fake) Resume(_ context.Context, node string) (bool, error) {
	was := e.frozen[node]
	delete(e.frozen, node)
	return was, e.reach(node)
}

func (e *fake) Bump(_ context.Context, node string, delta time.Duration) error {
	e.clock[node].offset += delta
	return e.reach(node)
}

func (e *fake) Strobe(_ context.Context, node string, s Strobe) error {
	e.clock[node].offset += s.Delta
	e.clock[node].strobe = true
	return e.reach(node)
}

func (e *fake) Drift(_ context.Context, node string, ppm int64) error {
	e.clock[node].ppm = ppm
	return e.reach(node)
}

func (e *fake) Reset(_ context.Context, node string) error {
	*e.clock[node] = fakeClock{}
	return e.reach(node)
}

func (e *fake) Offset(_ context.Context, node string) (time.Duration, error) {
	return e.clock[node].offset, e.reach(node)
}

func (e *fake) Shape(_ context.Context, nodes []string, faults PacketFaults) error {
	e.shaped, e.faults = nodes, faults
	return nil
}

func (e *fake) Unshape(context.Context) error {
	e.shaped, e.faults = nil, PacketFaults{}
	return nil
}

func (e *fake) Primaries(context.Context) ([]string, error) {
	if err := e.reach(e.leaders...); err != nil {
		return nil, err
	}
	return e.leaders, nil
}

func (e *fake) PacketCounts(context.Context) (PacketCounts, error) {
	return e.counts, e.reach("counters")
}

// traffic sends a packet from one node to another. Whatever chance there is of a
// disturbance, it comes true.
func (e *fake) traffic(from, to string) {
	if slices.Contains(e.cuts, Link{from, to}) {
		e.counts.Cut++
		return
	}
	if !slices.Contains(e.shaped, from) && !slices.Contains(e.shaped, to) {
		return
	}
	for _, c := range []struct {
		on bool
		n  *uint64
	}{
		{e.faults.Delay > 0 || e.faults.Jitter > 0, &e.counts.Delayed}, {e.faults.Loss > 0, &e.counts.Lost},
		{e.faults.Duplicate > 0, &e.counts.Duplicated}, {e.faults.Reorder > 0, &e.counts.Reordered}, {e.faults.Corrupt > 0, &e.counts.Corrupted},
	} {
		if c.on {
			*c.n++
		}
	}
}

// pass lets the clocks drift for a while.
func (e *fake) pass(d time.Duration) {
	for _, node := range e.nodes {
		e.clock[node].offset += d * time.Duration(e.clock[node].ppm) / 1e6
	}
}

// leftover says what is still wrong, or "".
func (e *fake) leftover() string {
	for _, node := range e.nodes {
		if e.dead[node] || e.frozen[node] || *e.clock[node] != (fakeClock{}) {
			return fmt.Sprintf("%s is dead: %v, frozen: %v, and its clock is %+v", node, e.dead[node], e.frozen[node], *e.clock[node])
		}
	}
	if len(e.cuts) > 0 || len(e.shaped) > 0 {
		return fmt.Sprintf("cut: %v, shaped: %v", e.cuts, e.shaped)
	}
	return ""
}
