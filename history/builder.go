package history

import (
	"fmt"
	"math"
)

const (
	maxWarnings  = 100    // that a history keeps
	maxAnonymous = 10_000 // open invocations without a process
)

// Builder makes a [History] row by row. It pairs completions with invocations,
// refuses rows that contradict the ones before, and notes what is untidy.
type Builder struct {
	h    History
	open openOps
	last int64 // time of the row before

	anonymous     []int32 // open invocations that came without a process
	nextAnonymous Process
	processIDs    map[string]Process
	nemesisOpen   map[F]int32

	backwards backwards
}

// backwards notes where the times of rows decrease.
type backwards struct {
	count, line int
	most        int64
}

// openOps holds the open invocation of each process. Small numbers, which most
// are, need no map.
type openOps struct {
	small []int32 // the invocation's row + 1
	large map[Process]int32
}

const smallProcesses = 1 << 16

func (o *openOps) get(p Process) (inv int32, ok bool) {
	if p >= smallProcesses {
		inv, ok = o.large[p]
		return inv, ok
	}
	if int(p) >= len(o.small) || o.small[p] == 0 {
		return 0, false
	}
	return o.small[p] - 1, true
}

func (o *openOps) set(p Process, inv int32) {
	if p >= smallProcesses {
		if o.large == nil {
			o.large = map[Process]int32{}
		}
		o.large[p] = inv
		return
	}
	for len(o.small) <= int(p) {
		o.small = append(o.small, 0)
	}
	o.small[p] = inv + 1
}

func (o *openOps) clear(p Process) {
	if p >= smallProcesses {
		delete(o.large, p)
		return
	}
	o.small[p] = 0
}

// Row is an op at rest that is about to be added; its values are in the heap of
// the builder.
type Row struct {
	Line      int   // where it stands in the file, 1-based; 0 when unknown
	Index     int64 // the file's own number, or -1
	Time      int64 // ns; see HasTime
	HasTime   bool
	Process   Process
	NoProcess bool // the file does not say who
	Type      Type
	F         F
	Value     Ref
	Error     Ref
	Node      Ref // a string
	Extra     []Field
	col       int  // where it begins in Line
	start     mark // how full the heap was before the row
	added     mark // and before Value came in
}

// NewBuilder returns an empty builder.
func NewBuilder() *Builder {
	return &Builder{
		nextAnonymous: math.MaxInt32,
		processIDs:    map[string]Process{"nemesis": Nemesis},
		nemesisOpen:   map[F]int32{},
	}
}

// Heap returns the heap that rows refer to.
func (b *Builder) Heap() *Heap { return &b.h.Heap }

// Begin returns an empty row. Call it before the row's value is added to the
// heap, so that a completion can share the value of its invocation.
func (b *Builder) Begin(line int) Row {
	m := b.h.mark()
	return Row{Line: line, Index: -1, start: m, added: m}
}

// NamedProcess returns the number of a process that has a name.
func (b *Builder) NamedProcess(name string) Process {
	p, ok := b.processIDs[name]
	if !ok {
		b.h.processNames = append(b.h.processNames, name)
		p = Process(-1 - len(b.h.processNames))
		b.processIDs[name] = p
	}
	return p
}

// namedByRow is NamedProcess with a warning when the name is a new one, because
// only the ops of numbered processes are judged.
func (b *Builder) namedByRow(name string, line int) Process {
	known := len(b.h.processNames)
	p := b.NamedProcess(name)
	if len(b.h.processNames) > known {
		b.Warn(line, "process %q has no number, so it is no client and its ops are not judged", name)
	}
	return p
}

// Warn notes something untidy.
func (b *Builder) Warn(line int, format string, args ...any) {
	if len(b.h.warnings) >= maxWarnings {
		b.h.dropped++
		return
	}
	b.h.warnings = append(b.h.warnings, Warning{line, fmt.Sprintf(format, args...)})
}

// NoRealTime says that only the order within each process means something; see
// [History.HasRealTime].
func (b *Builder) NoRealTime() {
	if !b.h.noRealTime {
		b.h.noRealTime = true
		b.Warn(0, "the history has no real time: only the order within each process counts")
	}
}

// AddOp adds an op in flight, as a recorder does. Its index is the row's
// position, whatever op says.
func (b *Builder) AddOp(op Op) error {
	row := b.Begin(0)
	row.Time, row.HasTime, row.Process, row.Type, row.Extra = op.Time, true, op.Process, op.Type, op.Extra
	row.F = b.h.InternF(op.F)
	var err error
	if row.Value, err = b.h.Add(op.Value); err != nil {
		return err
	}
	if row.Error, err = b.h.Add(op.Error); err != nil {
		return err
	}
	if op.Node != "" {
		row.Node = b.h.AddString([]byte(op.Node))
	}
	return b.Add(row)
}

// Add adds a row. An error says what contradicts what; the row is then not part
// of the history.
func (b *Builder) Add(row Row) error { return b.add(&row) }

func (b *Builder) add(row *Row) error {
	i := len(b.h.typ)
	if i == math.MaxInt32 {
		return fmt.Errorf("more than %d ops", math.MaxInt32)
	}
	if row.NoProcess {
		if err := b.nameAnonymous(row); err != nil {
			return err
		}
	}
	if last := int64(b.h.Index(i - 1)); i > 0 && row.Index >= 0 && row.Index <= last {
		return fmt.Errorf("index %d comes after index %d; rows stand in the order of their indices, so sort them first", row.Index, last)
	}
	inv, err := b.match(row, i)
	if err != nil {
		return err
	}
	b.order(row)
	if inv >= 0 {
		b.h.pair[inv] = int32(i)
		// An error that is a collection may lie behind the value in the heap, and
		// sharing would take it back.
		if isScalar(row.Error) {
			b.h.value[inv], row.Value = b.h.share(b.h.value[inv], row.Value, row.added)
		}
	}
	b.push(row, inv)
	return nil
}

func (b *Builder) push(row *Row, inv int32) {
	h, i := &b.h, len(b.h.typ)
	h.typ = append(h.typ, row.Type)
	h.f = append(h.f, row.F)
	h.process = append(h.process, row.Process)
	h.time = append(h.time, row.Time)
	h.value = append(h.value, row.Value)
	h.pair = append(h.pair, inv)
	h.err.set(i, row.Error)
	h.node.set(i, row.Node)
	if len(row.Extra) > 0 {
		if h.extra == nil {
			h.extra = map[int32][]Field{}
		}
		h.extra[int32(i)] = row.Extra
	}
	if i == 0 && row.Index >= 0 {
		h.firstIndex = row.Index
	}
	h.pushIndex(row.Index, i)
}

// pushIndex notes the index of row i, -1 when it has none: then it is the next
// one after the row before.
func (h *History) pushIndex(index int64, i int) {
	next := h.firstIndex + int64(i)
	if h.index == nil {
		if index < 0 || index == next {
			return
		}
		h.index = make([]int64, i, 2*i+1)
		for j := range h.index {
			h.index[j] = h.firstIndex + int64(j)
		}
	} else {
		next = h.index[i-1] + 1
	}
	if index < 0 {
		index = next
	}
	h.index = append(h.index, index)
}

// match finds the invocation that row completes, or -1, and keeps the record of
// which ops are open.
func (b *Builder) match(row *Row, i int) (int32, error) {
	if !row.Process.IsClient() {
		return b.matchNemesis(row, i), nil
	}
	inv, isOpen := b.open.get(row.Process)
	if row.Type == Invoke {
		if isOpen {
			return 0, fmt.Errorf("process %d invokes %s while its %s of index %d is still open",
				row.Process, b.h.FName(row.F), b.h.FName(b.h.f[inv]), b.h.Index(int(inv)))
		}
		b.open.set(row.Process, int32(i))
		return -1, nil
	}
	if !isOpen {
		if row.Type == Info {
			b.Warn(row.Line, "an info of process %d completes nothing; it is kept as a remark", row.Process)
			return -1, nil
		}
		return 0, fmt.Errorf("process %d completes (%s) %s without an open invocation; was it completed before?",
			row.Process, row.Type, b.h.FName(row.F))
	}
	if row.F != b.h.f[inv] {
		if b.h.FName(row.F) != "" && b.h.FName(b.h.f[inv]) != "" {
			return 0, fmt.Errorf("process %d completes %s, but its open op (index %d) is %s",
				row.Process, b.h.FName(row.F), b.h.Index(int(inv)), b.h.FName(b.h.f[inv]))
		}
		b.Warn(row.Line, "the function is missing on one end of an op")
	}
	b.open.clear(row.Process)
	return inv, nil
}

// matchNemesis pairs the two infos of a fault. Nothing is refused: faults are
// not judged.
func (b *Builder) matchNemesis(row *Row, i int) int32 {
	if inv, ok := b.nemesisOpen[row.F]; ok {
		delete(b.nemesisOpen, row.F)
		return inv
	}
	b.nemesisOpen[row.F] = int32(i)
	return -1
}

// nameAnonymous gives a row without a process one of its own. An invocation gets
// a fresh process; a completion goes to the open anonymous invocation with the
// same function and value, else the oldest one with the same function, else it
// is left alone on a fresh process.
func (b *Builder) nameAnonymous(row *Row) error {
	if row.Type == Invoke {
		if len(b.anonymous) == maxAnonymous {
			return fmt.Errorf("more than %d ops without a process are open at once; say which process each belongs to", maxAnonymous)
		}
		row.Process = b.nextAnonymous
		b.nextAnonymous--
		b.anonymous = append(b.anonymous, int32(len(b.h.typ)))
		return nil
	}
	best := -1
	for at, inv := range b.anonymous {
		if b.h.f[inv] != row.F {
			continue
		}
		if b.h.Equal(b.h.value[inv], row.Value) {
			best = at
			break
		}
		if best < 0 {
			best = at
		}
	}
	if best < 0 {
		row.Process = b.nextAnonymous
		b.nextAnonymous--
		return nil
	}
	row.Process = b.h.process[b.anonymous[best]]
	b.anonymous = append(b.anonymous[:best], b.anonymous[best+1:]...)
	return nil
}

// order fills in a missing time and notes one that goes backwards from the row
// before.
func (b *Builder) order(row *Row) {
	if !row.HasTime {
		row.Time, b.h.untimed = b.last, true
		return
	}
	if row.Time < b.last {
		if b.backwards.count == 0 {
			b.backwards.line = row.Line
		}
		b.backwards.count++
		b.backwards.most = max(b.backwards.most, b.last-row.Time)
	}
	b.last = row.Time
}

// History hands the history over. The builder must not be used afterwards.
func (b *Builder) History() *History {
	if n := b.backwards.count; n > 0 {
		b.Warn(b.backwards.line, "time goes backwards (%d times, by at most %s s); the order of the rows counts", n, Seconds(b.backwards.most))
		b.backwards = backwards{}
	}
	return &b.h
}
