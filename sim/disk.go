package sim

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"slices"

	"checker/internal/prng"
)

// Crash says what a kill leaves of writes that were not synced.
type Crash uint8

const (
	// CrashMixed keeps, file by file, nothing, everything or a prefix of the
	// unsynced writes, the last of them possibly torn: power failed. This is
	// the mode a disk starts with.
	CrashMixed Crash = iota
	// CrashLosesAll keeps nothing that was not synced: power failed before the
	// cache wrote anything back.
	CrashLosesAll
	// CrashKeepsAll keeps every write: only the process died, and the
	// operating system still has its cache.
	CrashKeepsAll
)

func (c Crash) String() string { return [...]string{"mixed", "loses-all", "keeps-all"}[c] }

// DiskCounters counts what was done to a disk.
type DiskCounters struct {
	Appends   uint64
	Bytes     uint64 // appended
	Syncs     uint64 // issued
	Crashes   uint64 // kills that met at least one unsynced write
	LostBytes uint64 // appended, not synced and gone after a kill
}

// Disk holds a host's files, by name, and survives its process. Writes go to a
// cache at once and become durable by a sync or by luck: see Crash. Removing
// and renaming are atomic, durable at once and in order with each other, as on
// a journalling file system mounted with dirsync; a renamed file takes its
// unsynced writes along.
//
// Methods that change the disk do nothing while the host is down: they come
// from a program that was killed in the middle of its step.
type Disk struct {
	host     *Host
	files    map[string]*file
	latency  Latency
	mode     Crash
	delays   *rand.Rand
	crashes  *rand.Rand
	lastSync int64 // when the last sync issued completes: a disk syncs in order
	counters DiskCounters
}

func newDisk(h *Host) *Disk {
	return &Disk{
		host:    h,
		files:   map[string]*file{},
		latency: DefaultSyncLatency,
		delays:  prng.New(h.world.seed, "sim/disk/"+h.name),
		crashes: prng.New(h.world.seed, "sim/crash/"+h.name),
	}
}

// SetLatency sets how long syncs issued from now on take: a slow disk.
func (d *Disk) SetLatency(l Latency) { d.latency = l }

// SetCrash sets what kills leave of unsynced writes.
func (d *Disk) SetCrash(c Crash) { d.mode = c }

// Counters returns what was counted since the start.
func (d *Disk) Counters() DiskCounters { return d.counters }

// Files returns the names of all files, sorted.
func (d *Disk) Files() []string {
	names := make([]string, 0, len(d.files))
	for name := range d.files {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Exists reports whether there is a file of this name.
func (d *Disk) Exists(name string) bool { return d.files[name] != nil }

// Size returns the length of a file in bytes, 0 if there is none.
func (d *Disk) Size(name string) int {
	if f := d.files[name]; f != nil {
		return len(f.data)
	}
	return 0
}

// ReadFile returns a copy of what is in a file, synced or not; nil if there is
// no file of this name.
func (d *Disk) ReadFile(name string) []byte {
	if f := d.files[name]; f != nil {
		return append([]byte{}, f.data...)
	}
	return nil
}

// Append adds data, which it copies, to the end of a file. The file is made if
// it does not exist.
func (d *Disk) Append(name string, data []byte) {
	if !d.host.Up() {
		return
	}
	d.counters.Appends++
	d.counters.Bytes += uint64(len(data))
	d.open(name).append(data)
}

// Truncate cuts a file to size bytes; it does nothing if the file is not longer
// than that. Like an append it is durable only after a sync.
func (d *Disk) Truncate(name string, size int) {
	if f := d.files[name]; f != nil && d.host.Up() {
		if size < 0 {
			panic(fmt.Sprintf("sim: truncate %q to %d bytes", name, size))
		}
		f.truncate(size)
	}
}

// Remove deletes a file, if there is one, for good.
func (d *Disk) Remove(name string) {
	if d.host.Up() {
		delete(d.files, name)
	}
}

// Rename gives a file another name, in place of whatever had that name. It does
// nothing if there is no such file.
func (d *Disk) Rename(from, to string) {
	if f := d.files[from]; f != nil && d.host.Up() && from != to {
		delete(d.files, from)
		d.files[to] = f
	}
}

// syncing is a sync on its way.
type syncing struct {
	host        *Host
	file        *file // nil if there is none
	upTo        uint64
	token       uint64
	incarnation uint32
	err         error
}

// Sync makes durable all that was appended to or truncated from a file so far,
// and nothing later; the program is told by DiskDone with the token. Until then
// a kill may lose it. Syncs of a disk complete in the order of issue. Syncing a
// file that does not exist fails with fs.ErrNotExist.
func (d *Disk) Sync(name string, token uint64) {
	if !d.host.Up() {
		return
	}
	d.counters.Syncs++
	s := syncing{host: d.host, token: token, incarnation: d.host.incarnation}
	if s.file = d.files[name]; s.file == nil {
		s.err = fs.ErrNotExist
	} else {
		s.upTo = s.file.written()
	}
	w := d.host.world
	d.lastSync = max(d.lastSync, w.now+d.latency.draw(d.delays))
	w.schedule(d.lastSync, kindDisk, w.syncs.put(s))
}

// syncDone handles the completion of a sync and reports whether anything came
// of it: a sync that a killed process had issued is void.
func (w *World) syncDone(e event) bool {
	s := w.syncs.items[e.slot]
	h := s.host
	if s.incarnation != h.incarnation || h.state == Down {
		w.syncs.take(e.slot)
		return false
	}
	if s.err == nil {
		s.file.sync(s.upTo)
	}
	if h.holds() {
		h.inbox.push(e)
		return true
	}
	w.syncs.take(e.slot)
	h.program.DiskDone(s.token, s.err)
	return true
}

// open returns the file of this name, made if need be.
func (d *Disk) open(name string) *file {
	f := d.files[name]
	if f == nil {
		f = &file{}
		d.files[name] = f
	}
	return f
}

// crash applies a kill to all files and returns how many bytes were lost.
func (d *Disk) crash() uint64 {
	var lost uint64
	var met bool
	for _, name := range d.Files() {
		f := d.files[name]
		if len(f.pending) == 0 {
			continue
		}
		met = true
		keep := f.pendingUnits()
		switch d.mode {
		case CrashLosesAll:
			keep = 0
		case CrashMixed:
			keep = d.survivors(keep)
		}
		lost += f.crash(keep)
	}
	if met {
		d.counters.Crashes++
	}
	d.counters.LostBytes += lost
	return lost
}

// survivors draws how much of units of unsynced writes a power failure spares:
// nothing and everything one time in four each, as those are the cases a
// uniform draw would hardly ever give, and any prefix otherwise.
func (d *Disk) survivors(units int) int {
	switch d.crashes.IntN(4) {
	case 0:
		return 0
	case 1:
		return units
	}
	return d.crashes.IntN(units + 1)
}
