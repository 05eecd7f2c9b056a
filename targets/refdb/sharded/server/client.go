package server

import (
	"context"
	"encoding/gob"
	"fmt"
	"net"
	"time"

	"checker/targets/refdb"
	"checker/targets/refdb/sharded"
)

// Conn is a client's connection to one node. It is for one goroutine.
type Conn[Q, R any] struct {
	conn net.Conn
	in   *gob.Decoder
	out  *gob.Encoder
}

// Dial connects to a node of a single group.
func Dial(ctx context.Context, address string) (*Conn[refdb.Request, refdb.Reply], error) {
	return dial[refdb.Request, refdb.Reply](ctx, address)
}

// DialShards connects to a node that holds shards.
func DialShards(ctx context.Context, address string) (*Conn[sharded.Request, sharded.Reply], error) {
	return dial[sharded.Request, sharded.Reply](ctx, address)
}

func dial[Q, R any](ctx context.Context, address string) (*Conn[Q, R], error) {
	d := dialer()
	c, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	conn := &Conn[Q, R]{conn: c, in: gob.NewDecoder(c), out: gob.NewEncoder(c)}
	if err := conn.out.Encode(hello{}); err != nil {
		c.Close()
		return nil, err
	}
	return conn, nil
}

// Close ends the connection.
func (c *Conn[Q, R]) Close() error { return c.conn.Close() }

// Ask sends an attempt of a request and waits for its reply until a moment. Replies
// to earlier attempts of the same request count; mine tells those from others. After
// an error the connection is of no use.
func (c *Conn[Q, R]) Ask(q Q, mine func(R) bool, until time.Time) (reply R, err error) {
	if err := c.conn.SetDeadline(until); err != nil {
		return reply, err
	}
	if err := c.out.Encode(question[Q]{Request: q}); err != nil {
		return reply, err
	}
	for {
		var a answer[R]
		if err := c.in.Decode(&a); err != nil {
			return reply, err
		}
		if mine(a.Reply) {
			return a.Reply, nil
		}
	}
}

// Leads asks whether the node takes itself for the leader.
func (c *Conn[Q, R]) Leads(until time.Time) (bool, error) {
	if err := c.conn.SetDeadline(until); err != nil {
		return false, err
	}
	if err := c.out.Encode(question[Q]{Status: true}); err != nil {
		return false, fmt.Errorf("status: %w", err)
	}
	var a answer[R]
	err := c.in.Decode(&a)
	return a.Leads, err
}
