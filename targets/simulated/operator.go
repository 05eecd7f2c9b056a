package simulated

import (
	"context"
	"time"

	"checker/nemesis"
	"checker/sim"
	"checker/targets/refdb"
)

// How long an operator waits for an answer before it asks again, how often it does so
// before it goes on to the next step, and how long it waits between two looks at
// whether everybody is in.
const (
	askAgainAfter = 50 * time.Millisecond
	mostAsked     = 10
	lookAgain     = time.Second
)

// operatorSession is the session of the operator, beyond that of any process.
const operatorSession = 1 << 62

// operator changes the members of the group as it is asked to, one step after the
// other. Each is a request like any client's: asked of every node again and again
// until one that leads has answered. Whoever is to be in comes in as a learner
// first.
type operator struct {
	host    *sim.Host
	nodes   []*sim.Host
	steps   []refdb.Command // yet to be done
	asked   int             // how often the first of them was asked for
	seq     uint64          // of the request for the first step
	done    uint64          // steps that took effect
	restore bool            // everybody is to be in
}

// dynamic is a cluster whose group can change.
type dynamic struct {
	*Cluster
	operator *operator
}

var _ nemesis.Members = (*dynamic)(nil)

func (c *Cluster) addOperator() *dynamic {
	o := &operator{nodes: c.nodes, host: c.world.AddHost("operator")}
	o.host.Boot(func(*sim.Host) sim.Program { return o })
	o.host.Start()
	return &dynamic{c, o}
}

// Remove asks for a node to leave the group.
func (d *dynamic) Remove(_ context.Context, name string) error {
	return d.ask(name, refdb.Remove)
}

// Add asks for a node to come in.
func (d *dynamic) Add(_ context.Context, name string) error {
	return d.ask(name, refdb.AddLearner, refdb.Promote)
}

func (d *dynamic) ask(name string, ops ...refdb.Op) error {
	h, err := d.node(name)
	if err != nil {
		return err
	}
	o := d.operator
	o.restore = false
	o.add(h, ops...)
	o.ask()
	return nil
}

// Restore asks for every node to be in. A step that was asked for already may still
// take effect, and so comes first.
func (d *dynamic) Restore(context.Context) error {
	o := d.operator
	o.restore = true
	o.steps = o.steps[:min(o.asked, 1)]
	o.addAll()
	o.ask()
	return nil
}

// MemberChanges returns how many changes of the group have taken effect.
func (d *dynamic) MemberChanges(context.Context) (uint64, error) { return d.operator.done, nil }

func (o *operator) add(node *sim.Host, ops ...refdb.Op) {
	for _, op := range ops {
		o.steps = append(o.steps, refdb.Command{Op: op, Key: int64(node.ID() + 1)})
	}
}

func (o *operator) addAll() {
	for _, node := range o.nodes {
		o.add(node, refdb.AddLearner, refdb.Promote)
	}
}

// ask asks for the first step, unless that has been done, and for an answer within a
// while.
func (o *operator) ask() {
	if o.asked > 0 || len(o.steps) == 0 {
		return
	}
	o.seq++
	o.askAgain()
}

func (o *operator) askAgain() {
	o.asked++
	for _, node := range o.nodes {
		o.host.Send(node, packetOverhead, &request{refdb.Request{Client: operatorSession, Seq: o.seq, Attempt: 1, Command: o.steps[0]}})
	}
	o.wait(askAgainAfter)
}

func (o *operator) wait(d time.Duration) {
	mono, _ := o.host.Clock()
	o.host.SetDeadline(mono + int64(d))
}

// Timer asks again, or gives the step up: a node that is to become a voter may be
// down. Where everybody is to be in, it makes sure: a leader that was deposed may
// have answered that there is nothing to do.
func (o *operator) Timer() {
	switch {
	case o.asked >= mostAsked:
		o.next()
	case o.asked > 0:
		o.askAgain()
	case o.restore:
		o.addAll()
		o.ask()
	}
}

// Receive takes an answer. A change that makes no sense is none: whoever is to
// come in is in.
func (o *operator) Receive(_ *sim.Host, payload any) {
	r, ok := payload.(*reply)
	if !ok || o.asked == 0 || r.Seq != o.seq {
		return
	}
	switch r.Status {
	case refdb.OK:
		o.done++
	case refdb.Invalid:
	default:
		return
	}
	o.next()
}

// next goes on to the next step.
func (o *operator) next() {
	o.asked = 0
	if o.steps = o.steps[1:]; len(o.steps) > 0 {
		o.ask()
		return
	}
	o.host.SetDeadline(sim.NoDeadline)
	if o.restore {
		o.wait(lookAgain)
	}
}

// DiskDone never happens: an operator has no use for its disk.
func (o *operator) DiskDone(uint64, error) {}
