package sim

import (
	"errors"
	"fmt"
	"time"
)

// What a faulty disk answers.
var (
	ErrIO      = errors.New("input/output error")
	ErrNoSpace = errors.New("no space left on device")
)

// DiskFaults is what is wrong with a disk. Each chance is from 0 to 1, per
// operation and independent of the others.
type DiskFaults struct {
	ReadError  float64 // chance of ErrIO in place of what was read
	WriteError float64 // chance of ErrIO in place of an append
	// SyncError is the chance that a sync ends with ErrIO. What it should
	// have made durable never will be, though it can be read and a later sync
	// succeeds: a failed fsync leaves the pages of the cache marked clean.
	SyncError float64
	Flip      float64 // chance that one bit of what was read is flipped on its way; the medium is right

	// The process waits for that long with each operation: what happens to it
	// meanwhile waits in its inbox. A sync is waited for in the background.
	ReadDelay, WriteDelay, SyncDelay time.Duration

	Full bool // only Left more bytes fit, and what is freed by removing and truncating
	Left int
}

// DiskCounters counts what was done to a disk.
type DiskCounters struct {
	Appends   uint64
	Bytes     uint64 // appended
	Syncs     uint64 // issued
	Crashes   uint64 // losses of power that met at least one unsynced write
	LostBytes uint64 // appended, not synced and gone after a loss of power
	Errors    uint64 // operations that failed with ErrIO
	Refused   uint64 // appends that failed with ErrNoSpace
	Flipped   uint64 // bits, of what was read
	Delayed   time.Duration
}

// SetFaults makes the disk faulty from now on, in place of earlier faults; the
// zero value mends it.
func (d *Disk) SetFaults(f DiskFaults) {
	for _, p := range []float64{f.ReadError, f.WriteError, f.SyncError, f.Flip} {
		if !(p >= 0 && p <= 1) {
			panic(fmt.Sprintf("sim: %v is no probability", p))
		}
	}
	if f.ReadDelay < 0 || f.WriteDelay < 0 || f.SyncDelay < 0 || f.Left < 0 {
		panic(fmt.Sprintf("sim: negative delay or space in %+v", f))
	}
	d.faults = f
	d.capacity = d.used() + f.Left
}

// used returns how many bytes all files have.
func (d *Disk) used() (sum int) {
	for _, f := range d.files {
		sum += len(f.data)
	}
	return sum
}

// happens draws whether a fault of that chance strikes now.
func (d *Disk) happens(chance float64) bool {
	return chance > 0 && d.mishaps.Float64() < chance
}

// fails draws whether an operation fails with ErrIO.
func (d *Disk) fails(chance float64) bool {
	if !d.happens(chance) {
		return false
	}
	d.counters.Errors++
	return true
}

// wait has the process wait for its disk.
func (d *Disk) wait(delay time.Duration) {
	if delay > 0 {
		d.counters.Delayed += delay
		d.host.stall(delay)
	}
}

// flip flips one bit of data, if that fault strikes.
func (d *Disk) flip(data []byte) {
	if len(data) > 0 && d.happens(d.faults.Flip) {
		d.counters.Flipped++
		data[d.mishaps.IntN(len(data))] ^= 1 << d.mishaps.IntN(8)
	}
}

// room returns how many of n bytes fit on the disk.
func (d *Disk) room(n int) int {
	if !d.faults.Full {
		return n
	}
	return max(0, min(n, d.capacity-d.used()))
}
