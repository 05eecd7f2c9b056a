package history

import (
	"errors"
	"slices"
)

// chunk is a piece of a history by itself: rows with a heap of their own, which
// nothing has paired yet. A [Builder] takes chunks in order and ends up with the
// same history as if it had been handed the rows one by one.
type chunk struct {
	Heap
	rows    []Row
	names   []processName // of processes -2, -3, …
	missing [numFields]lack
	lines   int // line feeds in the text

	noRealTime bool // see History.HasRealTime
}

// processName is a process that has a name, and the line that names it first.
type processName struct {
	name string
	line int
}

// errNoChunk says that a piece means something only together with what was
// before it, so that it has to be read in order.
var errNoChunk = errors.New("no chunk")

// reset empties the chunk and keeps its room.
func (c *chunk) reset() {
	c.Heap.reset()
	clear(c.rows)
	c.rows, c.names, c.missing, c.lines = c.rows[:0], c.names[:0], [numFields]lack{}, 0
	c.noRealTime = false
}

// named returns the process of that name within the chunk.
func (c *chunk) named(name string, line int) Process {
	if name == Nemesis.String() {
		return Nemesis
	}
	for i := range c.names {
		if c.names[i].name == name {
			return Process(-2 - i)
		}
	}
	c.names = append(c.names, processName{name, line})
	return Process(-1 - len(c.names))
}

// reset empties the heap and keeps its room.
func (h *Heap) reset() {
	clear(h.strIDs)
	clear(h.wideID)
	clear(h.fIDs)
	clear(h.keyIDs)
	clear(h.collectionKeys)
	clear(h.smallKeys)
	*h = Heap{
		strs: h.strs[:0], strIDs: h.strIDs, wide: h.wide[:0], wideID: h.wideID, cells: h.cells[:0], ints: h.ints[:0],
		fNames: h.fNames[:0], fIDs: h.fIDs, reads: h.reads[:0],
		keys: h.keys[:0], keyIDs: h.keyIDs, smallKeys: h.smallKeys[:0], collectionKeys: h.collectionKeys,
		mopF: h.mopF[:0], mopKey: h.mopKey[:0], mopVal: h.mopVal[:0],
	}
}

// merger moves the rows of chunks into a builder. Its tables say what the
// numbers of a chunk are in the history.
type merger struct {
	b     *Builder
	strs  []uint32
	wide  []uint32
	fs    []F
	keys  []KeyID // + 1; 0 is not known yet
	procs []Process
	// By how much the row's arrays move.
	cells, ints, mops int
}

// fits reports whether the names of functions in c have room in the history.
func (m *merger) fits(c *chunk) bool {
	return m.b.h.Fs()+c.Fs() < maxFs
}

// merge adds the rows of c, whose text begins after the given number of lines.
// An error is about the row that it returns.
func (m *merger) merge(c *chunk, lines int) (row *Row, err error) {
	m.tables(c)
	if c.noRealTime {
		m.b.NoRealTime()
	}
	for i := range c.rows {
		row = &c.rows[i]
		end := c.mark()
		if i+1 < len(c.rows) {
			end = c.rows[i+1].start
		}
		m.row(c, row, end, lines)
		if err := m.b.add(row); err != nil {
			return row, err
		}
	}
	return nil, nil
}

// tables stores in the history what chunks store once each.
func (m *merger) tables(c *chunk) {
	h := &m.b.h
	m.strs, m.wide, m.fs = m.strs[:0], m.wide[:0], m.fs[:0]
	for _, s := range c.strs {
		m.strs = append(m.strs, h.internString(s))
	}
	kinds := make([]Kind, len(c.wide))
	for key, id := range c.wideID {
		kinds[id] = key.kind
	}
	for id, bits := range c.wide {
		m.wide = append(m.wide, uint32(h.addWide(kinds[id], bits)&payload))
	}
	for _, name := range c.fNames {
		m.fs = append(m.fs, h.InternF(name))
	}
	m.keys = append(m.keys[:0], make([]KeyID, len(c.keys))...)
	m.procs = append(m.procs[:0], make([]Process, len(c.names))...)
}

// reserve makes room for more rows, and for what is in them, times as many as
// there are. It is a guess that spares growing the arrays step by step.
func (b *Builder) reserve(times float64) {
	h := &b.h
	h.typ, h.f, h.process, h.time = room(h.typ, times), room(h.f, times), room(h.process, times), room(h.time, times)
	h.value, h.pair, h.index = room(h.value, times), room(h.pair, times), room(h.index, times)
	h.cells, h.ints = room(h.cells, times), room(h.ints, times)
	h.mopF, h.mopKey, h.mopVal = room(h.mopF, times), room(h.mopKey, times), room(h.mopVal, times)
}

func room[T any](s []T, times float64) []T {
	return slices.Grow(s, int(times*float64(len(s))))
}

// row makes row, whose part of the heap ends at end, one of the history.
func (m *merger) row(c *chunk, row *Row, end mark, lines int) {
	h, start := &m.b.h, row.start
	m.cells, m.ints, m.mops = len(h.cells)-start.cells, len(h.ints)-start.ints, len(h.mopF)-start.mops
	h.ints = append(h.ints, c.ints[start.ints:end.ints]...)
	for _, r := range c.cells[start.cells:end.cells] {
		h.cells = append(h.cells, m.ref(r))
	}
	for i := start.mops; i < end.mops; i++ {
		h.mopF = append(h.mopF, m.fs[c.mopF[i]])
		h.mopKey = append(h.mopKey, m.key(c, c.mopKey[i]))
		h.mopVal = append(h.mopVal, m.ref(c.mopVal[i]))
	}
	row.start = h.mark()
	row.added = mark{row.added.cells + m.cells, row.added.ints + m.ints, row.added.mops + m.mops}
	row.F, row.Value, row.Error, row.Node = m.fs[row.F], m.ref(row.Value), m.ref(row.Error), m.ref(row.Node)
	row.Line += lines
	if i := -2 - int(row.Process); i >= 0 {
		if m.procs[i] == 0 {
			m.procs[i] = m.b.namedByRow(c.names[i].name, c.names[i].line+lines)
		}
		row.Process = m.procs[i]
	}
}

// ref returns what the chunk's r is in the history.
func (m *merger) ref(r Ref) Ref {
	switch r.form() {
	case KindString, KindKeyword:
		return r&^payload | Ref(m.strs[r&payload])
	case KindFloat, refWide:
		return r&^payload | Ref(m.wide[r&payload])
	case KindVector, KindList, KindSet, KindMap, KindTagged:
		return r.move(m.cells)
	case refInts:
		return r.move(m.ints)
	case refTxn:
		return r.move(m.mops)
	}
	return r
}

// move returns the span r, by elements further on.
func (r Ref) move(by int) Ref { return r + Ref(uint64(by)<<offShift) }

// key returns what the chunk's key k is in the history.
func (m *merger) key(c *chunk, k KeyID) KeyID {
	if m.keys[k] == 0 {
		m.keys[k] = m.b.h.internKey(m.ref(c.keys[k])) + 1
	}
	return m.keys[k] - 1
}
