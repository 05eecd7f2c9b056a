package sharded

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"checker/targets/refdb"
)

// cluster is a network and disks around some nodes, for tests: chance decides what happens next.
type cluster struct {
	rng     *rand.Rand
	members []*member
	flying  []Envelope
	lossy   bool
	onReply func(Reply)
	onTrace func(NodeID, Event)
}

// member is one node with its clock and its files.
type member struct {
	cfg   Config
	node  *Node // nil while it is down
	now   Clock
	files map[ShardID]*file
	syncs []DiskOp
}

type file struct {
	log, fresh []byte
	durable    int
	covered    int
	freshCover int
}

func newCluster(seed uint64, size int, configure func(*Config)) *cluster {
	c := &cluster{rng: rand.New(rand.NewPCG(seed, 7)), onReply: func(Reply) {}, onTrace: func(NodeID, Event) {}}
	var nodes []NodeID
	for id := 1; id <= size; id++ {
		nodes = append(nodes, NodeID(id))
	}
	for _, id := range nodes {
		cfg := DefaultConfig(id, nodes)
		cfg.Rand = rand.New(rand.NewPCG(seed, uint64(id)))
		cfg.Raft.SnapshotEvery, cfg.Raft.KeepEntries, cfg.Raft.MaxChunk = 20, 5, 256
		configure(&cfg)
		c.members = append(c.members, &member{cfg: cfg, files: map[ShardID]*file{}})
	}
	for _, m := range c.members {
		c.start(m)
	}
	return c
}

func (m *member) file(id ShardID) *file {
	if m.files[id] == nil {
		m.files[id] = &file{}
	}
	return m.files[id]
}

func (c *cluster) start(m *member) {
	node, err := New(m.cfg, m.now, func(id ShardID) []byte { return slices.Clone(m.file(id).log) })
	if err != nil {
		panic(err)
	}
	m.node, m.syncs = node, nil
	for _, f := range m.files {
		f.fresh = nil
	}
	c.flush(m)
}

// crash stops a node; a part of what was not synced survives.
func (c *cluster) crash(m *member) {
	m.node = nil
	for id := range ShardID(MaxShards + 1) { // not over the map: chance must not depend on its order
		f := m.file(id)
		if lost := len(f.log) - f.durable; lost > 0 {
			f.log = f.log[:f.durable+c.rng.IntN(lost+1)]
		}
		f.durable = min(f.durable, len(f.log))
	}
}

func (c *cluster) flush(m *member) {
	out := m.node.Ready()
	if out.Fatal != nil {
		panic(out.Fatal)
	}
	for _, op := range out.Disk {
		f := m.file(op.Shard)
		switch op.Kind {
		case refdb.AppendOp:
			if op.New {
				f.fresh = append(f.fresh, op.Data...)
			} else {
				f.log = append(f.log, op.Data...)
			}
		case refdb.SyncOp:
			f.covered = len(f.log)
			m.syncs = append(m.syncs, op)
		case refdb.ReplaceOp:
			f.freshCover = len(f.fresh)
			m.syncs = append(m.syncs, op)
		}
	}
	for _, e := range out.Trace {
		c.onTrace(m.cfg.ID, e)
	}
	for _, r := range out.Replies {
		c.onReply(r)
	}
	c.flying = append(c.flying, out.Messages...)
}

// step lets one thing happen: a message arrives or gets lost, a sync ends, or time passes.
func (c *cluster) step() {
	switch x := c.rng.IntN(10); {
	case x < 6 && len(c.flying) > 0:
		i := c.rng.IntN(min(len(c.flying), 8))
		e := c.flying[i]
		c.flying = slices.Delete(c.flying, i, i+1)
		m := c.members[e.To-1]
		if m.node == nil || c.lossy && c.rng.IntN(20) == 0 {
			return
		}
		m.node.Receive(m.now, e.From, e.Message)
		c.flush(m)
		if c.lossy && c.rng.IntN(30) == 0 {
			c.flying = append(c.flying, e)
		}
	case x < 9:
		m := c.members[c.rng.IntN(len(c.members))]
		if m.node == nil || len(m.syncs) == 0 {
			return
		}
		op := m.syncs[0]
		m.syncs = m.syncs[1:]
		f := m.file(op.Shard)
		if op.Kind == refdb.ReplaceOp {
			f.log, f.fresh, f.durable = f.fresh, nil, f.freshCover
		} else {
			f.durable = f.covered
		}
		m.node.DiskDone(m.now, op.Shard, op.Token, nil)
		c.flush(m)
	default:
		c.pass(2_000_000)
	}
}

func (c *cluster) pass(ns int64) {
	for _, m := range c.members {
		m.now.Mono += ns
		if m.node != nil && m.node.Deadline() <= m.now.Mono {
			m.node.Tick(m.now)
			c.flush(m)
		}
	}
}

func (c *cluster) String() string {
	s := ""
	for _, m := range c.members {
		if m.node != nil {
			s += fmt.Sprintln(m.node)
			for _, g := range m.node.groups {
				if g != nil && g.leads {
					for _, t := range g.shard.sortedOpen() {
						s += fmt.Sprintf("   %v leads %v: %v state %d home %v\n", m.cfg.ID, g.id, t.id, t.state, t.home())
					}
				}
			}
		}
	}
	return s
}
