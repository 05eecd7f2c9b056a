package rundir

import (
	"bytes"
	"io"
	"io/fs"
	"os"
)

// maxLogs bounds how many logs are excerpted.
const maxLogs = 64

// Excerpt is the beginning and the end of a text file, in whole lines. What is
// between them is left out.
type Excerpt struct {
	Name string // below the run directory, with slashes
	Size int64  // of the whole file, in bytes
	Head string // all of a file that is small
	Tail string
}

// Schedule returns the beginning and the end of schedule.txt, so many bytes of
// each at most.
func (d *Dir) Schedule(each int64) (Excerpt, error) {
	root, err := os.OpenRoot(d.path)
	if err != nil {
		return Excerpt{}, err
	}
	defer root.Close()
	return excerpt(root, scheduleFile, each, each)
}

// Logs returns the ends of harness.log and of the files below nodes/, so many
// bytes of each at most. Files that cannot be read are left out, and links that
// lead out of the directory are not followed.
func (d *Dir) Logs(each int64) ([]Excerpt, error) {
	root, err := os.OpenRoot(d.path)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	var all []Excerpt
	add := func(name string) {
		if e, err := excerpt(root, name, 0, each); err == nil && e.Size > 0 && len(all) < maxLogs {
			all = append(all, e)
		}
	}
	add(HarnessLog)
	_ = fs.WalkDir(root.FS(), NodesDir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return fs.SkipDir
		}
		if entry.Type().IsRegular() {
			add(name)
		}
		return nil
	})
	return all, nil
}

// excerpt reads the ends of a file. One that is no longer than both is the tail,
// or the head if there is to be one.
func excerpt(root *os.Root, name string, head, tail int64) (Excerpt, error) {
	file, err := root.Open(name)
	if err != nil {
		return Excerpt{}, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return Excerpt{}, err
	}
	e := Excerpt{Name: name, Size: info.Size()}
	if e.Size <= head+tail {
		text, err := io.ReadAll(io.LimitReader(file, head+tail))
		if e.Head = string(text); head == 0 {
			e.Head, e.Tail = "", e.Head
		}
		return e, err
	}
	first, err := io.ReadAll(io.LimitReader(file, head))
	if err != nil {
		return e, err
	}
	e.Head = string(first[:bytes.LastIndexByte(first, '\n')+1])
	last, err := io.ReadAll(io.NewSectionReader(file, e.Size-tail, tail))
	e.Tail = string(last[bytes.IndexByte(last, '\n')+1:])
	return e, err
}
