//go:build linux

package agent

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"sync"

	"golang.org/x/sys/unix"
)

// blockSize is the grain at which the cache of the kernel is imitated: a page.
const blockSize = 4096

// forgetAfter bounds what is remembered, in bytes. Beyond it everything counts as
// written back, as the kernel would have done with so much by then.
const forgetAfter = 128 << 20

// medium remembers what a disk would hold if the power went now. The files
// themselves hold what has been written, synced or not; beside them stands, for
// every page that is not synced, what the disk has in its place. Names are as in a
// file system with a journal: any sync makes all earlier changes of them durable.
type medium struct {
	mu     sync.Mutex
	random *rand.Rand
	files  map[inode]*dirty
	order  []inode // as they became dirty, for losses that a seed decides
	names  []change
	memory int // bytes remembered
}

// inode identifies a file. While one is dirty it is held open, so its number is not
// used again.
type inode struct{ dev, ino uint64 }

// dirty is a file with content that is not synced.
type dirty struct {
	file   *os.File
	size   int64 // that is durable
	low    int64 // the smallest size since
	pages  map[int64]*page
	writes []extent // since the last sync, in order
}

// page is what the disk has in place of a page that is not synced: at most
// blockSize bytes, and zeros behind them.
type page struct {
	old    []byte
	doomed bool // a sync failed, and the kernel takes it for clean: no later sync writes it
}

// extent is a range of a file that was written.
type extent struct{ off, n int64 }

// change is a change of a name, and what takes it back.
type change struct {
	undo func() error
	held *os.File // that is kept open for it; nil for none
}

func newMedium(r *rand.Rand) *medium { return &medium{random: r, files: map[inode]*dirty{}} }

// track returns the record of an open file, which it begins if there is none.
func (m *medium) track(fd int) (*dirty, error) {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return nil, err
	}
	id := inode{st.Dev, st.Ino}
	if d := m.files[id]; d != nil {
		return d, nil
	}
	file, err := os.OpenFile(fmt.Sprintf("/proc/self/fd/%d", fd), os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	d := &dirty{file: file, size: st.Size, low: st.Size, pages: map[int64]*page{}}
	m.files[id] = d
	m.order = append(m.order, id)
	return d, nil
}

// save keeps what the disk has in a range that is about to change.
func (m *medium) save(d *dirty, off, n int64) error {
	for at := off / blockSize; at*blockSize < off+n; at++ {
		if p := d.pages[at]; p != nil {
			p.doomed = false // the page is dirty again, and the next sync writes all of it
			continue
		}
		p := &page{}
		if left := d.size - at*blockSize; left > 0 {
			p.old = make([]byte, min(blockSize, left))
			if _, err := d.file.ReadAt(p.old, at*blockSize); err != nil && err != io.EOF {
				return err
			}
		}
		d.pages[at] = p
		m.memory += len(p.old) + 64
	}
	return nil
}

// write is told of a write to an open file and does it.
func (m *medium) write(fd int, data []byte, off int64) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	d, err := m.track(fd)
	if err != nil {
		return 0, err
	}
	if err := m.save(d, off, int64(len(data))); err != nil {
		return 0, err
	}
	n, err := unix.Pwrite(fd, data, off)
	if n > 0 {
		d.writes = append(d.writes, extent{off, int64(n)})
	}
	m.writeBack()
	return n, err
}

// resize is told that an open file gets another size, and has it done. A range of
// length n from off loses its content by it, if n > 0.
func (m *medium) resize(fd int, off, n int64, do func() error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	d, err := m.track(fd)
	if err != nil {
		return err
	}
	var before, after unix.Stat_t
	if err := unix.Fstat(fd, &before); err != nil {
		return err
	}
	if n = min(n, before.Size-off); n > 0 {
		if err := m.save(d, off, n); err != nil {
			return err
		}
	}
	if err := do(); err != nil {
		return err
	}
	if err := unix.Fstat(fd, &after); err != nil {
		return err
	}
	if d.low = min(d.low, after.Size); after.Size > before.Size {
		d.writes = append(d.writes, extent{after.Size, 0})
	}
	m.writeBack()
	return nil
}

// sync makes a file durable, and all names. A failed one dooms what it should have
// written: it can be read, but no later sync makes it durable unless it is written
// again.
func (m *medium) sync(fd int, fails bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return err
	}
	if !fails {
		m.keepNames()
	}
	id := inode{st.Dev, st.Ino}
	d := m.files[id]
	if d == nil {
		return nil
	}
	d.writes = nil
	for at, p := range d.pages {
		switch {
		case fails:
			p.doomed = true
		case !p.doomed:
			m.memory -= len(p.old) + 64
			delete(d.pages, at)
		}
	}
	if fails {
		return nil
	}
	d.size, d.low = st.Size, st.Size
	if len(d.pages) == 0 {
		m.forget(id)
	}
	return nil
}

// syncNames makes all names durable: the sync of a folder.
func (m *medium) syncNames() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.keepNames()
}

func (m *medium) keepNames() {
	for _, c := range m.names {
		c.held.Close() // nil has an error, too
	}
	m.names = nil
}

// changed is told of a change of a name that do makes.
func (m *medium) changed(do func() (change, error)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	c, err := do()
	if err == nil {
		m.names = append(m.names, c)
	}
	return err
}

func (m *medium) forget(id inode) {
	d := m.files[id]
	d.file.Close()
	for _, p := range d.pages {
		m.memory -= len(p.old) + 64
	}
	delete(m.files, id)
	m.order = slices.DeleteFunc(m.order, func(o inode) bool { return o == id })
}

// writeBack makes everything durable when it is too much to remember.
func (m *medium) writeBack() {
	if m.memory > forgetAfter {
		m.settle()
	}
}

// settle makes everything durable.
func (m *medium) settle() {
	for _, id := range slices.Clone(m.order) {
		m.forget(id)
	}
	m.keepNames()
}

// lose makes the files hold what a loss of power leaves, and returns how many bytes
// of what was written are lost. Nobody uses them meanwhile.
func (m *medium) lose(keep string) (lost uint64, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var errs []error
	for _, id := range m.order {
		n, err := m.files[id].lose(m.draw(keep), m.random)
		lost += n
		errs = append(errs, err)
	}
	kept := len(m.names)
	switch keep {
	case "nothing":
		kept = 0
	case "torn":
	default:
		kept = m.random.IntN(kept + 1)
	}
	for _, c := range slices.Backward(m.names[kept:]) {
		errs = append(errs, c.undo())
	}
	m.settle()
	return lost, errors.Join(errs...)
}

// draw decides what mixed means for one file.
func (m *medium) draw(keep string) string {
	if keep != "mixed" {
		return keep
	}
	return []string{"nothing", "everything", "subset", "torn", "prefix"}[m.random.IntN(5)]
}

// survivors are what of the writes is kept.
func (d *dirty) survivors(keep string, r *rand.Rand) []extent {
	var total int64
	for _, w := range d.writes {
		total += w.n
	}
	first := int64(0) // so many bytes of the writes, in order
	switch keep {
	case "everything":
		first = total
	case "prefix":
		first = r.Int64N(total + 1)
	case "torn":
		if n := len(d.writes); n > 0 {
			first = total - 1 - r.Int64N(max(1, d.writes[n-1].n))
		}
	case "subset":
		return slices.DeleteFunc(slices.Clone(d.writes), func(extent) bool { return r.IntN(2) == 0 })
	}
	var kept []extent
	for _, w := range d.writes {
		if w.n > first || keep == "nothing" {
			if first > 0 {
				kept = append(kept, extent{w.off, first})
			}
			break
		}
		kept = append(kept, w)
		first -= w.n
	}
	return kept
}

// lose makes one file hold what is left of it.
func (d *dirty) lose(keep string, r *rand.Rand) (lost uint64, err error) {
	kept := d.survivors(keep, r)
	size := d.size
	if keep != "nothing" {
		size = d.low
	}
	covered := map[int64][]bool{} // by page: which bytes are not lost
	gone := without(d.writes, kept)
	for _, w := range kept {
		size = max(size, w.off+w.n)
		mark(covered, w, true)
	}
	for _, w := range gone { // where one write is lost and another is not, the page was not written back
		mark(covered, w, false)
	}
	for at, p := range d.pages {
		n, err := d.revert(at, p, covered[at], size)
		if err != nil {
			return lost, err
		}
		lost += n
	}
	st, err := d.file.Stat()
	if err != nil {
		return lost, err
	}
	lost += uint64(max(0, st.Size()-size))
	return lost, d.file.Truncate(size)
}

// without returns what of the writes is not kept. The kept ones are some of them in
// order, the last perhaps cut short.
func without(writes, kept []extent) []extent {
	var gone []extent
	for _, w := range writes {
		switch {
		case len(kept) > 0 && kept[0] == w:
			kept = kept[1:]
		case len(kept) == 1 && kept[0].off == w.off && kept[0].n < w.n:
			gone = append(gone, extent{w.off + kept[0].n, w.n - kept[0].n})
			kept = nil
		default:
			gone = append(gone, w)
		}
	}
	return gone
}

// mark notes of each byte of a range whether it is kept.
func mark(covered map[int64][]bool, w extent, kept bool) {
	for at := w.off; at < w.off+w.n; at++ {
		b := covered[at/blockSize]
		if b == nil {
			b = make([]bool, blockSize)
			covered[at/blockSize] = b
		}
		b[at%blockSize] = kept
	}
}

// revert gives a page its durable content where it is not kept, as far as the file
// will reach, and returns how many bytes that changes.
func (d *dirty) revert(at int64, p *page, kept []bool, size int64) (changed uint64, err error) {
	n := min(blockSize, size-at*blockSize)
	if n <= 0 {
		return 0, nil
	}
	now, then := make([]byte, n), make([]byte, n)
	if _, err := d.file.ReadAt(now, at*blockSize); err != nil && err != io.EOF {
		return 0, err
	}
	copy(then, p.old)
	for i := range then {
		if kept != nil && kept[i] && !p.doomed {
			then[i] = now[i]
		} else if then[i] != now[i] {
			changed++
		}
	}
	_, err = d.file.WriteAt(then, at*blockSize)
	return changed, err
}
