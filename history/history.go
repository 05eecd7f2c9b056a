package history

import "fmt"

// History is a record at rest, in columns. It is read-only once its [Builder]
// has handed it over, and safe for concurrent readers.
type History struct {
	Heap

	typ     []Type
	f       []F
	process []Process
	time    []int64
	value   []Ref
	pair    []int32 // the other end of the op, or -1

	firstIndex int64
	index      []int64 // the file's own numbers, when they are not consecutive
	err        sparse
	node       sparse
	extra      map[int32][]Field

	noRealTime   bool
	untimed      bool
	processNames []string // of processes -2, -3, …
	warnings     []Warning
	dropped      int // warnings beyond those kept
}

// Warning is something untidy in a recorded history that was read all the same.
type Warning struct {
	Line int // 1-based; 0 when it concerns the whole history
	Text string
}

func (w Warning) String() string {
	if w.Line == 0 {
		return w.Text
	}
	return fmt.Sprintf("line %d: %s", w.Line, w.Text)
}

// Len returns the number of rows.
func (h *History) Len() int { return len(h.typ) }

// Type returns the type of row i.
func (h *History) Type(i int) Type { return h.typ[i] }

// F returns the function of row i; [Heap.FName] names it.
func (h *History) F(i int) F { return h.f[i] }

// Process returns the process of row i.
func (h *History) Process(i int) Process { return h.process[i] }

// Time returns when row i was recorded, in ns since the start of the run.
func (h *History) Time(i int) int64 { return h.time[i] }

// Ref returns the value of row i at rest.
func (h *History) Ref(i int) Ref { return h.value[i] }

// Pair returns the row at the other end of the operation: the completion of an
// invocation, the invocation of a completion. It is -1 where there is none.
func (h *History) Pair(i int) int { return int(h.pair[i]) }

// Index returns the number that row i is known by: the one given in the file,
// else its position.
func (h *History) Index(i int) int {
	if h.index == nil {
		return int(h.firstIndex) + i
	}
	return int(h.index[i])
}

// Error returns the error of row i at rest, nil where there is none.
func (h *History) Error(i int) Ref { return h.err.at(i) }

// Node returns the node of row i, or "".
func (h *History) Node(i int) string { return h.Text(h.node.at(i)) }

// ProcessName returns the name of a process: its number, or the name in the file.
func (h *History) ProcessName(p Process) string {
	if i := int(-2 - p); i >= 0 && i < len(h.processNames) {
		return h.processNames[i]
	}
	return p.String()
}

// HasRealTime reports whether the order of rows of different processes means
// anything. It does not in formats that know only sessions; orders in real time,
// as strict serializability and linearizability need them, must not be drawn
// from such a history.
func (h *History) HasRealTime() bool { return !h.noRealTime }

// HasTimes reports whether every row came with its time. One that did not has the
// time of the row before, which says nothing of how long anything took.
func (h *History) HasTimes() bool { return !h.untimed }

// Op returns row i in flight. It allocates.
func (h *History) Op(i int) Op {
	return Op{
		Index:   h.Index(i),
		Time:    h.time[i],
		Process: h.process[i],
		Type:    h.typ[i],
		F:       h.FName(h.f[i]),
		Value:   h.Value(h.value[i]),
		Error:   h.Value(h.Error(i)),
		Node:    h.Node(i),
		Extra:   h.extra[int32(i)],
	}
}

// Warnings returns what was untidy, at most a hundred of them, and how many more
// there were.
func (h *History) Warnings() (kept []Warning, dropped int) { return h.warnings, h.dropped }

// sparse is a column that is empty in most rows.
type sparse struct {
	row []int32
	val []Ref
}

func (s *sparse) set(row int, v Ref) {
	if v != 0 {
		s.row = append(s.row, int32(row))
		s.val = append(s.val, v)
	}
}

func (s *sparse) at(row int) Ref {
	lo, hi := 0, len(s.row)
	if hi > row && s.row[row] == int32(row) {
		return s.val[row] // the column is dense up to here
	}
	for lo < hi {
		mid := (lo + hi) / 2
		if s.row[mid] < int32(row) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo < len(s.row) && s.row[lo] == int32(row) {
		return s.val[lo]
	}
	return 0
}
