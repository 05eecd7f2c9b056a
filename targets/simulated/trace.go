package simulated

import (
	"fmt"
	"io"
	"strconv"

	"checker/history"
	"checker/sim"
	"checker/targets"
	"checker/targets/refdb"
	"checker/targets/refdb/sharded"
)

// tracer writes what happened inside as lines of JSON:
//
//	{"t":1250000000,"event":"sent","from":"n1","to":"n2","packet":7,"message":"Vote term=2 last=3/1"}
//	{"t":1250400000,"event":"delivered","from":"n1","to":"n2","packet":7}
//	{"t":1250400000,"event":"dropped","from":"n1","to":"n3","packet":8,"cause":"partition"}
//	{"t":1250400000,"event":"killed","node":"n1","value":120}
//	{"t":1250400000,"event":"protocol","node":"n2","step":"voted","term":2,"peer":"n1"}
//	{"t":1250400000,"event":"protocol","node":"n2","step":"applied","term":2,"index":9,"digest":"5f3a…"}
//	{"t":1250400000,"event":"exited","node":"n2","cause":"refdb: n2: sync: no space left on device"}
//
// t is virtual time in ns. What value means depends on the event; see [sim.Kind].
type tracer struct {
	out  io.Writer
	line []byte
	err  error
}

// failed returns why the trace could not be written.
func (t *tracer) failed() error {
	if t == nil {
		return nil
	}
	return t.err
}

func (t *tracer) begin(at int64, event string) {
	t.line = append(t.line[:0], `{"t":`...)
	t.line = strconv.AppendInt(t.line, at, 10)
	t.text("event", event)
}

func (t *tracer) text(name, value string) {
	t.line = append(append(append(t.line, `,"`...), name...), `":`...)
	t.line = history.AppendJSONString(t.line, value)
}

func (t *tracer) number(name string, value int64) {
	t.line = append(append(append(t.line, `,"`...), name...), `":`...)
	t.line = strconv.AppendInt(t.line, value, 10)
}

func (t *tracer) end() {
	if t.err == nil {
		_, t.err = t.out.Write(append(t.line, "}\n"...))
	}
}

// Observe writes an event of the simulator.
func (t *tracer) Observe(e sim.Event) {
	t.begin(e.At, e.Kind.String())
	if e.Peer == nil {
		t.text("node", e.Host.Name())
		t.number("value", e.Value)
		t.end()
		return
	}
	t.text("from", e.Host.Name())
	t.text("to", e.Peer.Name())
	switch e.Kind {
	case sim.Sent:
		t.number("packet", int64(e.Packet))
		t.text("message", describe(e.Payload))
	case sim.Duplicated, sim.Delivered:
		t.number("packet", int64(e.Packet))
	case sim.Dropped:
		t.number("packet", int64(e.Packet))
		t.text("cause", e.Drop.String())
	case sim.FaultsSet:
		t.text("faults", fmt.Sprintf("%+v", e.Payload))
	}
	t.end()
}

func describe(payload any) string {
	switch m := payload.(type) {
	case *message:
		return m.Message.String()
	case *request:
		return m.Request.String()
	case *reply:
		return m.Reply.String()
	case *shardRequest:
		return m.Request.String()
	case *shardReply:
		return m.Reply.String()
	case *shardMessage:
		return sharded.Describe(m.list)
	}
	return fmt.Sprintf("%T", payload)
}

// stopped is the step that the database cannot tell of itself.
const stopped = "stopped"

// exited tells that a node has ended itself, and why.
func (c *Cluster) exited(node string, why error) {
	if c.trace != nil {
		c.trace.exited(c.Now(), node, why)
	}
	c.tell(&targets.ProtocolEvent{At: c.Now(), Node: node, Step: stopped})
}

// exited writes that a node has ended itself, and why.
func (t *tracer) exited(at int64, node string, why error) {
	t.begin(at, "exited")
	t.text("node", node)
	t.text("cause", why.Error())
	t.end()
}

// protocol tells of a step of the database's protocol.
func (c *Cluster) protocol(node string, e refdb.Event) {
	if c.trace == nil && c.observe == nil {
		return
	}
	told := &c.told
	*told = targets.ProtocolEvent{At: c.Now(), Node: node, Step: e.Kind.String(), Term: e.Term, Index: e.Index}
	if e.Node != refdb.NoNode {
		told.Peer = c.names[e.Node-1]
	}
	if e.Members != nil {
		told.Peer = e.DescribeMembers()
	}
	if e.Digest != 0 {
		told.Digest = c.digests[0].text(e.Index, e.Digest)
	}
	c.tell(told)
}

// digests remembers the text of an entry's digest by index: every node tells of
// the entry twice, and again after a restart.
type digests []struct {
	digest uint64
	text   string
}

func (d *digests) text(index, digest uint64) string {
	if more := int(index) + 1 - len(*d); more > 0 {
		*d = append(*d, make(digests, more)...)
	}
	known := &(*d)[index]
	if known.digest != digest {
		known.digest, known.text = digest, strconv.FormatUint(digest, 16)
	}
	return known.text
}

// tell hands a protocol event to whoever wants it.
func (c *Cluster) tell(e *targets.ProtocolEvent) {
	if c.trace != nil {
		c.trace.protocol(e)
	}
	if c.observe != nil {
		c.observe(e)
	}
}

// protocol writes a protocol event.
func (t *tracer) protocol(e *targets.ProtocolEvent) {
	t.begin(e.At, "protocol")
	t.text("node", e.Node)
	if e.Group != "" {
		t.text("group", e.Group)
	}
	t.text("step", e.Step)
	if e.Txn != "" {
		t.text("txn", e.Txn)
	}
	if e.Outcome != "" {
		t.text("outcome", e.Outcome)
	}
	if e.Term > 0 {
		t.number("term", int64(e.Term))
	}
	if e.Index > 0 {
		t.number("index", int64(e.Index))
	}
	if e.Peer != "" {
		t.text("peer", e.Peer)
	}
	if e.Digest != "" {
		t.text("digest", e.Digest)
	}
	t.end()
}
