package browse

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// plain are the files and folders below a root. Whatever else lies there, pipes,
// sockets and devices, cannot be opened: to read it could take for ever.
type plain struct{ root *os.Root }

// Open opens a file or a folder.
func (p plain) Open(name string) (fs.File, error) {
	file, err := p.open(name)
	if err != nil {
		return nil, err
	}
	return file, nil
}

func (p plain) open(name string) (*os.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	file, err := p.root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && !info.IsDir() && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: name, Err: errors.New("it is neither a file nor a folder")}
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

// Stat tells of a file without opening it.
func (p plain) Stat(name string) (fs.FileInfo, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "stat", Path: name, Err: fs.ErrInvalid}
	}
	return p.root.Stat(name)
}
