//go:build linux

package agent

import (
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"checker/internal/prng"
)

// drive is the disk of a node, which can be faulty.
type drive struct {
	medium *medium

	mu     sync.Mutex
	random *rand.Rand
	damage Damage
	counts Troubles
	cut    bool // the power: nothing gets to the disk any more
}

// cutPower ends or restores the power of the disk.
func (d *drive) cutPower(cut bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cut = cut
}

func newDrive(seed uint64) *drive {
	return &drive{medium: newMedium(prng.New(seed, "agent/power")), random: prng.New(seed, "agent/disk")}
}

func (d *drive) impair(damage Damage) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.damage = damage
}

func (d *drive) count() Troubles {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.counts
}

// suffer has an operation take longer, and fail by chance.
func (d *drive) suffer(slow func(Damage) time.Duration, chance func(Damage) float64) error {
	d.mu.Lock()
	wait, fails := slow(d.damage), d.happens(chance(d.damage))
	d.counts.Delayed += wait
	if fails {
		d.counts.Failed++
	}
	d.mu.Unlock()
	time.Sleep(wait)
	d.mu.Lock()
	fails = fails || d.cut
	d.mu.Unlock()
	if fails {
		return unix.EIO
	}
	return nil
}

func (d *drive) happens(chance float64) bool { return chance > 0 && d.random.Float64() < chance }

// read reads from an open file.
func (d *drive) read(fd int, into []byte, off int64) (int, error) {
	if err := d.suffer(func(g Damage) time.Duration { return g.SlowRead }, func(g Damage) float64 { return g.Read }); err != nil {
		return 0, err
	}
	n, err := unix.Pread(fd, into, off)
	d.mu.Lock()
	defer d.mu.Unlock()
	if n > 0 && d.happens(d.damage.Flip) {
		bit := d.random.IntN(8 * n)
		into[bit/8] ^= 1 << (bit % 8)
		d.counts.Flipped++
	}
	return n, err
}

// write writes to an open file, as much as fits.
func (d *drive) write(fd int, data []byte, off int64) (int, error) {
	if err := d.suffer(func(g Damage) time.Duration { return g.SlowWrite }, func(g Damage) float64 { return g.Write }); err != nil {
		return 0, err
	}
	size, err := sizeOf(fd)
	if err != nil {
		return 0, err
	}
	grows := max(0, off+int64(len(data))-max(size, off))
	if missing := grows - d.take(grows); missing > 0 {
		if data = data[:int64(len(data))-missing]; len(data) == 0 {
			return 0, unix.ENOSPC
		}
	}
	return d.medium.write(fd, data, off)
}

func sizeOf(fd int) (int64, error) {
	var st unix.Stat_t
	err := unix.Fstat(fd, &st)
	return st.Size, err
}

// take takes so many bytes of what is left, or as many as there are. It counts a
// refusal when they are fewer.
func (d *drive) take(n int64) int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.damage.Full || n == 0 {
		return n
	}
	fit := min(n, d.damage.Left)
	d.damage.Left -= fit
	if fit < n {
		d.counts.Refused++
	}
	return fit
}

// free gives bytes back.
func (d *drive) free(n int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.damage.Left += n
}

// resize changes the size of an open file; see medium.resize.
func (d *drive) resize(fd int, to, off, n int64, do func() error) error {
	size, err := sizeOf(fd)
	if err != nil {
		return err
	}
	if to > size && d.take(to-size) < to-size {
		return unix.ENOSPC
	}
	d.free(max(0, size-to))
	return d.medium.resize(fd, off, n, do)
}

// sync syncs an open file. The file below is not: what the machine itself would
// lose is not the question.
func (d *drive) sync(fd int) error {
	failed := d.suffer(func(g Damage) time.Duration { return g.SlowSync }, func(g Damage) float64 { return g.Sync })
	if err := d.medium.sync(fd, failed != nil); err != nil {
		return err
	}
	return failed
}
