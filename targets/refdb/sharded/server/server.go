package server

import (
	"encoding/gob"
	"fmt"
	"net"
	"time"

	"checker/targets/refdb"
	"checker/targets/refdb/sharded"
)

// node is a running node.
type node[M, Q, R any] struct {
	db     machine[M, Q, R]
	begun  time.Time
	inputs chan func()
	synced chan func() // never full: one sync of a log is under way at a time
	folder string
	disks  map[int]*disk               // by number of the log
	peers  []*peer[M]                  // by ID-1; nil for the node itself
	asking map[uint64]chan<- answer[R] // by session, where to answer
}

// Run runs a node on a listener until it cannot go on, which is the error.
func Run(cfg Config, l net.Listener) error {
	if cfg.Shards > 0 {
		return runShards(cfg, l)
	}
	settings, err := cfg.group()
	if err != nil {
		return err
	}
	n := newNode[refdb.Message, refdb.Request, refdb.Reply](cfg)
	log, err := n.open(0, "wal")
	if err != nil {
		return err
	}
	db, err := refdb.New(settings, n.now(), log)
	if err != nil {
		return err
	}
	n.db = &group{Node: db}
	return n.run(l)
}

func runShards(cfg Config, l net.Listener) error {
	settings, err := cfg.shards()
	if err != nil {
		return err
	}
	n := newNode[sharded.Message, sharded.Request, sharded.Reply](cfg)
	var unread error
	db, err := sharded.New(settings, n.now(), func(id sharded.ShardID) []byte {
		log, err := n.open(int(id), fmt.Sprintf("wal-%v", id))
		if err != nil {
			unread = err
		}
		return log
	})
	if unread != nil {
		return unread
	}
	if err != nil {
		return err
	}
	n.db = &shards{Node: db, count: cfg.Shards}
	return n.run(l)
}

func newNode[M, Q, R any](cfg Config) *node[M, Q, R] {
	n := &node[M, Q, R]{
		begun: time.Now(), inputs: make(chan func(), 1024), synced: make(chan func(), 2*(sharded.MaxShards+1)),
		folder: cfg.Data, disks: map[int]*disk{}, peers: make([]*peer[M], len(cfg.Peers)), asking: map[uint64]chan<- answer[R]{},
	}
	for i, address := range cfg.Peers {
		if i != cfg.ID-1 {
			n.peers[i] = newPeer[M](refdb.NodeID(cfg.ID), address)
		}
	}
	return n
}

// open opens a log, and reads it.
func (n *node[M, Q, R]) open(number int, name string) ([]byte, error) {
	d, log, err := openDisk(n.folder, name)
	n.disks[number] = d
	return log, err
}

// run works until the listener or the database fails.
func (n *node[M, Q, R]) run(l net.Listener) error {
	failed := make(chan error, 1)
	go func() { failed <- n.accept(l) }()
	for number, d := range n.disks {
		go d.work(func(token uint64, err error) {
			n.synced <- func() {
				d.do(refdb.DiskOp{Kind: known})
				n.db.diskDone(n.now(), number, token, err)
			}
		})
	}
	return n.loop(failed)
}

// now is what the clocks show. Faults move the wall clock only.
func (n *node[M, Q, R]) now() refdb.Clock {
	now := time.Now()
	return refdb.Clock{Mono: int64(now.Sub(n.begun)), Wall: now.UnixNano()}
}

// loop gives the database one input after the other. Inputs that are there already
// make one batch.
func (n *node[M, Q, R]) loop(failed <-chan error) error {
	timer := time.NewTimer(0)
	for {
		out := n.db.ready()
		n.settle(out)
		if out.fatal != nil {
			return out.fatal
		}
		timer.Reset(time.Duration(n.db.Deadline() - int64(time.Since(n.begun))))
		select {
		case input := <-n.inputs:
			input()
		case input := <-n.synced:
			input()
		case <-timer.C:
			n.db.Tick(n.now())
		case err := <-failed:
			return err
		}
		for more := true; more; {
			select {
			case input := <-n.inputs:
				input()
			default:
				more = false
			}
		}
	}
}

// settle carries out what the database asks for.
func (n *node[M, Q, R]) settle(out effects[M, R]) {
	for _, w := range out.writes {
		n.disks[w.log].do(w.op)
	}
	for _, m := range out.messages {
		if p := n.peers[m.to-1]; p != nil {
			p.send(m.message)
		}
	}
	for _, r := range out.replies {
		select {
		case n.asking[n.db.answered(r)] <- answer[R]{Reply: r}:
		default: // who does not listen asks again
		}
	}
}

// accept takes connections of peers and of clients.
func (n *node[M, Q, R]) accept(l net.Listener) error {
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		go n.serve(c)
	}
}

func (n *node[M, Q, R]) serve(c net.Conn) {
	defer c.Close()
	in := gob.NewDecoder(c)
	var h hello
	if in.Decode(&h) != nil {
		return
	}
	if h.From == refdb.NoNode {
		n.serveClient(c, in)
		return
	}
	for {
		var m M
		if in.Decode(&m) != nil {
			return
		}
		n.inputs <- func() { n.db.Receive(n.now(), h.From, m) }
	}
}

// serveClient answers one client.
func (n *node[M, Q, R]) serveClient(c net.Conn, in *gob.Decoder) {
	answers := make(chan answer[R], 16)
	closed := make(chan struct{})
	defer close(closed)
	go func() {
		out := gob.NewEncoder(c)
		for {
			select {
			case a := <-answers:
				if out.Encode(a) != nil {
					c.Close()
					return
				}
			case <-closed:
				return
			}
		}
	}()
	for {
		var q question[Q]
		if in.Decode(&q) != nil {
			return
		}
		n.inputs <- func() {
			if q.Status {
				select {
				case answers <- answer[R]{Leads: n.db.leads()}:
				default: // who does not listen asks again
				}
				return
			}
			n.asking[n.db.asker(q.Request)] = answers
			n.db.Request(n.now(), q.Request)
		}
	}
}
