package simulated

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"checker/history"
	"checker/sim"
	"checker/targets"
)

// clientHost is the program of a client's host: it hands what happens to the
// client of the process that has the thread now.
type clientHost struct{ current listener }

// listener is a client as its host sees it.
type listener interface {
	receive(payload any)
	wake()
}

// Receive hands a reply on.
func (p *clientHost) Receive(_ *sim.Host, payload any) {
	if p.current != nil {
		p.current.receive(payload)
	}
}

// Timer hands the end of a wait on.
func (p *clientHost) Timer() {
	if p.current != nil {
		p.current.wake()
	}
}

// DiskDone never happens: a client has no use for its disk.
func (p *clientHost) DiskDone(uint64, error) {}

func (c *Cluster) addClient(thread int) *sim.Host {
	host := c.world.AddHost(fmt.Sprintf("c%d", thread))
	host.Boot(func(*sim.Host) sim.Program { return &clientHost{} })
	host.Start()
	return host
}

// thread is what a client of either kind holds of the thread that its process has:
// the host, its timer, and the op that is open.
type thread struct {
	cluster *Cluster
	host    *sim.Host
	program *clientHost
	rng     *rand.Rand

	op      history.Op // open while done is set
	done    func(history.Op)
	waiting bool // for a reply; else for the end of a back-off
}

func (c *Cluster) thread(cfg targets.ClientConfig) thread {
	host := c.clients[cfg.Thread]
	return thread{
		cluster: c,
		host:    host,
		program: host.Program().(*clientHost),
		rng:     c.clientRand(cfg.Process.String()),
	}
}

// home is the node that a process talks to: the first where its op names none.
func (c *Cluster) home(cfg targets.ClientConfig) int { return max(slices.Index(c.names, cfg.Node), 0) }

func (t *thread) wait(d time.Duration) {
	mono, _ := t.host.Clock()
	t.host.SetDeadline(mono + int64(d))
}

func (t *thread) finish(outcome history.Type, value, err history.Value) {
	op, done := t.op, t.done
	op.Type, op.Value, op.Error = outcome, value, err
	t.done = nil
	t.host.SetDeadline(sim.NoDeadline)
	done(op)
}

// leave forgets the open op, if any; its effect, if it has one, remains. The thread
// may have another process by now.
func (t *thread) leave(l listener) {
	t.done = nil
	if t.program.current == l {
		t.program.current = nil
		t.host.SetDeadline(sim.NoDeadline)
	}
}
