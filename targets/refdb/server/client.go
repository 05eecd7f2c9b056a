package server

import (
	"context"
	"encoding/gob"
	"fmt"
	"net"
	"time"

	"checker/targets/refdb"
)

// Conn is a client's connection to one node. It is for one goroutine.
type Conn struct {
	conn net.Conn
	in   *gob.Decoder
	out  *gob.Encoder
}

// Dial connects to a node.
func Dial(ctx context.Context, address string) (*Conn, error) {
	d := dialer()
	c, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	conn := &Conn{conn: c, in: gob.NewDecoder(c), out: gob.NewEncoder(c)}
	if err := conn.out.Encode(hello{}); err != nil {
		c.Close()
		return nil, err
	}
	return conn, nil
}

// Close ends the connection.
func (c *Conn) Close() error { return c.conn.Close() }

// Ask sends an attempt of a request and waits for its reply until a moment. Replies
// to earlier attempts of the same request count; those to earlier requests do not.
// After an error the connection is of no use.
func (c *Conn) Ask(r refdb.Request, until time.Time) (refdb.Reply, error) {
	if err := c.conn.SetDeadline(until); err != nil {
		return refdb.Reply{}, err
	}
	if err := c.out.Encode(question{Request: r}); err != nil {
		return refdb.Reply{}, err
	}
	for {
		var a answer
		if err := c.in.Decode(&a); err != nil {
			return refdb.Reply{}, err
		}
		if a.Reply.Client == r.Client && a.Reply.Seq == r.Seq {
			return a.Reply, nil
		}
	}
}

// Leads asks whether the node takes itself for the leader.
func (c *Conn) Leads(until time.Time) (bool, error) {
	if err := c.conn.SetDeadline(until); err != nil {
		return false, err
	}
	if err := c.out.Encode(question{Status: true}); err != nil {
		return false, fmt.Errorf("status: %w", err)
	}
	var a answer
	err := c.in.Decode(&a)
	return a.Leads, err
}
