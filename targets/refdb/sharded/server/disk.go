package server

import (
	"cmp"
	"errors"
	"os"
	"path/filepath"
	"slices"

	"checker/targets/refdb"
)

// fresh is what the name of a new log that is to take a log's place ends with.
const fresh = ".new"

// disk does what the database asks for in that order, in a goroutine of its own, and
// tells of every sync.
type disk struct {
	folder   string
	name     string
	file     *os.File // the log
	new      *os.File // nil when there is none
	heard    bool     // the database knows of the last replacement
	requests chan refdb.DiskOp
	failed   error // why a write has, which the next sync tells
}

// openDisk opens the log, and reads it.
func openDisk(folder, name string) (*disk, []byte, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, nil, err
	}
	d := &disk{folder: folder, name: name, heard: true, requests: make(chan refdb.DiskOp, 4096)}
	if err := os.Remove(d.path(name + fresh)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, nil, err
	}
	log, err := os.ReadFile(d.path(name))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, nil, err
	}
	if d.file, err = d.open(name); err != nil {
		return nil, nil, err
	}
	return d, log, d.syncFolder()
}

func (d *disk) path(name string) string { return filepath.Join(d.folder, name) }

func (d *disk) open(name string) (*os.File, error) {
	return os.OpenFile(d.path(name), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
}

// syncFolder makes names durable.
func (d *disk) syncFolder() error {
	folder, err := os.Open(d.folder)
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}

// known is an order that is none of the database's: it has heard of the last sync.
// What it writes to the new log before that follows in the one that has replaced the
// old; what it writes to a new log behind that begins another.
const known refdb.DiskOpKind = 0

// do takes an order. The bytes are copied: they are the database's.
func (d *disk) do(op refdb.DiskOp) {
	op.Data = slices.Clone(op.Data)
	d.requests <- op
}

// work carries out orders; done hears of syncs.
func (d *disk) work(done func(token uint64, err error)) {
	for op := range d.requests {
		var err error
		switch op.Kind {
		case known:
			d.heard = true
			continue
		case refdb.AppendOp:
			d.failed = cmp.Or(d.failed, d.append(op))
			continue
		case refdb.SyncOp:
			err = d.file.Sync()
		case refdb.ReplaceOp:
			err = d.replace()
		}
		err, d.failed = cmp.Or(d.failed, err), nil
		done(op.Token, err)
	}
}

func (d *disk) append(op refdb.DiskOp) error {
	file := d.file
	if op.New && (d.heard || d.new != nil) {
		if d.new == nil {
			var err error
			if d.new, err = d.open(d.name + fresh); err != nil {
				return err
			}
		}
		file = d.new
	}
	_, err := file.Write(op.Data)
	return err
}

// replace puts the new log in the place of the old one, durably.
func (d *disk) replace() error {
	if d.new == nil {
		return errors.New("there is no new log")
	}
	if err := d.new.Sync(); err != nil {
		return err
	}
	if err := os.Rename(d.path(d.name+fresh), d.path(d.name)); err != nil {
		return err
	}
	d.file.Close() // it has no name any more
	d.file, d.new, d.heard = d.new, nil, false
	return d.syncFolder()
}
