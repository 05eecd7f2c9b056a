package server

import (
	"encoding/gob"
	"fmt"
	"math/rand/v2"
	"net"
	"time"

	"checker/targets/refdb"
)

// Config is what a node needs to know.
type Config struct {
	ID    int      // from 1
	Peers []string // addresses of all nodes, host:port, by ID-1
	Data  string   // the folder of the log
	Reads string   // as refdb.ParseReadMode takes it
	Bugs  []string // as refdb.ParseBugs takes each

	SnapshotEvery int // entries between two snapshots; 0 is refdb's default
}

// node is a running node.
type node struct {
	db     *refdb.Node
	begun  time.Time
	inputs chan func()
	synced chan func() // never full: one sync is under way at a time
	disk   *disk
	peers  []*peer                  // by ID-1; nil for the node itself
	asking map[uint64]chan<- answer // by session, where to answer
}

// Run runs a node on a listener until it cannot go on, which is the error.
func Run(cfg Config, l net.Listener) error {
	settings, err := cfg.settings()
	if err != nil {
		return err
	}
	n := &node{begun: time.Now(), inputs: make(chan func(), 1024), synced: make(chan func(), 2), peers: make([]*peer, len(cfg.Peers)), asking: map[uint64]chan<- answer{}}
	var log []byte
	if n.disk, log, err = openDisk(cfg.Data); err != nil {
		return err
	}
	if n.db, err = refdb.New(settings, n.now(), log); err != nil {
		return err
	}
	for i, address := range cfg.Peers {
		if i != cfg.ID-1 {
			n.peers[i] = newPeer(refdb.NodeID(cfg.ID), address)
		}
	}
	failed := make(chan error, 1)
	go func() { failed <- n.accept(l) }()
	go n.disk.work(func(token uint64, err error) {
		n.synced <- func() {
			n.disk.do(refdb.DiskOp{Kind: known})
			n.db.DiskDone(n.now(), token, err)
		}
	})
	return n.loop(failed)
}

// settings turns the words into refdb's configuration.
func (c Config) settings() (refdb.Config, error) {
	if c.ID < 1 || c.ID > len(c.Peers) {
		return refdb.Config{}, fmt.Errorf("node %d is none of %d", c.ID, len(c.Peers))
	}
	all := make([]refdb.NodeID, len(c.Peers))
	for i := range all {
		all[i] = refdb.NodeID(i + 1)
	}
	s := refdb.DefaultConfig(refdb.NodeID(c.ID), all)
	s.Rand = rand.New(rand.NewPCG(rand.Uint64(), uint64(c.ID)))
	if c.SnapshotEvery > 0 {
		s.SnapshotEvery, s.KeepEntries, s.MaxChunk = c.SnapshotEvery, 10, 1<<10
	}
	var err error
	if s.Reads, err = refdb.ParseReadMode(c.Reads); err != nil {
		return s, err
	}
	for _, name := range c.Bugs {
		bug, err := refdb.ParseBugs(name)
		if err != nil {
			return s, err
		}
		s.Bugs |= bug
	}
	return s, nil
}

// now is what the clocks show. Faults move the wall clock only.
func (n *node) now() refdb.Clock {
	now := time.Now()
	return refdb.Clock{Mono: int64(now.Sub(n.begun)), Wall: now.UnixNano()}
}

// loop gives the database one input after the other. Inputs that are there already
// make one batch.
func (n *node) loop(failed <-chan error) error {
	timer := time.NewTimer(0)
	for {
		out := n.db.Ready()
		n.settle(out)
		if out.Fatal != nil {
			return out.Fatal
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
func (n *node) settle(out refdb.Output) {
	for _, op := range out.Disk {
		n.disk.do(op)
	}
	for _, m := range out.Messages {
		if p := n.peers[m.To-1]; p != nil {
			p.send(m.Message)
		}
	}
	for _, r := range out.Replies {
		select {
		case n.asking[r.Client] <- answer{Reply: r}:
		default: // who does not listen asks again
		}
	}
}

// accept takes connections of peers and of clients.
func (n *node) accept(l net.Listener) error {
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		go n.serve(c)
	}
}

func (n *node) serve(c net.Conn) {
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
		var m refdb.Message
		if in.Decode(&m) != nil {
			return
		}
		n.inputs <- func() { n.db.Receive(n.now(), h.From, m) }
	}
}

// serveClient answers one client.
func (n *node) serveClient(c net.Conn, in *gob.Decoder) {
	answers := make(chan answer, 16)
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
		var q question
		if in.Decode(&q) != nil {
			return
		}
		n.inputs <- func() {
			if q.Status {
				select {
				case answers <- answer{Leads: n.db.State().Role == refdb.Leader}:
				default: // who does not listen asks again
				}
				return
			}
			n.asking[q.Request.Client] = answers
			n.db.Request(n.now(), q.Request)
		}
	}
}
