package sim

// file is what the cache shows (data) over what the medium holds (durable),
// with the writes between the two in order. Durable plus all pending writes is
// always data.
type file struct {
	data    []byte
	durable []byte
	pending []write
	synced  uint64 // number of writes that are durable; pending[0] is the next
}

// write is one unsynced change: an append of data, or a truncation to size.
type write struct {
	data     []byte // aliases the file's data, whose bytes never change in place
	size     int
	truncate bool
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
	f.data = append(f.data, data...)
	f.pending = append(f.pending, write{data: f.data[start:]})
}

func (f *file) truncate(size int) {
	if size >= len(f.data) {
		return
	}
	// Capacity goes too: the next append must not overwrite bytes that
	// pending writes still refer to.
	f.data = f.data[:size:size]
	f.pending = append(f.pending, write{size: size, truncate: true})
}

// sync makes the writes up to number upTo durable.
func (f *file) sync(upTo uint64) {
	if upTo <= f.synced {
		return
	}
	n := int(upTo - f.synced)
	for _, w := range f.pending[:n] {
		f.harden(w)
	}
	rest := copy(f.pending, f.pending[n:])
	clear(f.pending[rest:])
	f.pending = f.pending[:rest]
	f.synced = upTo
}

// harden applies a write to the medium.
func (f *file) harden(w write) {
	if w.truncate {
		f.durable = f.durable[:w.size]
		return
	}
	f.durable = append(f.durable, w.data...)
}

// pendingUnits is the length of all unsynced writes.
func (f *file) pendingUnits() int {
	var sum int
	for _, w := range f.pending {
		sum += w.units()
	}
	return sum
}

// crash keeps the first units of the unsynced writes, makes what the medium
// then holds the file, and returns how many appended bytes were lost.
func (f *file) crash(keep int) (lost uint64) {
	for _, w := range f.pending {
		n := min(keep, w.units())
		keep -= n
		switch {
		case !w.truncate:
			f.harden(write{data: w.data[:n]})
			lost += uint64(len(w.data) - n)
		case n == 1:
			f.harden(w)
		}
	}
	f.synced = f.written()
	f.pending = nil
	f.data = append([]byte{}, f.durable...)
	return lost
}
