//go:build linux

package agent

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// A change of a name is made by do and taken back by removing what it made, or by
// making anew what it removed, under the name that it had.

// made is the change that made a name: a file, a folder, a link.
func made(path string, do func() error) func() (change, error) {
	return func() (change, error) {
		return change{undo: func() error { return os.Remove(path) }}, do()
	}
}

// removed is the change that removes a name.
func removed(path string, do func() error) func() (change, error) {
	return func() (change, error) {
		c, err := remains(path)
		if err == nil {
			err = do()
		}
		if err != nil {
			c.held.Close() // nil has an error, too
		}
		return c, err
	}
}

// renamed is the change that moves a name, perhaps over another one.
func renamed(from, to string, do func() error) func() (change, error) {
	return func() (change, error) {
		c, err := remains(to)
		if errors.Is(err, os.ErrNotExist) {
			c = change{undo: func() error { return nil }}
		} else if err != nil {
			return c, err
		}
		overwritten := c.undo
		c.undo = func() error {
			if err := os.Rename(to, from); err != nil {
				return err
			}
			return overwritten()
		}
		if err := do(); err != nil {
			c.held.Close()
			return c, err
		}
		return c, nil
	}
}

// remains keeps what is needed to make a name again after it was removed.
func remains(path string) (change, error) {
	st, err := os.Lstat(path)
	if err != nil {
		return change{}, err
	}
	switch mode := st.Mode(); {
	case mode.IsDir():
		return change{undo: func() error { return again(path, st, os.Mkdir(path, mode.Perm())) }}, nil
	case mode&os.ModeSymlink != 0:
		target, err := os.Readlink(path)
		return change{undo: func() error { return os.Symlink(target, path) }}, err
	case !mode.IsRegular():
		return change{undo: func() error { return nil }}, nil // a socket or a pipe is of no use after a loss of power
	}
	held, err := os.Open(path)
	if err != nil {
		return change{}, err
	}
	return change{undo: func() error { return revive(held, path, st) }, held: held}, nil
}

// revive gives a file that is held open its name back, or if that was the last one,
// a new file its content.
func revive(held *os.File, path string, st os.FileInfo) error {
	err := unix.Linkat(unix.AT_FDCWD, fmt.Sprintf("/proc/self/fd/%d", held.Fd()), unix.AT_FDCWD, path, unix.AT_SYMLINK_FOLLOW)
	if err == nil {
		return nil
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, st.Mode().Perm())
	if err != nil {
		return err
	}
	size, err := held.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = io.Copy(file, io.NewSectionReader(held, 0, size))
	}
	return again(path, st, errors.Join(err, file.Close()))
}

// again gives what was made again its owner and mode.
func again(path string, st os.FileInfo, err error) error {
	if err != nil {
		return err
	}
	if s, ok := st.Sys().(*syscall.Stat_t); ok {
		err = os.Lchown(path, int(s.Uid), int(s.Gid))
	}
	return errors.Join(err, os.Chmod(path, st.Mode().Perm()))
}
