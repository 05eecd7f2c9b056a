package online

import (
	"fmt"

	"checker/history"
)

// Set returns a stream that judges sets that only grow and are read whole, for
// histories of add, each element once, and read. It is the set-full of check/sets with
// its option Linearizable.
func Set(keyed bool) *Stream {
	return newStream("set", keyed, func(f *frame) object { return &set{frame: f} })
}

type set struct {
	*frame
	elements table[*element]
	known    []*element // that are surely there, in the order in which that came out
}

// element is an element that is being added, or was.
type element struct {
	add   *call
	value history.Value
	known bool
	read  *call // the last read that had it
}

func (s *set) begun(c *call) {
	switch c.f {
	case "add":
		if _, twice := s.elements.get(c.in); twice {
			s.giveUp("op %d: %s is added again", c.index, c.in)
			return
		}
		s.elements.put(c.in, &element{add: c, value: c.in})
	case "read":
		c.known = len(s.known)
	default:
		s.giveUp("op %d: a set that only grows knows add and read, not %q", c.index, c.f)
	}
}

func (s *set) ended(c *call, t history.Type, out history.Value) (string, []*call) {
	if c.f == "read" {
		if t != history.Ok {
			return "", nil
		}
		return s.look(c, out)
	}
	e, _ := s.elements.get(c.in)
	switch {
	case t == history.Ok:
		s.know(e)
	case t == history.Fail && e.read != nil:
		return fmt.Sprintf("the add of %s failed, and a read has it", e.value), []*call{e.read}
	case t == history.Fail:
		s.elements.remove(c.in)
	}
	return "", nil
}

func (s *set) know(e *element) {
	if !e.known {
		e.known = true
		s.known = append(s.known, e)
	}
}

// look compares a read with what is known.
func (s *set) look(c *call, out history.Value) (string, []*call) {
	switch out.Kind() {
	case history.KindVector, history.KindList, history.KindSet, history.KindNil:
	default:
		s.giveUp("op %d: a read of %s is not a collection of elements", c.index, out)
		return "", nil
	}
	for _, v := range out.Elems() {
		e, tried := s.elements.get(v)
		switch {
		case !tried:
			return fmt.Sprintf("a read has %s, which nobody added", v), nil
		case e.read == c:
			return fmt.Sprintf("a read has %s more than once", v), nil
		}
		e.read = c
	}
	for _, e := range s.known[:c.known] {
		if e.read != c {
			return fmt.Sprintf("a read lacks %s, which was surely there before it was invoked", e.value), []*call{e.add}
		}
	}
	for _, v := range out.Elems() {
		e, _ := s.elements.get(v)
		s.know(e)
	}
	return "", nil
}

// IDs returns a stream that judges whether the ids that generate returns are unique.
// It remembers them all.
func IDs() *Stream {
	return newStream("unique-ids", false, func(f *frame) object { return &ids{frame: f} })
}

type ids struct {
	*frame
	seen table[int] // the op that returned it
}

func (g *ids) begun(c *call) {
	if c.f != "generate" {
		g.giveUp("op %d: a generator of ids knows generate, not %q", c.index, c.f)
	}
}

func (g *ids) ended(c *call, t history.Type, out history.Value) (string, []*call) {
	if t != history.Ok {
		return "", nil
	}
	if before, twice := g.seen.get(out); twice {
		return fmt.Sprintf("id %s was handed out before", out), []*call{{index: before}}
	}
	g.seen.put(out, c.index)
	return "", nil
}
