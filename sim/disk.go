package sim

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"slices"

	"checker/internal/prng"
)

// Disk holds a host's files, by name, and survives its process. Writes go to a
// cache at once, which outlives the process but not the power, and become durable
// by a sync or by luck: see Crash. What else can go wrong is in DiskFaults. Removing
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
	faults   DiskFaults
	capacity int // in bytes, while faults.Full
	delays   *rand.Rand
	crashes  *rand.Rand
	mishaps  *rand.Rand
	rot      *rand.Rand
	scars    []scar // what Mend can take back
	spoilt   bool   // there was something that it could not
	lastSync int64  // when the last sync issued completes: a disk syncs in order
	counters DiskCounters
}

func newDisk(h *Host) *Disk {
	return &Disk{
		host:    h,
		files:   map[string]*file{},
		latency: DefaultSyncLatency,
		delays:  prng.New(h.world.seed, "sim/disk/"+h.name),
		crashes: prng.New(h.world.seed, "sim/crash/"+h.name),
		mishaps: prng.New(h.world.seed, "sim/mishap/"+h.name),
		rot:     prng.New(h.world.seed, "sim/rot/"+h.name),
	}
}

// SetLatency sets how long syncs issued from now on take.
func (d *Disk) SetLatency(l Latency) { d.latency = l }

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

// ReadFile returns a copy of what is in a file, synced or not. The error is
// fs.ErrNotExist or ErrIO.
func (d *Disk) ReadFile(name string) ([]byte, error) {
	f := d.files[name]
	if f == nil {
		return nil, fs.ErrNotExist
	}
	d.wait(d.faults.ReadDelay)
	if d.fails(d.faults.ReadError) {
		return nil, ErrIO
	}
	data := append([]byte{}, f.data...)
	d.flip(data)
	return data, nil
}

// Append adds data, which it copies, to the end of a file. The file is made if
// it does not exist. After ErrIO nothing was added, after ErrNoSpace what fitted.
func (d *Disk) Append(name string, data []byte) error {
	if !d.host.Up() {
		return nil
	}
	d.wait(d.faults.WriteDelay)
	if d.fails(d.faults.WriteError) {
		return ErrIO
	}
	fits := d.room(len(data))
	d.counters.Appends++
	d.counters.Bytes += uint64(fits)
	d.open(name).append(data[:fits])
	if fits < len(data) {
		d.counters.Refused++
		return ErrNoSpace
	}
	return nil
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
// a loss of power may lose it. Syncs of a disk complete in the order of issue.
// Syncing a file that does not exist fails with fs.ErrNotExist; ErrIO is a fault.
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
	if s.err == nil && d.fails(d.faults.SyncError) {
		s.err = ErrIO
	}
	w := d.host.world
	d.counters.Delayed += d.faults.SyncDelay
	d.lastSync = max(d.lastSync, w.now+d.latency.draw(d.delays)+int64(d.faults.SyncDelay))
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
	switch {
	case s.err == nil:
		s.file.sync(s.upTo)
	case s.file != nil:
		s.file.doom(s.upTo)
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
