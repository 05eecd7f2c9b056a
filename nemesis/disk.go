package nemesis

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// powerOff cuts the power of nodes and reports what their disks lost.
func (n *Nemesis) powerOff(ctx context.Context, f Fault, r *report) error {
	var sum uint64
	off, dead, err := each(ctx, f.Nodes, func(ctx context.Context, node string) (bool, error) {
		killed, lost, err := n.disks.PowerOff(ctx, node, f.Keep)
		sum += lost
		if err == nil {
			n.off[node] = true
			delete(n.paused, node)
		}
		return killed, err
	})
	r.nodes("off", off)
	r.nodes("dead", dead)
	r.count("lost", sum)
	return err
}

// disk begins disk faults or ends them. It first counts what those that it takes
// the place of have done.
func (n *Nemesis) disk(ctx context.Context, f Fault, r *report) error {
	now, countErr := n.countDisks(ctx)
	n.impaired.measure(now, r, r.disk)
	var err error
	if f.Verb == DiskRepair {
		err = n.repair(ctx, r)
	} else {
		err = n.impair(ctx, f, r)
	}
	n.impaired.next(f, now, err)
	return errors.Join(err, countErr)
}

func (n *Nemesis) impair(ctx context.Context, f Fault, r *report) error {
	if err := n.disks.Impair(ctx, f.Nodes, f.Disk); err != nil {
		return err
	}
	n.faulty = f.Nodes
	r.nodes("impaired", f.Nodes)
	if !f.Disk.ofReads() {
		return nil
	}
	restarted, _, err := each(ctx, f.Nodes, n.restart)
	r.nodes("restarted", restarted)
	return err
}

// damage damages the files of nodes, whose processes are down meanwhile, and reports
// how much of which.
func (n *Nemesis) damage(ctx context.Context, f Fault, r *report) error {
	sum, told := uint64(0), report{}
	restarted, _, err := each(ctx, f.Nodes, func(ctx context.Context, node string) (bool, error) {
		killed, err := n.killer.Kill(ctx, node)
		if err != nil {
			return false, err
		}
		delete(n.paused, node)
		harm, err := n.disks.Damage(ctx, node, f.Disk)
		n.damaged[node] = true
		for _, h := range harm {
			sum += h.Amount
			told.count(node+":"+oneWord(h.File), h.Amount)
		}
		if err != nil || !killed {
			return false, err
		}
		return n.killer.Start(ctx, node)
	})
	if f.Verb == DiskRot {
		r.count("bits", sum)
	} else {
		r.count("bytes", sum)
	}
	*r = append(*r, told...)
	r.nodes("restarted", restarted)
	return err
}

// oneWord makes the name of a file a word of a report.
func oneWord(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '=' || unicode.IsSpace(r) || !unicode.IsPrint(r) {
			return '_'
		}
		return r
	}, name)
}

// restart kills a process and starts it again, if there is one.
func (n *Nemesis) restart(ctx context.Context, node string) (bool, error) {
	killed, err := n.killer.Kill(ctx, node)
	if err != nil || !killed {
		return false, err
	}
	delete(n.paused, node)
	return n.killer.Start(ctx, node)
}

// repair makes all disks well and starts whoever is down for their faults, or has
// no power. Those that were killed stay so.
func (n *Nemesis) repair(ctx context.Context, r *report) error {
	if err := n.disks.Repair(ctx); err != nil {
		return err
	}
	n.faulty = nil
	clear(n.damaged)
	var rest []string
	for _, node := range n.nodes {
		if !n.down[node] {
			rest = append(rest, node)
		}
	}
	started, _, err := each(ctx, rest, n.startNode)
	r.nodes("started", started)
	return err
}

// startNode starts a process and knows then that the node has power.
func (n *Nemesis) startNode(ctx context.Context, node string) (bool, error) {
	started, err := n.killer.Start(ctx, node)
	if err == nil {
		delete(n.off, node)
	}
	return started, err
}

func (n *Nemesis) countDisks(ctx context.Context) (*DiskCounts, error) {
	c, err := n.disks.DiskCounts(ctx)
	if err != nil {
		return nil, fmt.Errorf("disk counters: %w", err)
	}
	return &c, nil
}
