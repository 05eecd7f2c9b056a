package sharded

import "math"

// stamp is a timestamp of the oracle's. 0 is none.
type stamp uint64

// data is what lies under the keys: the latest list, or where snapshots are read the latest few, in the
// order of when they were committed. Lists are shared and never change in place.
type data map[int64][]version

// version is what a key held from some time on.
type version struct {
	at   stamp
	list []int64
}

// read returns the list under a key as of a snapshot, or of the present if that is 0.
func (d data) read(key int64, snapshot stamp) []int64 {
	if snapshot == 0 {
		snapshot = math.MaxUint64
	}
	versions := d[key]
	for i := len(versions) - 1; i >= 0; i-- {
		if versions[i].at <= snapshot {
			return versions[i].list
		}
	}
	return nil
}

// latest returns when the key was last written.
func (d data) latest(key int64) stamp {
	if versions := d[key]; len(versions) > 0 {
		return versions[len(versions)-1].at
	}
	return 0
}

// lost tells whether the snapshot is so old that what the key held then may have been let go.
func (d data) lost(key int64, snapshot stamp, keep int) bool {
	versions := d[key]
	return snapshot != 0 && len(versions) >= keep && versions[0].at > snapshot
}

// install makes a list the latest under its key, and lets go of the oldest if there are more than keep.
func (d data) install(w write, at stamp, keep int) {
	if at == 0 {
		if len(w.list) == 0 {
			delete(d, w.key)
			return
		}
		keep = 1
	}
	versions := append(d[w.key], version{at, w.list})
	if more := len(versions) - keep; more > 0 {
		versions = append([]version(nil), versions[more:]...)
	}
	d[w.key] = versions
}
