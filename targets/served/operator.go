package served

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"checker/nemesis"
	"checker/targets/refdb"
	"checker/targets/refdb/sharded/server"
)

// How long an operator waits for an answer and between two attempts, when it gives a
// step up, and how long it waits between two looks at whether everybody is in: the
// first as in simulation, the patience longer, as real nodes start slower.
const (
	operatorTimeout = 200 * time.Millisecond
	askAgainAfter   = 50 * time.Millisecond
	stepPatience    = 2 * time.Second
	lookAgain       = time.Second
)

// operatorSession is the session of the operator, beyond that of any process.
const operatorSession = 1 << 62

// operator changes the members of the group as it is asked to, one step after the
// other, in the background. Each is a request like any client's.
type operator struct {
	line[refdb.Request, refdb.Reply]

	mu      sync.Mutex
	steps   []refdb.Command // yet to be done
	done    uint64          // steps that took effect
	restore bool            // everybody is to be in

	more chan struct{} // there may be steps
	end  context.CancelFunc
	gone chan struct{}
}

// dynamic is a cluster whose group can change.
type dynamic struct {
	*cluster
	operator *operator
}

var _ nemesis.Members = (*dynamic)(nil)

// addOperator starts an operator, which ends with the cluster.
func (c *cluster) addOperator() *dynamic {
	ctx, cancel := context.WithCancel(context.Background())
	o := &operator{line: newLine(c, server.Dial), more: make(chan struct{}, 1), end: cancel, gone: make(chan struct{})}
	go o.work(ctx)
	return &dynamic{c, o}
}

// Close ends the operator, and removes the nodes.
func (d *dynamic) Close() error {
	d.operator.end()
	<-d.operator.gone
	return d.cluster.Close()
}

// Remove asks for a node to leave the group.
func (d *dynamic) Remove(_ context.Context, name string) error {
	return d.ask(name, refdb.Remove)
}

// Add asks for a node to come in, as a learner first.
func (d *dynamic) Add(_ context.Context, name string) error {
	return d.ask(name, refdb.AddLearner, refdb.Promote)
}

func (d *dynamic) ask(name string, ops ...refdb.Op) error {
	node := slices.Index(d.Nodes(), name)
	if node < 0 {
		return fmt.Errorf("there is no node %q", name)
	}
	o := d.operator
	o.mu.Lock()
	defer o.mu.Unlock()
	o.restore = false
	o.add(node, ops...)
	return nil
}

// Restore asks for every node to be in. The step that is under way comes first.
func (d *dynamic) Restore(context.Context) error {
	o := d.operator
	o.mu.Lock()
	defer o.mu.Unlock()
	o.restore, o.steps = true, nil
	o.addAll()
	return nil
}

// MemberChanges returns how many changes of the group have taken effect.
func (d *dynamic) MemberChanges(context.Context) (uint64, error) {
	d.operator.mu.Lock()
	defer d.operator.mu.Unlock()
	return d.operator.done, nil
}

// add notes steps for a node; o.mu is held.
func (o *operator) add(node int, ops ...refdb.Op) {
	for _, op := range ops {
		o.steps = append(o.steps, refdb.Command{Op: op, Key: int64(node + 1)})
	}
	select {
	case o.more <- struct{}{}:
	default:
	}
}

func (o *operator) addAll() {
	for node := range o.conns {
		o.add(node, refdb.AddLearner, refdb.Promote)
	}
}

// work does what is asked for until the operator ends.
func (o *operator) work(ctx context.Context) {
	defer close(o.gone)
	defer o.Close()
	for seq := uint64(1); ctx.Err() == nil; seq++ {
		step, ok := o.next(ctx)
		if !ok {
			continue
		}
		if o.do(ctx, refdb.Request{Client: operatorSession, Seq: seq, Command: step}) {
			o.mu.Lock()
			o.done++
			o.mu.Unlock()
		}
	}
}

// next waits for a step. Where everybody is to be in, it makes sure now and then: a
// leader that was deposed may have answered that there is nothing to do.
func (o *operator) next(ctx context.Context) (step refdb.Command, ok bool) {
	o.mu.Lock()
	if len(o.steps) > 0 {
		step, o.steps = o.steps[0], o.steps[1:]
		o.mu.Unlock()
		return step, true
	}
	o.mu.Unlock()
	select {
	case <-ctx.Done():
	case <-o.more:
	case <-time.After(lookAgain):
		o.mu.Lock()
		if o.restore && len(o.steps) == 0 {
			o.addAll()
		}
		o.mu.Unlock()
	}
	return refdb.Command{}, false
}

// do asks one node after the other until one that leads has answered, or patience is
// over, and reports whether the change took effect. One that makes no sense is none:
// whoever is to come in is in.
func (o *operator) do(ctx context.Context, r refdb.Request) bool {
	ctx, cancel := context.WithTimeout(ctx, stepPatience)
	defer cancel()
	node := 0
	for ctx.Err() == nil {
		r.Attempt++
		reply, err := o.line.ask(ctx, node, r, operatorTimeout, func(reply refdb.Reply) bool { return reply.Client == r.Client && reply.Seq == r.Seq })
		switch {
		case err != nil:
			o.forget(node)
			node = (node + 1) % len(o.conns)
		case reply.Status == refdb.OK:
			return true
		case reply.Status == refdb.Invalid:
			return false
		case reply.Leader != refdb.NoNode && int(reply.Leader) != node+1:
			node = int(reply.Leader) - 1
		default:
			node = (node + 1) % len(o.conns)
		}
		select {
		case <-ctx.Done():
		case <-time.After(askAgainAfter):
		}
	}
	return false
}
