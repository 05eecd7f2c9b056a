package online

import (
	"fmt"
	"math"

	"checker/history"
)

// Stream judges the rows of a history in their order. It is not safe for concurrent
// use.
type Stream struct {
	name    string
	keyed   bool
	make    func(*frame) object
	objects table[*frame]
	only    *frame // unless keyed
	open    map[history.Process]*call
	spare   []*call // to be used again
	row     int64
	found   *Violation
	gaveUp  string
	givenUp int
}

// Violation is what a row proves.
type Violation struct {
	Stream string // the name of the stream that found it
	Index  int    // of the row
	Ops    []int  // that contradict each other, as far as they are still known; the last is the op of the row
	Key    string // of the object, or ""
	Text   string
}

// never is later than every row.
const never = math.MaxInt64

// call is an op.
type call struct {
	process history.Process
	f       string
	in      history.Value
	inv     int64  // counts rows from 1
	index   int    // that names it: of the completion, or of the invocation while there is none
	over    bool   // it is not open any more
	frame   *frame // of its object; nil if that is not judged

	version *version // that it makes of a register
	tenure  *tenure  // that it ends
	known   int      // how much a read of a set must have
}

// frame is what every object has.
type frame struct {
	stream *Stream
	key    string
	object object  // nil when it is judged no more
	calls  []*call // in the order of invocations; the first one is open
	spares bool    // the object remembers no call that makes no version
}

// object is one object that is judged. A text that begun or ended returns is a
// violation, and ops are those beside the call that show it.
type object interface {
	begun(c *call)
	ended(c *call, t history.Type, out history.Value) (text string, ops []*call)
}

// newStream returns a stream. With keyed every value is [key value], and keys are
// objects of their own.
func newStream(name string, keyed bool, make func(*frame) object) *Stream {
	return &Stream{name: name, keyed: keyed, make: make, open: map[history.Process]*call{}}
}

// Name says what is judged, such as "register".
func (s *Stream) Name() string { return s.name }

// Found returns the first violation, or nil.
func (s *Stream) Found() *Violation { return s.found }

// GaveUp says why some objects cannot be judged while the history is made, or "".
func (s *Stream) GaveUp() string {
	if s.givenUp > 1 {
		return fmt.Sprintf("%s; and %d more objects", s.gaveUp, s.givenUp-1)
	}
	return s.gaveUp
}

// Observe takes the next row, and keeps what op.Value holds. It returns a violation
// once: when the row proves the first one.
func (s *Stream) Observe(op *history.Op) *Violation {
	s.row++
	if !op.Process.IsClient() || s.found != nil {
		return nil
	}
	if op.Type == history.Invoke {
		s.invoke(op)
		return nil
	}
	c := s.open[op.Process]
	if c == nil {
		return nil
	}
	delete(s.open, op.Process)
	c.over, c.index = true, op.Index
	if c.frame == nil || c.frame.object == nil {
		return nil
	}
	_, out := s.split(op.Value)
	c.frame.advance()
	text, ops := c.frame.object.ended(c, op.Type, out)
	if text == "" {
		return nil
	}
	s.found = &Violation{Stream: s.name, Index: op.Index, Key: c.frame.key, Text: text}
	for _, o := range append(ops, c) {
		s.found.Ops = append(s.found.Ops, o.index)
	}
	return s.found
}

func (s *Stream) invoke(op *history.Op) {
	key, in := s.split(op.Value)
	c := s.newCall()
	*c = call{process: op.Process, f: op.F, in: in, inv: s.row, index: op.Index}
	if before := s.open[op.Process]; before != nil {
		before.over = true // its end is lost: it crashed
	}
	s.open[op.Process] = c
	f := s.frame(key)
	if f.object == nil {
		return
	}
	if _, _, pair := op.Value.Pair(); s.keyed && !pair {
		f.giveUp("op %d: its value is not [key value]", op.Index)
		return
	}
	c.frame = f
	f.calls = append(f.calls, c)
	f.object.begun(c)
}

// newCall returns a call to be filled in: reads come and go without a trace, and there are many of them.
func (s *Stream) newCall() *call {
	last := len(s.spare) - 1
	if last < 0 {
		return new(call)
	}
	c := s.spare[last]
	s.spare = s.spare[:last]
	return c
}

// frame returns the frame of an object.
func (s *Stream) frame(key history.Value) *frame {
	if s.only != nil {
		return s.only
	}
	f, known := s.objects.get(key)
	if known {
		return f
	}
	f = &frame{stream: s}
	f.object = s.make(f)
	if !s.keyed {
		s.only = f
		return f
	}
	f.key = key.String()
	s.objects.put(key, f)
	return f
}

// split takes the key off a value.
func (s *Stream) split(v history.Value) (key, rest history.Value) {
	if !s.keyed {
		return history.Nil, v
	}
	key, rest, _ = v.Pair()
	return key, rest
}

// giveUp ends the judgement of an object, and forgets it.
func (f *frame) giveUp(format string, args ...any) {
	if f.object == nil {
		return
	}
	f.object, f.calls = nil, nil
	if f.stream.givenUp++; f.stream.givenUp == 1 {
		f.stream.gaveUp = fmt.Sprintf(format, args...)
		if f.key != "" {
			f.stream.gaveUp = "key " + f.key + ": " + f.stream.gaveUp
		}
	}
}

// advance lets go of the calls that are over and before which none is open.
func (f *frame) advance() {
	n := 0
	for n < len(f.calls) && f.calls[n].over {
		if f.spares && f.calls[n].version == nil {
			f.stream.spare = append(f.stream.spare, f.calls[n])
		}
		f.calls[n] = nil
		n++
	}
	f.calls = f.calls[n:]
}

// oldest is the row before which no op was invoked that is open, or will be.
func (f *frame) oldest() int64 {
	if len(f.calls) > 0 {
		return f.calls[0].inv
	}
	return f.stream.row + 1
}

// now is the row that is being judged.
func (f *frame) now() int64 { return f.stream.row }

// table is a map from values.
type table[T any] struct {
	numbers map[int64]T
	others  map[string]T // by text
}

func (t *table[T]) get(v history.Value) (T, bool) {
	if n, ok := v.Int(); ok {
		x, ok := t.numbers[n]
		return x, ok
	}
	x, ok := t.others[v.String()]
	return x, ok
}

func (t *table[T]) put(v history.Value, x T) {
	if t.numbers == nil {
		t.numbers, t.others = map[int64]T{}, map[string]T{}
	}
	if n, ok := v.Int(); ok {
		t.numbers[n] = x
		return
	}
	t.others[v.String()] = x
}

func (t *table[T]) remove(v history.Value) {
	if n, ok := v.Int(); ok {
		delete(t.numbers, n)
		return
	}
	delete(t.others, v.String())
}

func (t *table[T]) len() int { return len(t.numbers) + len(t.others) }
