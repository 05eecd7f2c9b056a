package txn

// updates finds transactions that read the same version of a key and then wrote
// the key. Versions are numbered from 0.
type updates struct {
	first []int32 // by version: the first transaction that updated it, or -1
	more  map[int32]*update
	order []int32 // versions in more, in the order of their second update
}

// update is a version of a key that several transactions updated.
type update struct {
	key  int32
	txns []int32
}

func newUpdates(versions int) *updates {
	u := &updates{first: make([]int32, versions), more: map[int32]*update{}}
	for i := range u.first {
		u.first[i] = -1
	}
	return u
}

func (u *updates) add(version, key, txn int32) {
	if u.first[version] < 0 {
		u.first[version] = txn
		return
	}
	if u.more[version] == nil {
		u.order = append(u.order, version)
		u.more[version] = &update{key, []int32{u.first[version]}}
	}
	u.more[version].txns = append(u.more[version].txns, txn)
}

// each calls f for every version that was updated more than once.
func (u *updates) each(f func(update)) {
	for _, version := range u.order {
		f(*u.more[version])
	}
}
