package sim

import (
	"fmt"
	"slices"
)

// Crash says what a loss of power leaves of writes that were not synced. Each
// file fares by itself; what was synced always stays.
type Crash uint8

const (
	// CrashMixed draws one of the others for each file.
	CrashMixed Crash = iota
	// CrashLosesAll keeps nothing: the cache had written nothing back.
	CrashLosesAll
	// CrashPrefix keeps the first of the writes, and of the one behind them the
	// first bytes: the cache wrote back in order.
	CrashPrefix
	// CrashSubset keeps some writes and loses others, whichever came first:
	// the cache wrote back as it pleased. Where a write is lost and a later
	// one was kept, the file holds zeros. A truncation is a change of the
	// directory, which a journal keeps in order: with it all behind it is lost.
	CrashSubset
	// CrashTorn keeps everything but the end of the last write.
	CrashTorn
)

var crashNames = [...]string{"mixed", "nothing", "prefix", "subset", "torn"}

// String names what is kept.
func (c Crash) String() string { return crashNames[c] }

// ParseCrash reads what String prints.
func ParseCrash(name string) (Crash, error) {
	if i := slices.Index(crashNames[:], name); i >= 0 {
		return Crash(i), nil
	}
	return 0, fmt.Errorf("no crash keeps %q: expected one of %v", name, crashNames)
}

// PowerOff cuts the power of a machine: its process ends, if there is one, and
// its disk forgets what was not synced, as c says, that of earlier processes
// included. It returns how many bytes were lost, and whether there was a process.
func (h *Host) PowerOff(c Crash) (lost uint64, killed bool) {
	killed = h.end()
	lost = h.disk.crash(c)
	h.world.note(Event{Kind: PowerLost, Host: h, Value: int64(lost)})
	if killed {
		h.dropInbox()
	}
	return lost, killed
}

// crash applies a loss of power to all files and returns how many bytes were
// lost.
func (d *Disk) crash(c Crash) uint64 {
	var lost uint64
	var met bool
	for _, name := range d.Files() {
		f := d.files[name]
		met = met || len(f.pending) > 0 || f.doomed > 0
		lost += f.crash(d.survivors(f, c))
	}
	if met {
		d.counters.Crashes++
	}
	d.counters.LostBytes += lost
	return lost
}

// survivors draws how much of each unsynced write of a file a crash spares, in
// units of that write.
func (d *Disk) survivors(f *file, c Crash) []int {
	kept := make([]int, len(f.pending))
	if len(kept) == 0 {
		return kept
	}
	switch c {
	case CrashMixed:
		return d.mixed(f)
	case CrashPrefix:
		f.keep(kept, d.crashes.IntN(f.pendingUnits()+1))
	case CrashTorn:
		last := f.pending[len(kept)-1].units()
		f.keep(kept, f.pendingUnits()-1-d.crashes.IntN(last))
	case CrashSubset:
		for i, w := range f.pending {
			if d.crashes.IntN(2) == 0 {
				kept[i] = w.units()
			} else if w.truncate {
				break
			}
		}
	}
	return kept
}

// mixed keeps nothing and everything one time in five each, as those are the
// cases a uniform draw would hardly ever give, and a part otherwise.
func (d *Disk) mixed(f *file) []int {
	switch d.crashes.IntN(5) {
	case 0:
		return d.survivors(f, CrashLosesAll)
	case 1:
		kept := make([]int, len(f.pending))
		f.keep(kept, f.pendingUnits())
		return kept
	case 2:
		return d.survivors(f, CrashSubset)
	case 3:
		return d.survivors(f, CrashTorn)
	}
	return d.survivors(f, CrashPrefix)
}
