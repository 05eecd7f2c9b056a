package simulated

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"

	"checker/sim"
	"checker/targets/refdb"
)

// The files of a node: its log, and the new log that is to take its place.
const (
	logFile    = "wal"
	newLogFile = "wal.new"
)

// packetOverhead is what a message costs on the wire beyond its entries, in bytes.
const (
	packetOverhead = 64
	entrySize      = 48
)

// message is a packet between nodes.
type message struct{ refdb.Message }

// request is a packet from a client to a node.
type request struct{ refdb.Request }

// reply is a packet from a node to a client.
type reply struct{ refdb.Reply }

// node hosts the state machine of one node for one life of its process.
type node struct {
	life
	db      *refdb.Node
	clients map[uint64]*sim.Host // by session, where to answer

	replacing bool  // the sync under way is that of the new log
	failed    error // why an append has, which the next sync is to tell
}

// boot starts a node from what its disk kept.
func (c *Cluster) boot(id refdb.NodeID) func(h *sim.Host) sim.Program {
	return func(h *sim.Host) sim.Program {
		n := &node{life: c.live(h), clients: map[uint64]*sim.Host{}}
		n.after = n.settle
		cfg := c.nodeConfig
		cfg.ID = id
		cfg.Rand = c.world.Rand(fmt.Sprintf("refdb/%s/%d", h.Name(), h.Incarnation()))
		h.Disk().Remove(newLogFile)
		wal, err := readLog(h, logFile)
		if err == nil {
			n.db, err = refdb.New(cfg, n.now(), wal)
		}
		if err != nil {
			n.exit(fmt.Errorf("%s cannot start: %w", h.Name(), err))
			return n
		}
		n.settle()
		return n
	}
}

// Receive hands a packet to the database.
func (n *node) Receive(from *sim.Host, payload any) {
	n.step(func() {
		switch m := payload.(type) {
		case *message:
			n.db.Receive(n.now(), refdb.NodeID(from.ID()+1), m.Message)
		case *request:
			n.clients[m.Client] = from
			n.db.Request(n.now(), m.Request)
		}
	})
}

// Timer tells the database that its deadline has passed.
func (n *node) Timer() { n.step(func() { n.db.Tick(n.now()) }) }

// DiskDone reports a finished sync; a new log that is durable takes the place
// of the old one first.
func (n *node) DiskDone(token uint64, err error) {
	err, n.failed = cmp.Or(err, n.failed), nil
	if n.replacing && err == nil {
		n.host.Disk().Rename(newLogFile, logFile)
	}
	n.replacing = false
	n.step(func() { n.db.DiskDone(n.now(), token, err) })
}

// settle carries out what the database asks for.
func (n *node) settle() {
	out := n.db.Ready()
	for _, e := range out.Trace {
		n.cluster.protocol(n.host.Name(), e)
	}
	for _, op := range out.Disk {
		n.write(op)
	}
	for _, m := range out.Messages {
		size := packetOverhead + entrySize*len(m.Entries) + len(m.Data)
		n.host.Send(n.cluster.nodes[m.To-1], size, n.cluster.messages.put(message{m.Message}))
	}
	for _, r := range out.Replies {
		if to := n.clients[r.Client]; to != nil {
			n.host.Send(to, packetOverhead+8*len(r.Result.Set), n.cluster.replies.put(reply{r}))
		}
	}
	if out.Fatal != nil {
		n.exit(out.Fatal)
		return
	}
	n.host.SetDeadline(n.db.Deadline())
}

func (n *node) write(op refdb.DiskOp) {
	disk := n.host.Disk()
	switch op.Kind {
	case refdb.AppendOp:
		name := logFile
		if op.New {
			name = newLogFile
		}
		n.failed = cmp.Or(n.failed, disk.Append(name, op.Data))
	case refdb.SyncOp:
		disk.Sync(logFile, op.Token)
	case refdb.ReplaceOp:
		n.replacing = true
		disk.Sync(newLogFile, op.Token)
	}
}

// leads reports whether the node takes itself for the leader.
func (n *node) leads() bool { return !n.over && n.db.State().Role == refdb.Leader }

// readLog reads a log, which is empty where there is none.
func readLog(h *sim.Host, name string) ([]byte, error) {
	data, err := h.Disk().ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}
