package refdb

import (
	"errors"
	"fmt"
	"slices"
)

// cluster is a network and disks around some nodes, for tests: everything happens when the test
// says so, and nothing else does.
type cluster struct {
	members []*member
	flying  []Envelope // sent and neither delivered nor lost, in the order sent
	cut     func(from, to NodeID) bool

	// What the nodes put out is shown to these.
	onTrace   func(*member, Event)
	onReply   func(*member, Reply)
	onSend    func(Envelope)
	onDeliver func(Envelope)
	onLost    func(Envelope)
}

// member is one node with its clock and its file.
type member struct {
	cfg     Config
	node    *Node // nil while it is down
	now     Clock
	file    []byte   // the log file, as written
	fresh   []byte   // the new file
	durable int      // how much of file survives any crash
	doomed  [][2]int // but for these ranges: a sync of them has failed
	token   uint64   // of the sync under way, 0 if none is
	covered int      // what that sync will make durable
	replace bool     // that sync is to put the new file in the place of the log
}

func newCluster(size int, configure func(*Config)) *cluster {
	c := &cluster{
		cut:       func(_, _ NodeID) bool { return false },
		onTrace:   func(*member, Event) {},
		onReply:   func(*member, Reply) {},
		onSend:    func(Envelope) {},
		onDeliver: func(Envelope) {},
		onLost:    func(Envelope) {},
	}
	var peers []NodeID
	for id := 1; id <= size; id++ {
		peers = append(peers, NodeID(id))
	}
	for _, id := range peers {
		cfg := DefaultConfig(id, peers)
		configure(&cfg)
		c.members = append(c.members, &member{cfg: cfg})
	}
	return c
}

func (c *cluster) member(id NodeID) *member { return c.members[id-1] }

func (c *cluster) start(m *member) error {
	node, err := New(m.cfg, m.now, slices.Clone(m.file))
	if err != nil {
		return err
	}
	m.node, m.token, m.replace, m.fresh = node, 0, false, nil
	c.flush(m)
	return nil
}

// crash stops a node. Its file keeps all that was synced and the first kept bytes of the rest.
func (c *cluster) crash(m *member, kept int) {
	m.node = nil
	m.file = slices.Clone(m.file[:min(m.durable+kept, len(m.file))])
	for _, r := range m.doomed {
		clear(m.file[min(r[0], len(m.file)):min(r[1], len(m.file))])
	}
	m.doomed = nil
}

// flush does what the node wants done, but for completing its syncs.
func (c *cluster) flush(m *member) {
	out := m.node.Ready()
	for _, op := range out.Disk {
		switch op.Kind {
		case AppendOp:
			file := &m.file
			if op.New {
				file = &m.fresh
			}
			*file = append(*file, op.Data...)
		case SyncOp:
			m.token, m.covered = op.Token, len(m.file)
		case ReplaceOp:
			m.token, m.covered, m.replace = op.Token, len(m.fresh), true
		}
	}
	for _, e := range out.Trace {
		c.onTrace(m, e)
	}
	for _, r := range out.Replies {
		c.onReply(m, r)
	}
	for _, e := range out.Messages {
		c.onSend(e)
		if c.cut(e.From, e.To) {
			c.onLost(e)
			continue
		}
		c.flying = append(c.flying, e)
	}
}

func (c *cluster) request(m *member, r Request) {
	if m.node != nil {
		m.node.Request(m.now, r)
		c.flush(m)
	}
}

func (c *cluster) tick(m *member) {
	if m.node != nil {
		m.node.Tick(m.now)
		c.flush(m)
	}
}

// syncDone completes the sync under way, if there is one.
func (c *cluster) syncDone(m *member) bool {
	if m.node == nil || m.token == 0 {
		return false
	}
	token := m.token
	m.token, m.durable = 0, m.covered
	if m.replace {
		m.file, m.fresh, m.replace, m.doomed = m.fresh, nil, false, nil
	}
	m.node.DiskDone(m.now, token, nil)
	c.flush(m)
	return true
}

// syncFailed fails the sync under way, if there is one: the disk is full or broken, and what the sync
// should have covered will never be durable. The node must stop, and ask for nothing more; kept is as
// with crash. One that goes on, for a bug, is let.
func (c *cluster) syncFailed(m *member, kept int) error {
	if m.node == nil || m.token == 0 {
		return nil
	}
	if !m.replace {
		m.doomed = append(m.doomed, [2]int{m.durable, m.covered})
	}
	m.node.DiskDone(m.now, m.token, errDisk)
	if m.cfg.Bugs.Has(FailedSyncRetried) {
		m.token = 0
		c.flush(m)
		return nil
	}
	out := m.node.Ready()
	if !errors.Is(out.Fatal, errDisk) || len(out.Messages)+len(out.Disk)+len(out.Replies) > 0 {
		return fmt.Errorf("%v goes on after a disk error: %+v", m.cfg.ID, out)
	}
	c.crash(m, kept)
	return nil
}

var errDisk = errors.New("no space left on device")

// take removes the i-th message in flight.
func (c *cluster) take(i int) Envelope {
	e := c.flying[i]
	c.flying = slices.Delete(c.flying, i, i+1)
	return e
}

// deliver hands a message over, unless its receiver is down or cut off.
func (c *cluster) deliver(e Envelope) {
	m := c.member(e.To)
	if m.node == nil || c.cut(e.From, e.To) {
		c.onLost(e)
		return
	}
	c.onDeliver(e)
	m.node.Receive(m.now, e.From, e.Message)
	c.flush(m)
}

func (m *member) String() string {
	if m.node == nil {
		return fmt.Sprintf("%v down", m.cfg.ID)
	}
	return m.node.State().String()
}
