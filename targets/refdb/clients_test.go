package refdb

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// clients are simple enough to be checked exactly: each writes only its own key in each keyspace:
// 1, 2, 3… to the register, steps of 1 to the counter, 1, 2, 3… into the set. Anybody reads anything.
//
// Linearizable then means: what an operation sees is no less than what was known to be there when it
// began, and no more than what has been attempted until it ends.
type clients struct {
	rand   *rand.Rand
	all    []*client
	tell   func(node NodeID, r Request)
	keys   map[keyspace]*progress
	stale  []Request // requests sent before, to come again out of nowhere
	broken []string
	ok     int
}

// keyspace is a key of a register (by Read), a counter (ReadCounter) or a set (ReadSet).
type keyspace struct {
	read Op
	key  int64
}

// progress is what is known of a key from outside.
type progress struct {
	floor   int64   // register, counter: at least this much has happened
	known   []int64 // set: these are in
	ceiling int64   // at most this much can have happened
}

// client has one request open, or none.
type client struct {
	id      uint64
	seq     uint64
	open    bool
	request Request
	target  keyspace
	floor   int64 // of target, when the request began
	known   []int64
	node    NodeID
}

func newClients(r *rand.Rand, count int, tell func(NodeID, Request)) *clients {
	cs := &clients{rand: r, tell: tell, keys: map[keyspace]*progress{}}
	for id := 1; id <= count; id++ {
		cs.all = append(cs.all, &client{id: uint64(id), node: 1})
		for _, read := range []Op{Read, ReadCounter, ReadSet} {
			cs.keys[keyspace{read, int64(id)}] = &progress{}
		}
	}
	return cs
}

// act has some client begin a request, repeat it, or give it up.
func (cs *clients) act(nodes int) {
	c := cs.all[cs.rand.IntN(len(cs.all))]
	switch {
	case !c.open:
		cs.begin(c)
	case cs.rand.IntN(8) == 0: // gives up, not knowing
		c.open = false
		return
	case cs.rand.IntN(2) == 0:
		c.node = NodeID(1 + cs.rand.IntN(nodes))
		c.request.Attempt++
	default:
		return
	}
	cs.send(c)
}

func (cs *clients) send(c *client) {
	cs.stale = append(cs.stale, c.request)
	if cs.rand.IntN(16) > 0 { // or it gets lost
		cs.tell(c.node, c.request)
	}
}

// resend has a request of the past arrive once more, as a network may do.
func (cs *clients) resend(nodes int) {
	if len(cs.stale) > 0 {
		cs.tell(NodeID(1+cs.rand.IntN(nodes)), cs.stale[cs.rand.IntN(len(cs.stale))])
	}
}

func (cs *clients) begin(c *client) {
	read := []Op{Read, ReadCounter, ReadSet}[cs.rand.IntN(3)]
	if cs.rand.IntN(2) == 0 {
		cs.beginRead(c, keyspace{read, int64(1 + cs.rand.IntN(len(cs.all)))})
		return
	}
	target := keyspace{read, int64(c.id)}
	p := cs.keys[target]
	p.ceiling++
	write := map[Op]Command{
		Read:        {Op: Write, Key: target.key, A: p.ceiling},
		ReadCounter: {Op: Add, Key: target.key, A: 1},
		ReadSet:     {Op: SetAdd, Key: target.key, A: p.ceiling},
	}
	cs.invoke(c, target, write[read])
}

func (cs *clients) beginRead(c *client, target keyspace) {
	cs.invoke(c, target, Command{Op: target.read, Key: target.key})
}

func (cs *clients) invoke(c *client, target keyspace, command Command) {
	c.seq++
	c.open, c.target = true, target
	c.floor, c.known = cs.keys[target].floor, cs.keys[target].known
	c.request = Request{Client: c.id, Seq: c.seq, Attempt: 1, Command: command}
}

// hear takes a reply, if it gets through.
func (cs *clients) hear(r Reply) {
	c := cs.all[r.Client-1]
	if !c.open || r.Seq != c.seq || cs.rand.IntN(16) == 0 {
		return
	}
	if r.Status != OK {
		if r.Leader != NoNode {
			c.node = r.Leader
		}
		return
	}
	c.open = false
	cs.ok++
	cs.judge(c, r.Result)
}

// judge compares what an operation saw with what it may have seen, and learns from it.
func (cs *clients) judge(c *client, result Result) {
	p := cs.keys[c.target]
	switch command := c.request.Command; command.Op {
	case Write:
		p.floor = max(p.floor, command.A)
	case SetAdd:
		p.learn(command.A)
	case Add:
		cs.judgeNumber(c, result.Value, c.floor+1, p)
	case Read, ReadCounter:
		cs.judgeNumber(c, result.Value, c.floor, p)
	case ReadSet:
		cs.judgeSet(c, result.Set, p)
	}
}

func (cs *clients) judgeNumber(c *client, seen, least int64, p *progress) {
	if seen < least || seen > p.ceiling {
		cs.wrong("client %d: %v saw %d, want %d to %d", c.id, c.request.Command, seen, least, p.ceiling)
	}
	p.floor = max(p.floor, seen)
}

func (cs *clients) judgeSet(c *client, seen []int64, p *progress) {
	for _, element := range c.known {
		if !slices.Contains(seen, element) {
			cs.wrong("client %d: %v saw %v without %d", c.id, c.request.Command, seen, element)
		}
	}
	for i, element := range seen {
		if element < 1 || element > p.ceiling || slices.Contains(seen[:i], element) {
			cs.wrong("client %d: %v saw %v, and %d cannot be there", c.id, c.request.Command, seen, element)
		}
		p.learn(element)
	}
}

func (cs *clients) wrong(format string, args ...any) {
	cs.broken = append(cs.broken, fmt.Sprintf(format, args...))
}

// learn never writes where an earlier reader of known looks: known only grows.
func (p *progress) learn(element int64) {
	if !slices.Contains(p.known, element) {
		p.known = append(p.known, element)
	}
}
