package polygraph

import (
	"context"
	"slices"
)

// draft makes a schedule by following the recording: it commits transactions in
// the order in which they ended, and before each of them whatever must come
// first as things stand: whom it read from, whoever has still to read what it
// overwrites, and those before it in its session or in real time. That takes time
// linear in the problem. Where what must come first comes back to where it
// began, a version was written too early; the latest such one is taken back, with
// all that came since, and put behind (see repair). A draft that ends is a
// schedule; one that gets stuck says nothing.
//
// Points are numbered as the nodes of a network with snapshots: a transaction t
// starts at 2t and commits at 2t+1. Without snapshots it does both at 2t+1.
type draft struct {
	*columns
	Guarantee
	state   []pointState // by point
	at      []int32      // by point: where it is in points
	points  []int32      // the schedule so far
	done    int          // in ended: all before it have committed
	now     []int32      // by key: its version
	was     []int32      // by version: the version that it overwrote
	held    []int32      // by key: who has started and will write it, or -1; only where writers must not overlap
	unread  []int32      // by version: how many of its readers have not started
	gone    []int32      // by version: so many of its first readers have started
	zones   *zones       // with Realtime
	stack   []demand
	lessons []*lesson
	learnt  [][]*lesson // by transaction: the lessons that say what comes before it
	left    int         // how many points may still be taken back
	core    []int32     // once it is stuck: the transactions that are to blame, if they are known
}

// Draft looks for a schedule without search, in time linear in the problem, and
// returns nil when it comes upon none, which says nothing. Errors are
// [ErrMalformed].
func Draft(ctx context.Context, p *Problem, g Guarantee) ([]Point, error) {
	c, err := p.columns()
	if err != nil {
		return nil, err
	}
	return c.draft(ctx, g, g), nil
}

// draft returns a schedule that keeps a guarantee, drafted by a stricter one.
func (c *columns) draft(ctx context.Context, g, stricter Guarantee) []Point {
	d := newDraft(c, stricter)
	if !d.finish(ctx) {
		c.cores[stricter] = d.core
		return nil
	}
	points := d.schedule()
	if wrong := c.replay(g, points); wrong != "" {
		panic("polygraph: a draft that is no schedule: " + wrong)
	}
	return points
}

// draftStricter tries first to keep real time, then sessions too, asked for or
// not: most stores keep them, whatever they promise, and it is the surer the less
// is left open.
func (c *columns) draftStricter(ctx context.Context, g Guarantee) []Point {
	for _, s := range []Guarantee{{Session: true, Realtime: true}, {Session: true}, {}} {
		if g.Realtime && !s.Realtime || g.Session && !s.Session {
			return nil
		}
		s.Snapshot, s.Overwrites = g.Snapshot, g.Overwrites
		if points := c.draft(ctx, g, s); points != nil {
			return points
		}
	}
	return nil
}

type pointState uint8

const (
	unplaced pointState = iota
	demanded            // it is on the stack
	placed
)

// demand is a point that has to be placed before the one below it on the stack.
type demand struct {
	point int32
	after int32 // the transaction that, if it came behind the one below, would make this unnecessary; -1 for none
	ready bool  // all that must come first however things stand has
}

func newDraft(c *columns, g Guarantee) *draft {
	n, versions := len(c.Txns), len(c.key)
	d := &draft{columns: c, Guarantee: g, state: make([]pointState, 2*n), at: make([]int32, 2*n), points: make([]int32, 0, n)}
	d.now, d.held = slices.Clone(c.first[:len(c.Keys)]), make([]int32, len(c.Keys))
	for k := range d.held {
		d.held[k] = -1
	}
	d.was, d.unread, d.gone = make([]int32, versions), make([]int32, versions), make([]int32, versions)
	for v := range d.unread {
		d.unread[v] = int32(len(c.readers.of(int32(v))))
	}
	d.learnt = make([][]*lesson, n)
	d.left = min(64*n, 4*n+1_000_000)
	if g.Realtime {
		d.zones = newZones(c)
	}
	return d
}

// lookEvery is how many transactions a draft takes between two looks at the
// context.
const lookEvery = 1 << 14

// finish places all points, or gets stuck.
func (d *draft) finish(ctx context.Context) bool {
	look := 0
	for d.done < len(d.ended) {
		if t := d.ended[d.done]; d.state[2*t+1] == placed {
			d.done++
			continue
		} else if !d.demand(2*t + 1) {
			return false
		}
		if look++; look%lookEvery == 0 && ctx.Err() != nil {
			return false
		}
	}
	return true
}

func (d *draft) schedule() []Point {
	points := make([]Point, len(d.points))
	for i, p := range d.points {
		points[i] = Point{p / 2, p&1 == 1}
	}
	return points
}

// start returns the point at which t starts.
func (d *draft) start(t int32) int32 {
	if d.Snapshot {
		return 2 * t
	}
	return 2*t + 1
}

// begins returns the point before which the versions that t follows must be
// committed.
func (d *draft) begins(t int32) int32 {
	if d.Snapshot && !d.Overwrites {
		return 2 * t
	}
	return 2*t + 1
}

// demand places a point and what must come first, or repairs the draft. It
// returns false when that is of no use.
func (d *draft) demand(point int32) bool {
	d.push(demand{point: point, after: -1})
	for len(d.stack) > 0 {
		need, missing := d.missing(&d.stack[len(d.stack)-1])
		switch {
		case !missing:
			top := d.stack[len(d.stack)-1]
			d.stack = d.stack[:len(d.stack)-1]
			d.set(top.point)
		case d.state[need.point] == demanded:
			return d.repair(need)
		default:
			d.push(need)
		}
	}
	return true
}

func (d *draft) push(n demand) {
	d.state[n.point] = demanded
	d.stack = append(d.stack, n)
}

// missing returns something that has to be placed before a point.
func (d *draft) missing(top *demand) (need demand, missing bool) {
	t, commits := top.point/2, top.point&1 == 1
	if !top.ready {
		if p := d.always(top.point); p >= 0 {
			return demand{point: p, after: -1}, true
		}
		top.ready = true
	}
	if d.Snapshot && !d.Overwrites && !commits {
		for _, v := range d.writes.of(t) {
			if other := d.held[d.key[v]]; other >= 0 {
				return demand{point: 2*other + 1, after: other}, true
			}
		}
	}
	if !commits {
		return demand{}, false
	}
	for _, v := range d.writes.of(t) {
		over := d.now[d.key[v]]
		if reader := d.reader(over, t); reader >= 0 {
			return demand{point: d.start(reader), after: d.writer[over]}, true
		}
	}
	return demand{}, false
}

// reader returns one of a version, other than t, that has not started; else -1.
func (d *draft) reader(version, t int32) int32 {
	if d.unread[version] == 0 {
		return -1
	}
	readers := d.readers.of(version)
	for d.state[d.start(readers[d.gone[version]])] == placed {
		d.gone[version]++
	}
	for _, x := range readers[d.gone[version]:] {
		if x != t && d.state[d.start(x)] != placed {
			return x
		}
	}
	return -1
}

// always returns a point that must come before another however things stand, and
// is not placed; else -1.
func (d *draft) always(point int32) int32 {
	t := point / 2
	if point == d.start(t) {
		if p := d.beforeStart(t); p >= 0 {
			return p
		}
	} else if d.state[2*t] != placed {
		return 2 * t
	}
	if point != d.begins(t) {
		return -1
	}
	for _, x := range d.earlier.of(t) {
		if d.state[2*x+1] != placed {
			return 2*x + 1
		}
	}
	for _, l := range d.learnt[t] {
		if d.state[2*l.first+1] != placed {
			return 2*l.first + 1
		}
	}
	if d.zones != nil {
		for _, v := range d.writes.of(t) {
			if w := d.zones.before(v); w != Nobody {
				return 2*w + 1
			}
		}
	}
	return -1
}

func (d *draft) beforeStart(t int32) int32 {
	if s := d.session[t]; d.Session && s >= 0 && d.state[2*s+1] != placed {
		return 2*s + 1
	}
	if d.Realtime {
		for d.done < len(d.ended) && d.state[2*d.ended[d.done]+1] == placed {
			d.done++
		}
		if d.done < len(d.ended) {
			if x := d.ended[d.done]; d.Txns[x].End < d.Txns[t].Inv {
				return 2*x + 1
			}
		}
	}
	for _, v := range d.reads.of(t) {
		if w := d.writer[v]; w != Nobody && d.state[2*w+1] != placed {
			return 2*w + 1
		}
	}
	return -1
}

// set places a point: nothing has to come before it any more.
func (d *draft) set(point int32) {
	t := point / 2
	d.state[point], d.at[point] = placed, int32(len(d.points))
	d.points = append(d.points, point)
	if point == d.start(t) {
		for _, v := range d.reads.of(t) {
			d.unread[v]--
		}
	}
	for _, v := range d.writes.of(t) {
		k := d.key[v]
		if point&1 == 0 {
			d.held[k] = t
			continue
		}
		d.was[v], d.now[k], d.held[k] = d.now[k], v, -1
		if d.zones != nil {
			d.zones.met(v)
		}
	}
}

// unset takes the last point back.
func (d *draft) unset() {
	point := d.points[len(d.points)-1]
	d.points = d.points[:len(d.points)-1]
	t := point / 2
	d.state[point] = unplaced
	if point == d.start(t) {
		for _, v := range d.reads.of(t) {
			d.unread[v]++
			d.gone[v] = 0
		}
	}
	for _, v := range d.writes.of(t) {
		k := d.key[v]
		if point&1 == 0 {
			d.held[k] = -1
			continue
		}
		d.now[k] = d.was[v]
		if d.Snapshot {
			d.held[k] = t
		}
		if d.zones != nil {
			d.zones.forget(v)
		}
	}
	if point&1 == 1 {
		d.done = min(d.done, int(d.place[t]))
	}
}
