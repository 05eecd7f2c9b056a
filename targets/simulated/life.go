package simulated

import (
	"fmt"

	"checker/sim"
	"checker/targets/refdb"
)

// life is what the process of a node is from a start to its end, whatever state
// machine it hosts.
type life struct {
	cluster *Cluster
	host    *sim.Host
	mishaps uint64 // of the disk before it
	after   func() // each input: carries out what the state machine asks for
	over    bool
}

func (c *Cluster) live(h *sim.Host) life {
	return life{cluster: c, host: h, mishaps: mishaps(h)}
}

// step gives the state machine one input. A panic is an invariant of the database
// that does not hold: the simulation stops there and the run fails with it.
func (l *life) step(input func()) {
	if l.over {
		return
	}
	defer func() {
		if p := recover(); p != nil {
			l.over = true
			l.cluster.fail(fmt.Errorf("%s panicked: %v", l.host.Name(), p))
		}
	}()
	input()
	l.after()
}

func (l *life) now() refdb.Clock {
	mono, wall := l.host.Clock()
	return refdb.Clock{Mono: mono, Wall: wall}
}

// exit ends the process, which begins again from its disk when it is started. A
// correct database stops when its disk has failed it in this life, since when it
// had so many mishaps, or when its files are damaged, and else never.
func (l *life) exit(why error) {
	l.over = true
	c := l.cluster
	c.exited(l.host.Name(), why)
	l.host.Kill()
	planted := c.nodeConfig.Bugs != 0 || c.shards != nil && c.shards.Bugs != 0
	if !planted && l.mishaps == mishaps(l.host) && !l.host.Disk().Damaged() {
		c.fail(fmt.Errorf("%w, though its disk is well", why))
	}
}

// mishaps counts what a disk has done that may make a database stop.
func mishaps(h *sim.Host) uint64 {
	c := h.Disk().Counters()
	return c.Errors + c.Refused + c.Flipped
}
