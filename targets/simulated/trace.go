package simulated

import (
	"fmt"
	"io"
	"strconv"

	"checker/history"
	"checker/sim"
	"checker/targets/refdb"
)

// tracer writes what happened inside as lines of JSON:
//
//	{"t":1250000000,"event":"sent","from":"n1","to":"n2","packet":7,"message":"Vote term=2 last=3/1"}
//	{"t":1250400000,"event":"delivered","from":"n1","to":"n2","packet":7}
//	{"t":1250400000,"event":"dropped","from":"n1","to":"n3","packet":8,"cause":"partition"}
//	{"t":1250400000,"event":"killed","node":"n1","value":120}
//	{"t":1250400000,"event":"protocol","node":"n2","step":"voted","term":2,"peer":"n1"}
//	{"t":1250400000,"event":"protocol","node":"n2","step":"applied","term":2,"index":9,"digest":"5f3a…"}
//	{"t":1250400000,"event":"stopped","node":"n2","cause":"refdb: n2: sync: no space left on device"}
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
		return fmt.Sprintf("request client=%d seq=%d attempt=%d %s", m.Client, m.Seq, m.Attempt, m.Command)
	case *reply:
		return m.Reply.String()
	}
	return fmt.Sprintf("%T", payload)
}

// stopped writes that a node has ended itself, and why.
func (t *tracer) stopped(at int64, node string, why error) {
	if t == nil {
		return
	}
	t.begin(at, "stopped")
	t.text("node", node)
	t.text("cause", why.Error())
	t.end()
}

// protocol writes an event of the database's protocol.
func (t *tracer) protocol(at int64, node string, e refdb.Event) {
	if t == nil {
		return
	}
	t.begin(at, "protocol")
	t.text("node", node)
	t.text("step", e.Kind.String())
	if e.Term > 0 {
		t.number("term", int64(e.Term))
	}
	if e.Index > 0 {
		t.number("index", int64(e.Index))
	}
	if e.Node != refdb.NoNode {
		t.text("peer", e.Node.String())
	}
	if e.Members != nil {
		t.text("members", e.DescribeMembers())
	}
	if e.Digest != 0 {
		t.text("digest", strconv.FormatUint(e.Digest, 16))
	}
	t.end()
}
