package simulated

import (
	"cmp"
	"fmt"

	"checker/sim"
	"checker/targets"
	"checker/targets/refdb"
	"checker/targets/refdb/sharded"
)

// shardMessage is a packet between nodes that hold shards: all that one has to say to another at a time.
type shardMessage struct{ list []sharded.Message }

// shardRequest is a packet from a client to a node that holds shards.
type shardRequest struct{ sharded.Request }

// shardReply is the answer.
type shardReply struct{ sharded.Reply }

// shardNode hosts the state machine of one node that holds shards, for one life of its process.
type shardNode struct {
	life
	db        *sharded.Node
	clients   map[uint64]*sim.Host         // by session, where to answer
	replacing [sharded.MaxShards + 1]bool  // by shard: the sync under way is that of the new log
	failed    [sharded.MaxShards + 1]error // by shard: why an append has, which the next sync is to tell
}

// logNames are the files of each shard's log, and of a coordinator's: the log, and the new one that is to
// take its place.
var logNames = func() (names [sharded.MaxShards + 1][2]string) {
	for i := range names {
		log := fmt.Sprintf("wal-%v", sharded.ShardID(i))
		names[i] = [2]string{log, log + ".new"}
	}
	return names
}()

func logOf(id sharded.ShardID) (log, fresh string) { return logNames[id][0], logNames[id][1] }

// bootShards starts a node that holds shards from what its disk kept.
func (c *Cluster) bootShards(id refdb.NodeID) func(h *sim.Host) sim.Program {
	return func(h *sim.Host) sim.Program {
		n := &shardNode{life: c.live(h), clients: map[uint64]*sim.Host{}}
		n.after = n.settle
		cfg := *c.shards
		cfg.ID, cfg.Nodes = id, c.nodeConfig.Peers
		cfg.Replication = min(cfg.Replication, len(cfg.Nodes))
		cfg.Rand = c.world.Rand(fmt.Sprintf("refdb/%s/%d", h.Name(), h.Incarnation()))
		for s := range sharded.CoordinatorLog + 1 {
			_, fresh := logOf(s)
			h.Disk().Remove(fresh)
		}
		var unread error
		db, err := sharded.New(cfg, n.now(), func(s sharded.ShardID) []byte {
			log, _ := logOf(s)
			data, err := readLog(h, log)
			unread = cmp.Or(unread, err)
			return data
		})
		if err = cmp.Or(unread, err); err != nil {
			n.exit(fmt.Errorf("%s cannot start: %w", h.Name(), err))
			return n
		}
		n.db = db
		n.settle()
		return n
	}
}

// Receive hands a packet to the database.
func (n *shardNode) Receive(from *sim.Host, payload any) {
	n.step(func() {
		switch m := payload.(type) {
		case *shardMessage:
			for i := range m.list {
				n.db.Receive(n.now(), refdb.NodeID(from.ID()+1), m.list[i])
			}
		case *shardRequest:
			n.clients[m.ID.Client] = from
			n.db.Request(n.now(), m.Request)
		}
	})
}

// Timer tells the database that its deadline has passed.
func (n *shardNode) Timer() { n.step(func() { n.db.Tick(n.now()) }) }

// DiskDone reports a finished sync; a new log that is durable takes the place of the old one first.
func (n *shardNode) DiskDone(token uint64, err error) {
	id := sharded.ShardID(token % (sharded.MaxShards + 1))
	err, n.failed[id] = cmp.Or(err, n.failed[id]), nil
	if n.replacing[id] && err == nil {
		log, fresh := logOf(id)
		n.host.Disk().Rename(fresh, log)
	}
	n.replacing[id] = false
	n.step(func() { n.db.DiskDone(n.now(), id, token/(sharded.MaxShards+1), err) })
}

// settle carries out what the database asks for.
func (n *shardNode) settle() {
	out := n.db.Ready()
	for i := range out.Trace {
		n.cluster.shardProtocol(n.host.Name(), &out.Trace[i])
	}
	for _, op := range out.Disk {
		n.write(op)
	}
	n.deliver(out.Messages)
	for _, r := range out.Replies {
		if to := n.clients[r.ID.Client]; to != nil {
			n.host.Send(to, packetOverhead+8*len(r.Results), &shardReply{r})
		}
	}
	if out.Fatal != nil {
		n.exit(out.Fatal)
		return
	}
	n.host.SetDeadline(n.db.Deadline())
}

// deliver sends every node what it is told, in one packet each.
func (n *shardNode) deliver(messages []sharded.Envelope) {
	for from := range messages {
		to := messages[from].To
		if to == refdb.NoNode { // sent with an earlier one
			continue
		}
		together := 0
		for i := from; i < len(messages); i++ {
			if messages[i].To == to {
				together++
			}
		}
		parcel, size := n.cluster.parcel(together), packetOverhead
		for i := from; i < len(messages); i++ {
			if messages[i].To == to {
				parcel.list = append(parcel.list, messages[i].Message)
				size += messages[i].Size()
				messages[i].To = refdb.NoNode
			}
		}
		n.host.Send(n.cluster.nodes[to-1], size, n.cluster.parcels.put(parcel))
	}
}

// parcel returns a packet with room for so many messages, which are made many at a time as packets are.
func (c *Cluster) parcel(messages int) shardMessage {
	if len(c.said) < messages {
		c.said = make([]sharded.Message, max(messages, boxesAtOnce))
	}
	list := c.said[:0:messages]
	c.said = c.said[messages:]
	return shardMessage{list}
}

func (n *shardNode) write(op sharded.DiskOp) {
	disk := n.host.Disk()
	log, fresh := logOf(op.Shard)
	token := op.Token*(sharded.MaxShards+1) + uint64(op.Shard)
	switch op.Kind {
	case refdb.AppendOp:
		if op.New {
			log = fresh
		}
		n.failed[op.Shard] = cmp.Or(n.failed[op.Shard], disk.Append(log, op.Data))
	case refdb.SyncOp:
		disk.Sync(log, token)
	case refdb.ReplaceOp:
		n.replacing[op.Shard] = true
		disk.Sync(fresh, token)
	}
}

// leads reports whether the node takes itself for the leader of any shard.
func (n *shardNode) leads() bool {
	if n.over {
		return false
	}
	for s := range n.cluster.shards.Shards {
		if state, held := n.db.State(sharded.ShardID(s)); held && state.Role == refdb.Leader {
			return true
		}
	}
	return false
}

// shardProtocol tells of a step of the protocol of a shard, or of a transaction.
func (c *Cluster) shardProtocol(node string, e *sharded.Event) {
	if c.trace == nil && c.observe == nil {
		return
	}
	told := &c.told
	*told = targets.ProtocolEvent{At: c.Now(), Node: node, Group: c.groups[e.Shard]}
	if e.Kind == 0 {
		told.Step, told.Term, told.Index = e.Raft.Kind.String(), e.Raft.Term, e.Raft.Index
		if e.Raft.Node != refdb.NoNode {
			told.Peer = c.names[e.Raft.Node-1]
		}
		if e.Raft.Members != nil {
			told.Peer = e.Raft.DescribeMembers()
		}
		if e.Raft.Digest != 0 {
			told.Digest = c.digests[e.Shard].text(e.Raft.Index, e.Raft.Digest)
		}
	} else {
		told.Step, told.Txn, told.Outcome = e.Kind.String(), e.ID.String(), e.Outcome()
		told.Term = e.Term
		switch {
		case e.Shards != nil:
			told.Peer = e.DescribeShards()
		case e.Kind == sharded.VotedYes:
			told.Peer = e.DescribeLocks()
		}
	}
	c.tell(told)
}
