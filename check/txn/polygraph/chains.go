package polygraph

// chain is a run of versions of a key that follow one another whatever is
// chosen, since each writer read the version before. The first chain of a key
// may begin with the initial version, which nobody wrote.
type chain struct {
	key     int32
	initial bool
	writers []int32 // in version order; none where only the initial version is in it
	readers []int32 // of the last version
}

// keyChains divides the versions of a key into chains, the initial one first,
// and tells which chain a writer's version is in and what follows it there.
type keyChains struct {
	chains []chain
	of     map[int32]int32 // writer → chain
	next   map[int32]int32 // writer, or Nobody → the writer of the next version in its chain
}

// link finds the chains of a key, or none when they form a circle. With apart, versions are never linked: a
// guarantee that allows overlapping writers allows a version between the one
// that was read and the one that its reader wrote.
func link(k int32, key Key, apart bool) keyChains {
	c := keyChains{of: make(map[int32]int32, len(key.Writers)), next: map[int32]int32{}}
	linked := map[int32]bool{}
	last := Nobody
	for _, w := range key.Prefix {
		c.next[last], linked[w], last = w, true, w
	}
	if !apart {
		c.linkUpdates(key, linked)
	}
	start := chain{key: k, initial: true}
	if first, ok := c.next[Nobody]; ok {
		start.writers = c.follow(first)
	}
	c.add(start)
	for _, w := range key.Writers {
		if !linked[w] {
			c.add(chain{key: k, writers: c.follow(w)})
		}
	}
	if placed := len(c.of) - 1; placed < len(key.Writers) {
		return keyChains{} // a circle: who read from whom is a cycle already
	}
	for _, r := range key.Reads {
		if _, followed := c.next[r.Writer]; !followed {
			in := &c.chains[c.of[r.Writer]]
			in.readers = append(in.readers, r.Txn)
		}
	}
	return c
}

// linkUpdates puts after each version the first transaction that read it and
// wrote the key. A second one cannot come next too; it begins a chain of its own,
// and the edges of its read make a cycle of that.
func (c *keyChains) linkUpdates(key Key, linked map[int32]bool) {
	writes := make(map[int32]bool, len(key.Writers))
	for _, w := range key.Writers {
		writes[w] = true
	}
	for _, r := range key.Reads {
		if _, followed := c.next[r.Writer]; !followed && writes[r.Txn] && !linked[r.Txn] {
			c.next[r.Writer], linked[r.Txn] = r.Txn, true
		}
	}
}

func (c *keyChains) follow(w int32) []int32 {
	run := []int32{w}
	for {
		next, ok := c.next[w]
		if !ok {
			return run
		}
		run, w = append(run, next), next
	}
}

func (c *keyChains) add(ch chain) {
	at := int32(len(c.chains))
	c.chains = append(c.chains, ch)
	for _, w := range ch.writers {
		c.of[w] = at
	}
	if ch.initial {
		c.of[Nobody] = at
	}
}
