package reports

import (
	"checker/history"
)

// view reads a history as operations over time.
//
// Times count from the start of the run. Recorded histories do not all keep to
// that. In some they are dates: what begins an hour in or later, or before zero,
// is shown since its first row. In some every row has the same time, or the order
// of different processes means nothing: the order of the rows stands in for it,
// one unit a row.
type view struct {
	*history.History
	timed  bool
	origin int64
	end    int64 // of the last row, in the view's time
}

// operation is an invocation with its completion.
type operation struct {
	inv, comp  int   // rows; comp is -1 for one that never completed
	start, end int64 // the view's time; end is the history's where comp is -1
	outcome    history.Type
}

// row returns the row that witnesses name the op by.
func (o operation) row() int {
	if o.comp >= 0 {
		return o.comp
	}
	return o.inv
}

// startsLate is the time of a first row from which times are taken for dates.
const startsLate = 3600e9

func newView(h *history.History) *view {
	v := &view{History: h}
	if h.Len() == 0 {
		return v
	}
	first, last := h.Time(0), h.Time(0)
	for i := range h.Len() {
		first, last = min(first, h.Time(i)), max(last, h.Time(i))
	}
	if first < 0 || first >= startsLate {
		v.origin = first
	}
	v.timed, v.end = last > first && h.HasRealTime(), last-v.origin
	if !v.timed {
		v.end = int64(h.Len() - 1)
	}
	return v
}

// at returns the time of row i.
func (v *view) at(i int) int64 {
	if !v.timed {
		return int64(i)
	}
	return v.Time(i) - v.origin
}

// operation returns the operation that row i belongs to. A completion without an
// invocation, a remark, stands for both of its ends.
func (v *view) operation(i int) operation {
	o := operation{inv: i, comp: v.Pair(i), outcome: history.Info}
	if o.comp >= 0 && o.comp < o.inv {
		o.inv, o.comp = o.comp, o.inv
	}
	if o.comp < 0 && v.Type(i) != history.Invoke {
		o.comp = i
	}
	o.start, o.end = v.at(o.inv), v.end
	if o.comp >= 0 {
		o.end, o.outcome = max(v.at(o.comp), o.start), v.Type(o.comp)
	}
	return o
}

// clientOps calls yield for every operation of a client, in the order of their
// invocations.
func (v *view) clientOps(yield func(operation) bool) {
	for i := range v.Len() {
		if v.Type(i) == history.Invoke && v.Process(i).IsClient() && !yield(v.operation(i)) {
			return
		}
	}
}

// when prints a moment of the view: 12.345678 s, or the number of a row.
func (v *view) when(t int64) string {
	switch {
	case !v.timed:
		return "row " + count(int(t))
	case v.end < 1e9:
		return moment(t, 9)
	}
	return moment(t, 6)
}

// about prints a moment of the view for prose: 12.345 s.
func (v *view) about(t int64) string {
	switch {
	case !v.timed:
		return "row " + count(int(t))
	case v.end < 1e9:
		return moment(t, 6)
	}
	return moment(t, 3)
}

// rowsOf finds the rows of the ops that witnesses name.
func (v *view) rowsOf(indexes map[int]bool) map[int]int {
	rows := make(map[int]int, len(indexes))
	for i := range v.Len() {
		if index := v.Index(i); indexes[index] {
			if _, dup := rows[index]; !dup {
				rows[index] = i
			}
		}
	}
	return rows
}
