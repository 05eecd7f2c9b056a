package sim

import "slices"

// file is what the cache shows (data) over what the medium holds (durable),
// with the writes between the two in order. Durable plus all pending writes is
// data, but for what was doomed.
type file struct {
	data    []byte
	durable []byte
	pending []write
	synced  uint64 // number of writes that are durable; pending[0] is the next
	doomed  uint64 // bytes in the cache only, that no sync will cover any more
	parted  bool   // durable plus pending writes is not data: something is missing
}

// write is one unsynced change: an append of data at an offset, or a truncation to
// that.
type write struct {
	at       int
	data     []byte // aliases the file's data, whose bytes never change in place
	file     []byte // the file's data up to and with it
	truncate bool
	doomed   bool // its sync failed: it will never be durable
}

// units is the length of a write on the scale on which a crash cuts: an append
// can be torn at each byte, a truncation happens or does not.
func (w write) units() int {
	if w.truncate {
		return 1
	}
	return len(w.data)
}

// written numbers the last write made.
func (f *file) written() uint64 { return f.synced + uint64(len(f.pending)) }

func (f *file) append(data []byte) {
	if len(data) == 0 {
		return
	}
	start := len(f.data)
	if start+len(data) > cap(f.data) { // double: append would copy a large file often
		f.data = slices.Grow(f.data, start+len(data))
	}
	f.data = append(f.data, data...)
	f.pending = append(f.pending, write{at: start, data: f.data[start:], file: f.data})
}

func (f *file) truncate(size int) {
	if size >= len(f.data) {
		return
	}
	// Capacity goes too: the next append must not overwrite bytes that
	// pending writes still refer to.
	f.data = f.data[:size:size]
	f.pending = append(f.pending, write{at: size, truncate: true})
}

// sync makes the writes up to number upTo durable.
func (f *file) sync(upTo uint64) {
	if upTo <= f.synced {
		return
	}
	n := int(upTo - f.synced)
	for _, w := range f.pending[:n] {
		f.harden(w, w.units())
		if w.doomed {
			f.doomed += uint64(len(w.data))
		}
	}
	rest := copy(f.pending, f.pending[n:])
	clear(f.pending[rest:])
	f.pending = f.pending[:rest]
	f.synced = upTo
}

// doom makes the appends among the writes up to number upTo impossible to sync.
func (f *file) doom(upTo uint64) {
	for i := range f.pending[:max(upTo, f.synced)-f.synced] {
		f.pending[i].doomed = !f.pending[i].truncate
	}
}

// harden applies the first units of a write to the medium. Where earlier writes are
// missing, that holds zeros. Where none is, the medium then holds what the file
// did, so the two share their bytes; nothing is ever appended in that place.
func (f *file) harden(w write, units int) {
	switch end := w.at + units; {
	case units == 0 || w.doomed:
		f.parted = true
	case w.truncate:
		size := min(w.at, len(f.durable))
		f.durable = f.durable[:size:size]
	case !f.parted && len(f.durable) == w.at:
		f.durable = w.file[:end:end]
	default:
		if gap := w.at - len(f.durable); gap > 0 {
			f.parted = true
			f.durable = append(f.durable, make([]byte, gap)...)
		}
		f.durable = append(f.durable, w.data[:units]...)
	}
}

// pendingUnits is the length of all unsynced writes.
func (f *file) pendingUnits() int {
	var sum int
	for _, w := range f.pending {
		sum += w.units()
	}
	return sum
}

// keep spreads so many units over the unsynced writes, in their order.
func (f *file) keep(kept []int, units int) {
	for i, w := range f.pending {
		kept[i] = min(units, w.units())
		units -= kept[i]
	}
}

// crash keeps so many units of each of the unsynced writes, makes what the medium
// then holds the file, and returns how many appended bytes were lost.
func (f *file) crash(kept []int) (lost uint64) {
	for i, w := range f.pending {
		f.harden(w, kept[i])
		if w.doomed {
			kept[i] = 0
		}
		lost += uint64(len(w.data) - min(kept[i], len(w.data)))
	}
	lost += f.doomed
	f.synced, f.doomed, f.parted = f.written(), 0, false
	f.pending = nil
	f.data = append([]byte{}, f.durable...)
	return lost
}
