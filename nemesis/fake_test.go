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
	shaped  []Link
	faults  PacketFaults
	clock   map[string]*fakeClock
	counts  PacketCounts
	leaders []string
	sick    []string        // whose disk is
	rotten  map[string]bool // whose files are
	disk    DiskFaults
	disks   DiskCounts
	off     map[string]bool // without power
	out     map[string]bool // of the group
	changes uint64
	broken  map[string]bool // nodes, and counters, on which nothing can be done
}

type fakeClock struct {
	offset time.Duration
	ppm    int64
	strobe time.Duration // by which it is ahead for a strobe
}

func newFake(nodes ...string) *fake {
	e := &fake{nodes: nodes, dead: map[string]bool{}, frozen: map[string]bool{}, clock: map[string]*fakeClock{}, off: map[string]bool{}, rotten: map[string]bool{}, out: map[string]bool{}, broken: map[string]bool{}}
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
	delete(e.off, node)
	e.read(node)
	if e.rotten[node] { // it notices
		e.dead[node] = true
	}
	return was, nil
}

func (e *fake) PowerOff(_ context.Context, node string, keep Keep) (bool, uint64, error) {
	killed, err := e.Kill(context.Background(), node)
	if err != nil {
		return false, 0, err
	}
	e.off[node] = true
	if keep == KeepNothing {
		return killed, 100, nil
	}
	return killed, 10, nil
}

func (e *fake) Impair(_ context.Context, nodes []string, faults DiskFaults) error {
	e.sick, e.disk = nodes, faults
	return e.reach(nodes...)
}

func (e *fake) Repair(context.Context) error {
	if err := e.reach(e.nodes...); err != nil {
		return err
	}
	e.sick, e.disk = nil, DiskFaults{}
	clear(e.rotten)
	return nil
}

func (e *fake) Damage(_ context.Context, node string, faults DiskFaults) ([]Harm, error) {
	if !e.dead[node] {
		return nil, errors.New("damaged under its feet")
	}
	e.rotten[node] = true
	return []Harm{{"a log", uint64(faults.Bits + faults.Bytes)}}, e.reach(node)
}

func (e *fake) DiskCounts(context.Context) (DiskCounts, error) { return e.disks, e.reach("counters") }

// read has a node read its disk, and write has it write and sync. Whatever chance
// there is of an error, it comes true, and the process ends.
func (e *fake) read(node string) {
	if !slices.Contains(e.sick, node) || e.dead[node] {
		return
	}
	e.disks.Delayed += e.disk.SlowRead
	if e.disk.Flip > 0 {
		e.disks.Flipped++
		e.dead[node] = true
	}
	if e.disk.Read > 0 {
		e.disks.Failed++
		e.dead[node] = true
	}
}

func (e *fake) write(node string) {
	if !slices.Contains(e.sick, node) || e.dead[node] {
		return
	}
	e.disks.Delayed += e.disk.SlowWrite + e.disk.SlowSync
	if e.disk.Write > 0 || e.disk.Sync > 0 {
		e.disks.Failed++
		e.dead[node] = true
	}
	if e.disk.Full {
		e.disks.Refused++
		e.dead[node] = true
	}
}

func (e *fake) Remove(_ context.Context, node string) error {
	if !e.out[node] {
		e.changes++
	}
	e.out[node] = true
	return e.reach(node)
}

func (e *fake) Add(_ context.Context, node string) error {
	if e.out[node] {
		e.changes += 2 // as a learner, as a voter
	}
	delete(e.out, node)
	return e.reach(node)
}

func (e *fake) Restore(ctx context.Context) error {
	for _, node := range e.nodes {
		if err := e.Add(ctx, node); err != nil {
			return err
		}
	}
	return nil
}

func (e *fake) MemberChanges(context.Context) (uint64, error) { return e.changes, e.reach("counters") }

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
	e.clock[node].strobe = s.Delta
	return e.reach(node)
}

func (e *fake) Steady(_ context.Context, node string) error {
	e.clock[node].offset -= e.clock[node].strobe
	e.clock[node].strobe = 0
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

func (e *fake) Shape(_ context.Context, links []Link, faults PacketFaults) error {
	e.shaped, e.faults = links, faults
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
	if !slices.Contains(e.shaped, Link{from, to}) {
		return
	}
	for _, c := range []struct {
		on bool
		n  *uint64
	}{
		{e.faults.Delay > 0 || e.faults.Jitter > 0, &e.counts.Delayed}, {e.faults.Loss > 0, &e.counts.Lost},
		{e.faults.Duplicate > 0, &e.counts.Duplicated}, {e.faults.Reorder > 0, &e.counts.Reordered}, {e.faults.Corrupt > 0, &e.counts.Corrupted},
		{e.faults.Rate > 0, &e.counts.Throttled},
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
	if len(e.cuts) > 0 || len(e.shaped) > 0 || len(e.sick) > 0 || len(e.rotten) > 0 || len(e.off) > 0 || len(e.out) > 0 {
		return fmt.Sprintf("cut: %v, shaped: %v, disks: %v, off: %v, out: %v", e.cuts, e.shaped, e.sick, e.off, e.out)
	}
	return ""
}
