package polygraph

import "fmt"

// replay executes a schedule and returns what is wrong with it, or nothing: every
// transaction reads what was committed when it starts, and all that the guarantee
// asks for holds. Whatever finds schedules, this is what makes them proofs.
func (c *columns) replay(g Guarantee, schedule []Point) string {
	r := &replayed{columns: c, Guarantee: g, now: make([]int32, len(c.Keys)), base: make([]int32, len(c.key)), ordinal: make([]int32, len(c.key))}
	r.start, r.commit = make([]int32, len(c.Txns)), make([]int32, len(c.Txns))
	for t := range c.Txns {
		r.start[t], r.commit[t] = -1, -1
	}
	copy(r.now, c.first)
	for at, p := range schedule {
		why := ""
		if !p.Commit || !g.Snapshot {
			why = r.starts(p.Txn, int32(at))
		}
		if p.Commit && why == "" {
			why = r.commits(p.Txn, int32(at))
		}
		if why != "" {
			return why
		}
	}
	return r.inOrderToo()
}

// replayed is how far the execution of a schedule has come.
type replayed struct {
	*columns
	Guarantee
	start, commit []int32 // by transaction: places in the schedule, -1 while not there
	now           []int32 // by key: its version
	base          []int32 // by version: that of its key when its writer started
	ordinal       []int32 // by version: how many versions the key then had, the first not counted
}

func (r *replayed) starts(t, at int32) string {
	if r.start[t] >= 0 {
		return fmt.Sprintf("transaction %d starts twice", t)
	}
	r.start[t] = at
	for _, v := range r.reads.of(t) {
		if now := r.now[r.key[v]]; now != v {
			return fmt.Sprintf("transaction %d reads version %d of key %d, not version %d", t, now, r.key[v], v)
		}
	}
	for _, v := range r.writes.of(t) {
		r.base[v] = r.now[r.key[v]]
	}
	return ""
}

func (r *replayed) commits(t, at int32) string {
	if r.start[t] < 0 || r.commit[t] >= 0 {
		return fmt.Sprintf("transaction %d commits twice, or without a start", t)
	}
	r.commit[t] = at
	for _, v := range r.writes.of(t) {
		k := r.key[v]
		if r.base[v] != r.now[k] && !r.Overwrites {
			return fmt.Sprintf("transaction %d overwrites version %d of key %d, which was committed since it started", t, r.now[k], k)
		}
		if earlier := r.now[k]; earlier != r.first[k] {
			r.ordinal[v] = r.ordinal[earlier] + 1
		} else {
			r.ordinal[v] = 1
		}
		r.now[k] = v
	}
	return ""
}

// inOrderToo checks what is known of the order of versions, sessions and real
// time, when all is executed.
func (r *replayed) inOrderToo() string {
	for t := range r.Txns {
		if r.commit[t] < 0 {
			return fmt.Sprintf("transaction %d never commits", t)
		}
		if s := r.session[t]; r.Session && s >= 0 && r.commit[s] > r.start[t] {
			return fmt.Sprintf("transaction %d starts before %d of its session has committed", t, s)
		}
	}
	for k, key := range r.Keys {
		for _, pair := range key.Order {
			if r.commit[pair[0]] > r.commit[pair[1]] {
				return fmt.Sprintf("key %d: the version of %d comes after that of %d", k, pair[0], pair[1])
			}
		}
		if len(key.Prefix) == 0 {
			continue
		}
		place := make(map[int32]int32, len(key.Prefix))
		for i, w := range key.Prefix {
			place[w] = int32(i) + 1
		}
		for v := r.first[k] + 1; v < r.first[k+1]; v++ {
			if at, known := place[r.writer[v]]; known && at != r.ordinal[v] {
				return fmt.Sprintf("key %d: the version of %d is number %d, not %d", k, r.writer[v], r.ordinal[v], at)
			}
		}
	}
	if r.Realtime {
		return r.inRealTime()
	}
	return ""
}

func (r *replayed) inRealTime() string {
	ended, latest := r.ended, int32(-1)
	for _, t := range r.inOrder(func(t Txn) int32 { return t.Inv }) {
		for ; len(ended) > 0 && r.Txns[ended[0]].End < r.Txns[t].Inv; ended = ended[1:] {
			if latest < 0 || r.commit[ended[0]] > r.commit[latest] {
				latest = ended[0]
			}
		}
		if latest >= 0 && r.commit[latest] > r.start[t] {
			return fmt.Sprintf("transaction %d starts before %d has committed, which had ended", t, latest)
		}
	}
	return ""
}
