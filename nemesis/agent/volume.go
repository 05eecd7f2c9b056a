//go:build linux

package agent

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// volume is the files of a database that is down, as they lie on its volume. Nothing
// outside of it is ever opened: links are not followed.
type volume struct {
	root  *os.Root
	scars []scar
}

// scar remembers what was damaged of a file, and how that was left.
type scar struct {
	name string
	off  int64
	was  []byte
	size int64
	time time.Time // of the last write
}

// openVolume tries whether files of a folder can be damaged.
func openVolume(folder string) (*volume, error) {
	root, err := os.OpenRoot(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w; a pod has the volume only when a run asks for disk faults", err)
	}
	if err != nil {
		return nil, err
	}
	if err := unix.Access(folder, unix.R_OK|unix.W_OK|unix.X_OK); err != nil {
		return nil, fmt.Errorf("%s: %w", folder, err)
	}
	return &volume{root: root}, nil
}

// sized is a file and its length.
type sized struct {
	name string
	size int64
}

// files lists the regular files that are not empty, in the order of their names.
func (v *volume) files() (all []sized, total int64, err error) {
	err = fs.WalkDir(v.root.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		info, err := e.Info()
		if err == nil && info.Size() > 0 {
			all = append(all, sized{name, info.Size()})
			total += info.Size()
		}
		return err
	})
	return all, total, err
}

// locate finds a byte by its place among those of all files.
func locate(all []sized, at int64) (name string, off int64) {
	for _, f := range all {
		if at < f.size {
			return f.name, at
		}
		at -= f.size
	}
	panic("the volume has fewer bytes")
}

// rot flips so many bits, at random over all files, and returns how many of which;
// fewer if there are not that many.
func (v *volume) rot(bits int64, r *rand.Rand) ([]Harm, error) {
	all, total, err := v.atRest()
	if err != nil {
		return nil, err
	}
	bits = min(bits, 8*total)
	harm := map[string]int64{}
	for done := map[int64]bool{}; int64(len(done)) < bits; {
		bit := r.Int64N(8 * total)
		if done[bit] {
			continue
		}
		done[bit] = true
		name, off := locate(all, bit/8)
		err = v.edit(name, func(f *os.File) error {
			var b [1]byte
			if _, err := f.ReadAt(b[:], off); err != nil {
				return err
			}
			v.scars = append(v.scars, scar{name: name, off: off, was: []byte{b[0]}})
			b[0] ^= 1 << (bit % 8)
			_, err := f.WriteAt(b[:], off)
			return err
		})
		if err != nil {
			break
		}
		harm[name]++
	}
	var told []Harm
	for _, f := range all {
		if harm[f.name] > 0 {
			told = append(told, Harm{f.name, harm[f.name]})
		}
	}
	return told, errors.Join(err, v.leave())
}

// cutOff takes so many bytes, or as many as there are, off the end of a file, drawn by
// length, and returns which.
func (v *volume) cutOff(bytes int64, r *rand.Rand) ([]Harm, error) {
	all, total, err := v.atRest()
	if err != nil || total == 0 {
		return nil, err
	}
	name, _ := locate(all, r.Int64N(total))
	var cut int64
	err = v.edit(name, func(f *os.File) error {
		size, err := f.Seek(0, io.SeekEnd)
		if err != nil {
			return err
		}
		cut = min(bytes, size)
		was := make([]byte, min(cut, mostMended))
		if _, err := f.ReadAt(was, size-int64(len(was))); err != nil {
			return err
		}
		if cut <= mostMended {
			v.scars = append(v.scars, scar{name: name, off: size - cut, was: was})
		}
		return f.Truncate(size - cut)
	})
	return []Harm{{name, cut}}, errors.Join(err, v.leave())
}

// mostMended is how much of what was cut off is kept, so that it can be put back.
const mostMended = 64 << 20

// atRest mends the files, and lists them.
func (v *volume) atRest() ([]sized, int64, error) {
	if err := v.mend(); err != nil {
		return nil, 0, err
	}
	return v.files()
}

// leave notes how the damaged files are left.
func (v *volume) leave() error {
	for i := range v.scars {
		info, err := v.root.Lstat(v.scars[i].name)
		if err != nil {
			return err
		}
		v.scars[i].size, v.scars[i].time = info.Size(), info.ModTime()
	}
	return nil
}

// mend takes back what was done last to files that nobody has written to since.
func (v *volume) mend() error {
	intact := map[string]bool{}
	for _, s := range v.scars {
		info, err := v.root.Lstat(s.name)
		intact[s.name] = err == nil && info.Size() == s.size && info.ModTime().Equal(s.time)
	}
	var errs []error
	for _, s := range slices.Backward(v.scars) { // a byte may have several
		if !intact[s.name] {
			continue
		}
		errs = append(errs, v.edit(s.name, func(f *os.File) error {
			_, err := f.WriteAt(s.was, s.off)
			return err
		}))
	}
	v.scars = nil
	return errors.Join(errs...)
}

// edit opens a file of the volume and syncs what is done to it.
func (v *volume) edit(name string, do func(*os.File) error) error {
	f, err := v.root.OpenFile(name, os.O_RDWR|unix.O_NOFOLLOW, 0)
	if err != nil {
		return err
	}
	return errors.Join(do(f), f.Sync(), f.Close())
}
