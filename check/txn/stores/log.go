package stores

// version is an element of a key, and the number of the commit that put it there.
type version struct {
	elem   int32
	commit int32
}

// versions hold for each key its elements in the order in which they were
// installed.
type versions struct {
	keys    [][]version
	commits int32 // so many; the first is number 1
}

func (v *versions) of(key int64) []version {
	if key >= int64(len(v.keys)) {
		return nil
	}
	return v.keys[key]
}

func (v *versions) append(key int64, elem, commit int32) {
	for int64(len(v.keys)) <= key {
		v.keys = append(v.keys, nil)
	}
	if v.keys[key] == nil {
		v.keys[key] = make([]version, 0, 32)
	}
	v.keys[key] = append(v.keys[key], version{elem, commit})
}

// at returns how many elements a key has in the snapshot after a commit.
func (v *versions) at(key int64, commit int32) int {
	of := v.of(key)
	n := len(of)
	for n > 0 && of[n-1].commit > commit {
		n--
	}
	return n
}

// last returns the number of the commit that wrote a key last, 0 for none.
func (v *versions) last(key int64) int32 {
	of := v.of(key)
	if len(of) == 0 {
		return 0
	}
	return of[len(of)-1].commit
}

// install installs all writes in one commit and returns its number.
func (v *versions) install(writes own) int32 {
	v.commits++
	for _, w := range writes {
		v.append(w.key, w.elem, v.commits)
	}
	return v.commits
}

// appendElems appends the elements of some versions.
func appendElems(elems []int32, of []version) []int32 {
	for _, v := range of {
		elems = append(elems, v.elem)
	}
	return elems
}

// pins remember how long the lists were under which a transaction read its own
// elements: if another one comes in between, those reads were of lists that never
// were.
type pins []pin

type pin struct {
	key    int64
	length int
}

func (p *pins) add(key int64, length int) { *p = append(*p, pin{key, length}) }

// hold reports whether the lists are as long still.
func (p pins) hold(v *versions) bool {
	for _, at := range p {
		if len(v.of(at.key)) != at.length {
			return false
		}
	}
	return true
}
