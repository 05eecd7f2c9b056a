package sharded

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// client appends its own numbers to several keys at a time and reads others, over and over.
type client struct {
	id      uint64
	seq     uint64
	attempt uint32
	open    *Request
	asked   int64
	seen    stamp
}

// hear ends the open transaction.
func (cl *client) hear(r Reply) {
	cl.open = nil
	if r.Status == Committed {
		cl.seen = r.Seen
	}
}

// told is what the clients know of a transaction.
type told struct {
	request Request
	status  Status // 0: unknown
	results [][]int64
}

// history runs a cluster under crashes and losses with clients that append, then lets everything heal and
// reads every key.
func history(seed uint64, steps int, configure func(*Config)) (txns map[TxnID]*told, final map[int64][]int64, err error) {
	c := newCluster(seed, 3, configure)
	c.lossy = c.members[0].cfg.Commit != ThreePhase // for which a lost message is not a crash
	rng := rand.New(rand.NewPCG(seed, 99))
	txns = map[TxnID]*told{}
	clients := []*client{{id: 1}, {id: 2}, {id: 3}, {id: 4}}
	c.onReply = func(r Reply) {
		cl := clients[r.ID.Client-1]
		if cl.open == nil || cl.open.ID != r.ID || r.Status == Overloaded {
			return
		}
		txns[r.ID].status, txns[r.ID].results = r.Status, r.Results
		cl.hear(r)
	}
	work := func(cl *client, ops func() []Op) {
		now := c.members[0].now.Mono
		switch {
		case cl.open == nil:
			cl.seq++
			cl.open = &Request{ID: TxnID{cl.id, cl.seq}, Priority: now, Seen: cl.seen, Ops: ops()}
			txns[cl.open.ID] = &told{request: *cl.open}
		case now-cl.asked < 400_000_000:
			return
		}
		cl.attempt++
		cl.open.Attempt, cl.asked = cl.attempt, now
		if m := c.members[rng.IntN(len(c.members))]; m.node != nil {
			m.node.Request(m.now, *cl.open)
			c.flush(m)
		}
	}
	for i := range steps {
		if i%20 == 0 {
			work(clients[rng.IntN(len(clients))], func() []Op { return randomOps(rng, int64(len(txns)+1)) })
		}
		if rng.IntN(3000) == 0 {
			if m := c.members[rng.IntN(3)]; m.node != nil {
				c.crash(m)
			}
		}
		if rng.IntN(1500) == 0 {
			for _, m := range c.members {
				if m.node == nil {
					c.start(m)
				}
			}
		}
		c.step()
	}
	c.lossy = false
	for _, m := range c.members {
		if m.node == nil {
			c.start(m)
		}
	}
	reader := &client{id: 5}
	clients = append(clients, reader)
	ended := func() bool {
		last := txns[TxnID{5, reader.seq}]
		return last != nil && last.status == Committed
	}
	for i := 0; !ended(); i++ {
		if i > 400_000 {
			return txns, nil, fmt.Errorf("no end of it:\n%v", c)
		}
		if i > 100_000 { // by now all that is in doubt should have been decided
			if i%50 == 0 {
				work(reader, func() []Op { return readAll() })
			}
		}
		c.step()
	}
	result := txns[TxnID{5, reader.seq}]
	final = map[int64][]int64{}
	for i, o := range result.request.Ops {
		final[o.Key] = result.results[i]
	}
	return txns, final, nil
}

const keys = 6

func readAll() []Op {
	var ops []Op
	for k := range int64(keys) {
		ops = append(ops, Op{Kind: Read, Key: k})
	}
	return ops
}

func randomOps(rng *rand.Rand, number int64) []Op {
	var ops []Op
	for range 1 + rng.IntN(3) {
		o := Op{Kind: Read, Key: rng.Int64N(keys)}
		if rng.IntN(2) == 0 {
			o.Kind, o.A = Append, number
		}
		ops = append(ops, o)
	}
	return ops
}

// contradictions lists what no serial order of the transactions explains. The order of the appends to a key
// is in the final lists; a read of a list comes behind its last element and before the next one.
func contradictions(txns map[TxnID]*told, final map[int64][]int64, serial bool) []string {
	var found []string
	say := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	writer := map[int64]TxnID{}
	for id, t := range txns {
		for _, o := range t.request.Ops {
			if o.Kind == Append {
				writer[o.A] = id
			}
		}
	}
	before := map[TxnID]map[TxnID]bool{}
	edge := func(a, b TxnID) {
		if a != b {
			if before[a] == nil {
				before[a] = map[TxnID]bool{}
			}
			before[a][b] = true
		}
	}
	for key, list := range final {
		for i := 1; i < len(list); i++ {
			edge(writer[list[i-1]], writer[list[i]])
		}
		for _, v := range list {
			if s := txns[writer[v]].status; s == Aborted || s == Refused {
				say("%d in key %d of %v, which is %v", v, key, writer[v], s)
			}
		}
	}
	for id, t := range txns {
		own := map[int64]int{}
		for i, o := range t.request.Ops {
			list := final[o.Key]
			if o.Kind == Append {
				own[o.Key]++
				if n := count(list, o.A); t.status == Committed && n == 0 || n > t.appends(o) {
					say("%v %v, and its %d is %d times in key %d", id, t.status, o.A, n, o.Key)
				}
				continue
			}
			if t.status != Committed {
				continue
			}
			read := t.results[i]
			read = read[:len(read)-min(own[o.Key], len(read))]
			if len(read) > len(list) || !slices.Equal(read, list[:len(read)]) {
				say("%v read %v of key %d, which is %v", id, t.results[i], o.Key, list)
				continue
			}
			if len(read) > 0 {
				edge(writer[read[len(read)-1]], id)
			}
			if len(read) < len(list) {
				edge(id, writer[list[len(read)]])
			}
		}
		if partly(t, final) {
			say("%v %v has taken effect in part", id, t.status)
		}
	}
	if c := cycle(before); c != nil && serial {
		say("a circle of %v", c)
	}
	slices.Sort(found)
	return found
}

func (t *told) appends(o Op) int {
	n := 0
	for _, other := range t.request.Ops {
		if other == o {
			n++
		}
	}
	return n
}

func count(list []int64, v int64) int {
	n := 0
	for _, x := range list {
		if x == v {
			n++
		}
	}
	return n
}

func partly(t *told, final map[int64][]int64) bool {
	yes, no := false, false
	for _, o := range t.request.Ops {
		if o.Kind == Append {
			if slices.Contains(final[o.Key], o.A) {
				yes = true
			} else {
				no = true
			}
		}
	}
	return yes && no
}

// cycle returns a transaction that comes before itself, with its company, or nil.
func cycle(before map[TxnID]map[TxnID]bool) []TxnID {
	state := map[TxnID]int{}
	var visit func(id TxnID, path []TxnID) []TxnID
	visit = func(id TxnID, path []TxnID) []TxnID {
		switch state[id] {
		case 1:
			return append(path, id)
		case 2:
			return nil
		}
		state[id] = 1
		for next := range before[id] {
			if c := visit(next, append(path, id)); c != nil {
				return c
			}
		}
		state[id] = 2
		return nil
	}
	for id := range before {
		if c := visit(id, nil); c != nil {
			return c
		}
	}
	return nil
}

// Under every isolation transactions happen in all or in none, and end; under the strictest one a serial
// order explains them.
func TestTransactionsAreAtomic(t *testing.T) {
	for isolation := range numIsolations {
		t.Run(isolation.String(), func(t *testing.T) { testAtomic(t, isolation, TwoPhase) })
	}
	t.Run(TwoPhasePlain.String(), func(t *testing.T) { testAtomic(t, StrictSerializable, TwoPhasePlain) })
	t.Run(ThreePhase.String(), func(t *testing.T) { testAtomic(t, StrictSerializable, ThreePhase) })
}

func testAtomic(t *testing.T, isolation Isolation, commit Commit) {
	committed, total := 0, 0
	for seed := range uint64(20) {
		txns, final, err := history(seed, 30_000, func(cfg *Config) {
			cfg.Isolation, cfg.Commit = isolation, commit
			if commit == ThreePhase {
				cfg.Replication = 1 // a crashed participant must not be heard through another replica
			}
		})
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		for _, x := range txns {
			total++
			if x.status == Committed {
				committed++
			}
		}
		if found := contradictions(txns, final, isolation == StrictSerializable); len(found) > 0 {
			t.Fatalf("seed %d: %d contradictions: %q", seed, len(found), found[:min(3, len(found))])
		}
	}
	t.Logf("%d of %d committed", committed, total)
	if committed < total/2 {
		t.Errorf("%d of %d transactions committed", committed, total)
	}
}

// Each planted bug shows in what the clients are told, or keeps transactions from ending.
func TestPlantedBugsShow(t *testing.T) {
	for _, bug := range BugTable() {
		if hidden[bug.Bugs] != "" || bug.Settings != nil {
			continue // the checker of whole histories finds it, see runner.TestPlantedBugs
		}
		t.Run(bug.Name, func(t *testing.T) {
			for seed := range uint64(300) {
				txns, final, err := history(seed, 30_000, func(cfg *Config) { cfg.Bugs = bug.Bugs })
				if err != nil || len(contradictions(txns, final, true)) > 0 {
					return
				}
			}
			t.Error("300 seeds without a contradiction")
		})
	}
}

// hidden are the bugs that a history of appends does not show without real time.
var hidden = map[Bugs]string{
	RecoveryPresumesCommit: "a home that has waited so long rarely finds that somebody has not voted",
	ReadsIgnoreLocks:       "a read that misses the latest commit is serializable, if stale",
}
