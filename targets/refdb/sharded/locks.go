package sharded

import "slices"

// Strict two-phase locking with wound-wait (Rosenkrantz, Stearns and Lewis 1978; Bernstein, Hadzilacos and
// Goodman 1987, section 3.11). A transaction asks for all its locks in a shard at once. If it cannot have
// them it waits, until whoever stands in its way has ended. Two rules keep it from waiting for ever:
//
//   - Whoever is younger waits; an older one makes the younger holder's home abort it, unless that
//     is decided already and so about to end. Hence in every circle of transactions that wait for each
//     other, over whatever shards, one is wounded.
//   - Nobody takes a lock that an older one waits for. Hence the oldest of all gets its locks.
//
// A holder is in doubt here: it has voted yes, and only its home may abort it.

// claim is a lock that a transaction needs.
type claim struct {
	key       int64
	exclusive bool
}

// claims lists the locks that a transaction needs, one a key: a function of the transaction alone.
func (s *shard) claims(t *txn) []claim {
	if t.needs == nil {
		t.needs = s.listClaims(t)
	}
	return t.needs
}

func (s *shard) listClaims(t *txn) []claim {
	claims := make([]claim, 0, len(t.ops))
	for _, o := range t.ops {
		exclusive := o.Kind != Read
		if !exclusive && !s.readsLock() {
			continue
		}
		at := slices.IndexFunc(claims, func(c claim) bool { return c.key == o.Key })
		if at < 0 {
			claims = append(claims, claim{o.Key, exclusive})
			continue
		}
		claims[at].exclusive = claims[at].exclusive || exclusive
	}
	return claims
}

func (s *shard) readsLock() bool {
	switch s.cfg.Isolation {
	case StrictSerializable:
		return !s.cfg.Bugs.Has(ReadsTakeNoLocks)
	case SnapshotIsolation: // or rather, wait for those of others
		return !s.cfg.Bugs.Has(ReadsIgnoreLocks)
	}
	return false
}

// lockTable says who holds the lock of a key: one exclusively, or any number together.
type lockTable map[int64]*lock

type lock struct {
	exclusive *txn
	shared    []*txn
}

func (l lockTable) take(t *txn, claims []claim) {
	for _, c := range claims {
		if !c.exclusive && t.snapshot != 0 {
			continue // what it reads stays what it is
		}
		k := l[c.key]
		if k == nil {
			k = &lock{}
			l[c.key] = k
		}
		if c.exclusive {
			k.exclusive = t
		} else {
			k.shared = append(k.shared, t)
		}
	}
}

func (l lockTable) release(t *txn, claims []claim) {
	for _, c := range claims {
		k := l[c.key]
		if k == nil {
			continue
		}
		if k.exclusive == t {
			k.exclusive = nil
		}
		k.shared = slices.DeleteFunc(k.shared, func(s *txn) bool { return s == t })
		if k.exclusive == nil && len(k.shared) == 0 {
			delete(l, c.key)
		}
	}
}

// holders calls f for each transaction that keeps a claim from being granted, until it returns false.
func (l lockTable) holders(c claim, f func(*txn) bool) bool {
	k := l[c.key]
	if k == nil {
		return true
	}
	if k.exclusive != nil && !f(k.exclusive) {
		return false
	}
	if c.exclusive {
		for _, t := range k.shared {
			if !f(t) {
				return false
			}
		}
	}
	return true
}

// mustWait tells whether a transaction cannot have its locks now.
func (s *shard) mustWait(t *txn) bool {
	claims := s.claims(t)
	for _, c := range claims {
		if !s.locks.holders(c, func(holder *txn) bool { return !c.exclusive && s.isOwn(holder, t.id.Client) }) {
			return true
		}
	}
	for _, older := range s.waiting {
		if compareAge(older, t) >= 0 {
			return false
		}
		if conflict(claims, s.claims(older)) {
			return true
		}
	}
	return false
}

func conflict(a, b []claim) bool {
	for _, x := range a {
		for _, y := range b {
			if x.key == y.key && (x.exclusive || y.exclusive) {
				return true
			}
		}
	}
	return false
}

// wound has the younger transactions that hold what an older one waits for make way.
func (s *shard) wound(t *txn) {
	for _, c := range s.claims(t) {
		s.locks.holders(c, func(holder *txn) bool {
			if compareAge(t, holder) < 0 {
				s.effects = append(s.effects, effect{kind: obstructs, txn: holder})
			}
			return true
		})
	}
}

// isOwn tells whether a lock lets a client read because it is its own, as with ReadsOwnPrepared.
func (s *shard) isOwn(holder *txn, client uint64) bool {
	return s.cfg.Bugs.Has(ReadsOwnPrepared) && holder.id.Client == client
}

// isLocked tells a read whether what it is to see may change yet: somebody holds the key's lock
// exclusively, and may be committed already, before the snapshot if it is one that is read.
func (s *shard) isLocked(key int64, p *part) bool {
	k := s.locks[key]
	return k != nil && k.exclusive != nil && (p.snapshot == 0 || k.exclusive.snapshot <= p.snapshot) && !s.isOwn(k.exclusive, p.id.Client)
}

// read returns the list under a key as of a snapshot, as a client sees it.
func (s *shard) read(key int64, client uint64, snapshot stamp) []int64 {
	if k := s.locks[key]; k != nil && k.exclusive != nil && s.isOwn(k.exclusive, client) {
		if list, written := k.exclusive.written(key); written {
			return list
		}
	}
	return s.data.read(key, snapshot)
}

// written returns what a transaction is about to write to a key, if it is.
func (t *txn) written(key int64) (list []int64, is bool) {
	at := slices.IndexFunc(t.writes, func(w write) bool { return w.key == key })
	if at < 0 {
		return nil, false
	}
	return t.writes[at].list, true
}
