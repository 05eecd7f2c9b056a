package txn

import (
	"fmt"

	"checker/check"
	"checker/check/txn/micro"
)

// scan looks for the anomalies that single reads of registers show.
func (r *registers) scan(f *findings) {
	s := registerScan{registers: r, findings: f, say: narrator{r.Txns}}
	u := newUpdates(r.versions())
	for x := range int32(r.Len()) {
		if r.Status[x] != micro.Ok {
			continue
		}
		for m := r.First[x]; m < r.First[x+1]; m++ {
			if r.Kind[m] == micro.Read {
				s.read(x, m)
			} else if read, ok := updated(r.Txns, m); ok {
				u.add(r.read(read), r.Key[m], x)
			}
		}
	}
	u.each(func(one update) { s.add("lost-update", func() check.Witness { return s.say.lostUpdate(one) }) })
}

// registerScan looks at every read of a history of registers.
type registerScan struct {
	*registers
	*findings
	say narrator
}

func (s *registerScan) read(x, m int32) {
	s.internal(x, m)
	v := s.Val[m]
	if v < 0 {
		return
	}
	w := s.Writer[v]
	key, value := s.KeyText(s.Key[m]), s.ValueText
	switch {
	case w == micro.Nobody:
		s.add("garbage-read", func() check.Witness {
			return s.say.alone(x, m, fmt.Sprintf("op %d read %s, which nobody ever tried to write", s.Index(x), s.say.read(m)))
		})
	case w < 0:
	case s.Txn[w] == x:
		if w > m {
			s.add("future-read", func() check.Witness {
				return s.say.alone(x, m, fmt.Sprintf("op %d read %s, which it wrote only later", s.Index(x), s.say.read(m)))
			})
		}
	case s.Status[s.Txn[w]] == micro.Fail:
		s.add("G1a", func() check.Witness {
			return s.say.readOf(s.Txn[w], x, m, fmt.Sprintf("op %d read %s of key %s, which op %d wrote before it failed", s.Index(x), value(v), key, s.Index(s.Txn[w])),
				"What a failed transaction wrote must never be seen.")
		})
	case !s.isLast(w):
		s.add("G1b", func() check.Witness {
			return s.say.readOf(s.Txn[w], x, m, fmt.Sprintf("op %d read %s of key %s, which op %d overwrote itself", s.Index(x), value(v), key, s.Index(s.Txn[w])),
				"Only the last state that a transaction leaves may be seen by others.")
		})
	}
}

// internal compares a read with what its transaction did to the key last.
func (s *registerScan) internal(x, m int32) {
	for i := m - 1; i >= s.First[x]; i-- {
		if s.Key[i] != s.Key[m] {
			continue
		}
		if s.Val[i] != s.Val[m] {
			s.add("internal", func() check.Witness {
				return s.say.alone(x, m, fmt.Sprintf("op %d read %s, but after what it had done itself it should have been %s", s.Index(x), s.say.read(m), s.ValueText(s.Val[i])))
			})
		}
		return
	}
}

// circles names the keys of which what was said about the order of versions is a
// contradiction. That transactions alone contradict each other is a cycle of
// theirs, and found as such.
func (s *registerScan) circles() {
	for k := range int32(s.Keys()) {
		c, bad := s.refuted[k]
		if !bad || c.way == byFollowing {
			continue
		}
		name := map[way]string{byGiven: "cyclic-versions", bySession: "cyclic-versions-process", byRealTime: "cyclic-versions-realtime"}[c.way]
		s.add(name, func() check.Witness { return s.circle(k, c) })
	}
}

var wayNames = map[way]string{byFollowing: "--wfr-keys", bySession: "--sequential-keys", byRealTime: "--linearizable-keys", byGiven: "the given order of transactions"}

// circle describes versions of a key that each come before the next.
func (s *registerScan) circle(k int32, c circle) check.Witness {
	var txns []int32
	var steps []step
	place := map[int32]int{}
	name := func(x int32) int {
		i, known := place[x]
		if !known {
			i = len(txns)
			place[x] = i
			txns = append(txns, x)
		}
		return i
	}
	for i := range len(c.versions) - 1 {
		a, b, why := s.evidence(c.versions[i], c.versions[i+1], func(x int32) string { return fmt.Sprintf("T%d", name(x)+1) })
		if a >= 0 {
			steps = append(steps, step{name(a), name(b), "versions", k, why})
		}
	}
	return s.say.witness(fmt.Sprintf("the versions %s of key %s would each come before the next, by %s",
		s.names(c.versions), s.KeyText(k), wayNames[c.way]), k, txns, steps, "")
}

func (s *registerScan) names(versions []int32) string {
	text := ""
	for i, v := range versions {
		if i > 0 {
			text += ", "
		}
		text += s.versionText(v)
	}
	return text
}
