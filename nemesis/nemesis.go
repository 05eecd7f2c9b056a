package nemesis

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"checker/history"
)

// Nemesis executes faults on an environment and knows what it has done to whom. It
// is for one goroutine.
type Nemesis struct {
	nodes []string // all, in order

	partitioner Partitioner
	killer      Killer
	pauser      Pauser
	clocks      Clocks
	shaper      Shaper
	disks       Disks
	members     Members
	leaders     Leaders
	counters    Counters

	down    map[string]bool // killed
	off     map[string]bool // without power
	paused  map[string]bool
	faulty  []string // whose disk is
	damaged map[string]bool
	outside map[string]bool

	cut      span[PacketCounts] // of the partition in force
	shaped   span[PacketCounts] // of the packet fault in force
	impaired span[DiskCounts]   // of the disk faults in force
	changing span[changes]      // of the changes of the group asked for
}

// counts is what a fault is measured by.
type counts[C any] interface{ Sub(earlier C) C }

// span is the time that a fault is in force.
type span[C counts[C]] struct {
	open bool
	from *C // the counts when it began; nil if they could not be had
}

// New returns the nemesis of an environment with these nodes. What it can do to
// them is what env implements of [Partitioner], [Killer], [Pauser], [Clocks],
// [Shaper], [Disks], [Members], [Leaders] and [Counters].
func New(env any, nodes []string) *Nemesis {
	n := &Nemesis{nodes: slices.Clone(nodes), down: map[string]bool{}, off: map[string]bool{}, paused: map[string]bool{}, damaged: map[string]bool{}, outside: map[string]bool{}}
	n.partitioner, _ = env.(Partitioner)
	n.killer, _ = env.(Killer)
	n.pauser, _ = env.(Pauser)
	n.clocks, _ = env.(Clocks)
	n.shaper, _ = env.(Shaper)
	n.disks, _ = env.(Disks)
	n.members, _ = env.(Members)
	n.leaders, _ = env.(Leaders)
	n.counters, _ = env.(Counters)
	return n
}

// Supports reports whether the environment can do the faults of a family.
func (n *Nemesis) Supports(family string) bool {
	switch family {
	case "partition":
		return n.partitioner != nil
	case "kill":
		return n.killer != nil
	case "pause":
		return n.pauser != nil
	case "clock":
		return n.clocks != nil
	case "packet":
		return n.shaper != nil
	case "disk": // nodes that a disk fault has stopped are to be started again
		return n.disks != nil && n.killer != nil
	case "membership":
		return n.members != nil
	}
	return false
}

func (n *Nemesis) cutsClients() bool {
	_, can := n.partitioner.(ClientPartitioner)
	return can
}

// View returns what [Resolve] needs to know now. When the environment cannot say
// who leads, the view knows no primaries, and the error says why.
func (n *Nemesis) View(ctx context.Context) (View, error) {
	v := View{Nodes: n.nodes, Clients: n.cutsClients()}
	for _, node := range n.nodes {
		if n.damaged[node] || slices.Contains(n.faulty, node) {
			v.Faulty = append(v.Faulty, node)
		}
		if n.outside[node] {
			v.Outside = append(v.Outside, node)
		}
		if n.down[node] || n.off[node] {
			v.Down = append(v.Down, node)
		}
		if n.paused[node] {
			v.Paused = append(v.Paused, node)
		}
	}
	if n.leaders == nil {
		return v, nil
	}
	primaries, err := n.leaders.Primaries(ctx)
	if err != nil {
		return v, fmt.Errorf("who leads: %w", err)
	}
	v.Primaries = ordered(n.nodes, primaries)
	return v, nil
}

// skipped begins the error of an op that was not executed at all.
const skipped = "skipped: "

// Invoke executes the concrete fault that an op asks for and returns the
// completion: type info, and as its value what happened (the text that Evidence
// reads). The error is set when something went wrong; it begins with "skipped: "
// when nothing was done at all: the environment cannot do it, or the op is no
// concrete fault for these nodes. Such an op keeps its value.
func (n *Nemesis) Invoke(ctx context.Context, op history.Op) history.Op {
	done := op
	done.Type = history.Info
	f, err := OfOp(op)
	if err == nil {
		err = n.check(f)
	}
	if err != nil {
		done.Error = history.String(skipped + err.Error())
		return done
	}
	var r report
	if err := n.execute(ctx, f, &r); err != nil {
		done.Error = history.String(strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	if len(r) == 0 {
		r = report{nothing}
	}
	done.Value = history.String(r.String())
	return done
}

// Remains reports whether an op that Invoke has completed was to undo a fault and did not
// succeed. What the environment cannot do needs not be undone.
func Remains(done history.Op) bool {
	return Verb(done.F).Ends() && !done.Error.IsNil() && !strings.HasPrefix(done.Error.Text(), skipped)
}

// check refuses a fault that cannot be executed.
func (n *Nemesis) check(f Fault) error {
	if !f.Concrete() {
		return fmt.Errorf("%s does not say which nodes", f)
	}
	if family := f.Verb.Family(); !n.Supports(family) {
		return fmt.Errorf("this environment cannot do %s faults", family)
	}
	if f.Verb == ClockJump && n.killer == nil {
		return fmt.Errorf("this environment cannot restart processes")
	}
	for _, node := range f.names() {
		if !slices.Contains(n.nodes, node) && !(node == ClientName && f.Verb == Partition && n.cutsClients()) {
			return fmt.Errorf("there is no node %q", node)
		}
	}
	return nil
}

// names returns every node that a concrete fault names.
func (f Fault) names() []string {
	all := slices.Concat(f.Nodes, slices.Concat(f.Sides...))
	for _, l := range f.Ways {
		all = append(all, l.From, l.To)
	}
	for _, s := range f.Skews {
		all = append(all, s.Node)
	}
	return all
}

func (n *Nemesis) execute(ctx context.Context, f Fault, r *report) error {
	switch f.Verb {
	case Partition, Heal:
		return n.partition(ctx, f, r)
	case Packet, PacketClear:
		return n.shape(ctx, f, r)
	case PowerOff:
		return n.powerOff(ctx, f, r)
	case DiskRot, DiskCut:
		return n.damage(ctx, f, r)
	case DiskFull, DiskError, DiskSlow, DiskFlip, DiskRepair:
		return n.disk(ctx, f, r)
	case MemberRemove, MemberAdd, MemberReplace, MemberRestore:
		return n.member(ctx, f, r)
	case Kill:
		return n.kill(ctx, f.Nodes, r)
	case Start:
		return n.start(ctx, f.Nodes, r)
	case Pause:
		return n.pause(ctx, f.Nodes, r)
	case Resume:
		return n.resume(ctx, f.Nodes, r)
	}
	return n.skew(ctx, f, r)
}

// partition cuts or heals. It first counts what the partition that it takes the
// place of has dropped.
func (n *Nemesis) partition(ctx context.Context, f Fault, r *report) error {
	now, countErr := n.count(ctx)
	n.cut.measure(now, r, func(c PacketCounts) { r.count("dropped", c.Cut) })
	var err error
	if f.Verb == Heal {
		err = n.partitioner.Heal(ctx)
	} else {
		links := f.Links(n.nodes)
		r.count("cut", uint64(len(links)))
		err = n.partitioner.Cut(ctx, links)
	}
	n.cut.next(f, now, err)
	return errors.Join(err, countErr)
}

// shape begins or ends a packet fault, and counts as partition does.
func (n *Nemesis) shape(ctx context.Context, f Fault, r *report) error {
	now, countErr := n.count(ctx)
	n.shaped.measure(now, r, r.packets)
	var err error
	if f.Verb == PacketClear {
		err = n.shaper.Unshape(ctx)
	} else {
		r.nodes("shaped", f.Nodes)
		if len(f.Ways) > 0 {
			r.add("shaped", waysText(f.Ways, ","))
		}
		err = n.shaper.Shape(ctx, f.Links(n.nodes), f.Packet)
	}
	n.shaped.next(f, now, err)
	return errors.Join(err, countErr)
}

// count reads the packet counters; nil where there are none or they fail.
func (n *Nemesis) count(ctx context.Context) (*PacketCounts, error) {
	if n.counters == nil {
		return nil, nil
	}
	c, err := n.counters.PacketCounts(ctx)
	if err != nil {
		return nil, fmt.Errorf("packet counters: %w", err)
	}
	return &c, nil
}

// measure reports what was counted in the span up to now, if it is open.
func (s *span[C]) measure(now *C, r *report, say func(C)) {
	switch {
	case !s.open:
	case now == nil || s.from == nil:
		*r = append(*r, uncounted)
	default:
		say((*now).Sub(*s.from))
	}
}

// next begins the span of a fault, or ends it; one whose end failed goes on.
func (s *span[C]) next(f Fault, now *C, err error) {
	switch {
	case !f.Verb.Ends():
		*s = span[C]{open: true, from: now}
	case err == nil:
		*s = span[C]{}
	}
}
