package sharded

import (
	"slices"
	"testing"
	"time"
)

// past is a configuration in which snapshots are read that are so old, of keys that keep so many versions.
func past(staleness time.Duration, versions int) func(*Config) {
	return func(cfg *Config) {
		cfg.Isolation, cfg.Staleness, cfg.MaxVersions = SnapshotIsolation, staleness, versions
	}
}

// Old snapshots are of some moment, and those of a session in order; where few versions are kept a read has
// to turn to the present.
func TestPastSnapshots(t *testing.T) {
	for _, versions := range []int{64, 1} {
		for seed := range uint64(20) {
			txns, final, err := history(seed, 30_000, past(time.Second, versions))
			if err != nil {
				t.Fatalf("%d versions, seed %d: %v", versions, seed, err)
			}
			found := append(contradictions(txns, final, false), backward(txns)...)
			if len(found) > 0 {
				t.Fatalf("%d versions, seed %d: %d contradictions: %q", versions, seed, len(found), found[:min(3, len(found))])
			}
		}
	}
}

// backward lists the reads that see less of a key than the client's transactions before had seen or written.
func backward(txns map[TxnID]*told) (found []string) {
	for client := range uint64(5) {
		had := map[int64]int{}
		for seq := uint64(1); ; seq++ {
			t := txns[TxnID{client + 1, seq}]
			if t == nil {
				break
			}
			if t.status != Committed {
				continue
			}
			for i, o := range t.request.Ops {
				n := len(t.results[i])
				switch {
				case o.Kind == Append:
					had[o.Key]++ // and maybe others'
				case n < had[o.Key]:
					found = append(found, t.request.String())
				default:
					had[o.Key] = n
				}
			}
		}
	}
	return found
}

// A node that is left alone goes on reading the past; without old snapshots it cannot read anything.
func TestPastSnapshotsNeedNobody(t *testing.T) {
	for _, staleness := range []time.Duration{10 * time.Second, 0} {
		c := newCluster(1, 3, past(staleness, 64))
		for i := range int64(4) { // the replicas learn what is committed with a later entry
			if r := c.ask(TxnID{1, uint64(i) + 1}, Op{Kind: Append, Key: 1, A: i}, Op{Kind: Append, Key: 2, A: i}); r.Status != Committed {
				t.Fatal(r)
			}
		}
		if r := c.ask(TxnID{2, 1}, readAll()...); r.Status != Committed {
			t.Fatal(r)
		}
		c.crash(c.members[1])
		c.crash(c.members[2])
		r := c.ask(TxnID{3, 1}, Op{Kind: Read, Key: 1}, Op{Kind: Read, Key: 2})
		switch {
		case staleness == 0 && r.Status != 0:
			t.Errorf("a node left alone answers about the present: %v", r)
		case staleness > 0 && (r.Status != Committed || !slices.Equal(r.Results[0], r.Results[1])):
			t.Errorf("a node left alone does not read the past: %v", r)
		}
	}
}

// ask has the first node execute a transaction, and waits for a while.
func (c *cluster) ask(id TxnID, ops ...Op) (last Reply) {
	c.onReply = func(r Reply) { last = r }
	m := c.members[0]
	for i := 0; i < 20_000 && last.Status == 0; i++ {
		if i%4000 == 0 {
			m.node.Request(m.now, Request{ID: id, Ops: ops})
			c.flush(m)
		}
		c.step()
	}
	return last
}
