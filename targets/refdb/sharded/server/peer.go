package server

import (
	"encoding/gob"
	"net"
	"time"

	"checker/targets/refdb"
)

// peer sends messages to another node. What finds no connection is dropped.
type peer[M any] struct {
	self    refdb.NodeID
	address string
	queue   chan M
}

func newPeer[M any](self refdb.NodeID, address string) *peer[M] {
	p := &peer[M]{self: self, address: address, queue: make(chan M, 1024)}
	go p.work()
	return p
}

// send queues a message, unless too many wait.
func (p *peer[M]) send(m M) {
	select {
	case p.queue <- m:
	default:
	}
}

func (p *peer[M]) work() {
	var c net.Conn
	var out *gob.Encoder
	for m := range p.queue {
		if c == nil {
			d := dialer()
			var err error
			if c, err = d.Dial("tcp", p.address); err != nil {
				p.drop()
				continue
			}
			out = gob.NewEncoder(c)
			if out.Encode(hello{From: p.self}) != nil {
				c.Close()
				c = nil
				continue
			}
		}
		c.SetWriteDeadline(time.Now().Add(stall))
		if out.Encode(m) != nil {
			c.Close()
			c = nil
		}
	}
}

// drop forgets what has waited while there was no connection, and waits a little.
func (p *peer[M]) drop() {
	time.Sleep(20 * time.Millisecond)
	for range len(p.queue) {
		<-p.queue
	}
}
