package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
)

// Client is the harness's end of the connection to one agent. Its methods may be
// called by several goroutines.
type Client struct {
	report Report

	mu      sync.Mutex
	w       io.Writer
	last    uint64
	waiting map[uint64]chan Reply
	ended   error // why there will be no more replies
}

// Connect waits for the agent's report and returns its client. The agent reads
// what is written to w; r is what it writes.
func Connect(r io.Reader, w io.Writer) (*Client, error) {
	var first Reply
	if err := readFrame(r, &first); err != nil {
		return nil, fmt.Errorf("the agent did not report: %w", err)
	}
	if first.ID != 0 || len(first.Report) == 0 {
		return nil, errors.New("the agent's first message is no report")
	}
	c := &Client{report: first.Report, w: w, waiting: map[uint64]chan Reply{}}
	go c.receive(r)
	return c, nil
}

// Report says what the agent can do.
func (c *Client) Report() Report { return c.report }

func (c *Client) receive(r io.Reader) {
	for {
		var reply Reply
		err := readFrame(r, &reply)
		c.mu.Lock()
		if err != nil {
			c.ended = fmt.Errorf("the agent is gone: %w", err)
			for id, answer := range c.waiting {
				delete(c.waiting, id)
				close(answer)
			}
			c.mu.Unlock()
			return
		}
		if answer, ok := c.waiting[reply.ID]; ok {
			delete(c.waiting, reply.ID)
			answer <- reply
		}
		c.mu.Unlock()
	}
}

// Ask sends a request and waits for its reply.
func (c *Client) Ask(ctx context.Context, q Request) (Reply, error) {
	answer, id, err := c.send(q)
	if err != nil {
		return Reply{}, fmt.Errorf("%s: %w", q.Do, err)
	}
	select {
	case reply, ok := <-answer:
		switch {
		case !ok:
			c.mu.Lock()
			defer c.mu.Unlock()
			return Reply{}, fmt.Errorf("%s: %w", q.Do, c.ended)
		case reply.Error != "":
			return reply, fmt.Errorf("%s: %s", q.Do, reply.Error)
		}
		return reply, nil
	case <-ctx.Done():
		c.mu.Lock()
		delete(c.waiting, id)
		c.mu.Unlock()
		return Reply{}, fmt.Errorf("%s: %w", q.Do, ctx.Err())
	}
}

func (c *Client) send(q Request) (<-chan Reply, uint64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended != nil {
		return nil, 0, c.ended
	}
	c.last++
	q.ID = c.last
	answer := make(chan Reply, 1)
	if err := writeFrame(c.w, q); err != nil {
		return nil, 0, err
	}
	c.waiting[q.ID] = answer
	return answer, q.ID, nil
}
