package polygraph_test

import (
	"cmp"
	"math/rand/v2"
	"slices"

	"checker/check/txn/polygraph"
)

// mix is a kind of traffic, on a store that keeps its promise or breaks it.
type mix struct {
	txns, ops, keys int
	clients         int
	updates         float64 // of the micro-ops: reads whose key the transaction then writes
	writes          float64 // blind writes; the rest are reads
	snapshots       bool    // a store with snapshot isolation, else a serial one
	broken          float64 // transactions each of whose reads meets any older state
	bySession       bool    // sessions were recorded one after another, without times
	shuffled        bool    // the recording tells nothing of the order, nor of sessions
}

// record runs traffic on a store and returns what there is to explain. Of the
// keys few are popular: key i is chosen in proportion to 1/(i+1).
func record(seed uint64, m mix) *polygraph.Problem {
	r := &recorder{mix: m, rng: rand.New(rand.NewPCG(seed, 9)), Problem: &polygraph.Problem{}}
	r.Keys, r.versions = make([]polygraph.Key, m.keys), make([][]version, m.keys)
	r.zipf = rand.NewZipf(r.rng, 1.1, 8, uint64(m.keys-1))
	open := make([]*running, m.clients)
	for now := int32(0); len(r.Txns) < m.txns; now++ {
		c := r.rng.IntN(m.clients)
		if open[c] == nil {
			open[c] = &running{inv: now}
			continue
		}
		r.run(open[c], int32(c), now)
		open[c] = nil
	}
	if m.shuffled {
		r.shuffle()
	}
	if m.bySession {
		r.sortBySession()
	}
	return r.Problem
}

type recorder struct {
	*polygraph.Problem
	mix
	rng      *rand.Rand
	zipf     *rand.Zipf
	versions [][]version
}

type version struct {
	writer int32
	at     int32
}

type running struct{ inv int32 }

// run executes a transaction and commits it now; if the first committer wins it
// is forgotten.
func (r *recorder) run(open *running, client, now int32) {
	t := int32(len(r.Txns))
	sees := now
	if r.snapshots {
		sees = open.inv
	}
	broken := r.rng.Float64() < r.broken
	reads, writes := map[int]int32{}, map[int]bool{}
	var readKeys, writeKeys []int
	for range r.ops {
		k := int(r.zipf.Uint64())
		roll := r.rng.Float64()
		if writes[k] {
			continue
		}
		if _, again := reads[k]; !again && roll >= r.mix.writes {
			reads[k] = r.read(k, sees)
			if broken {
				reads[k] = r.read(k, r.rng.Int32N(now+1))
			}
			readKeys = append(readKeys, k)
		}
		if roll < r.updates+r.mix.writes {
			writes[k] = true
			writeKeys = append(writeKeys, k)
		}
	}
	for _, k := range writeKeys {
		if v := r.versions[k]; r.snapshots && len(v) > 0 && v[len(v)-1].at > sees {
			return
		}
	}
	for _, k := range readKeys {
		r.Keys[k].Reads = append(r.Keys[k].Reads, polygraph.Read{Txn: t, Writer: reads[k]})
	}
	for _, k := range writeKeys {
		r.Keys[k].Writers = append(r.Keys[k].Writers, t)
		r.versions[k] = append(r.versions[k], version{t, now})
	}
	r.Txns = append(r.Txns, polygraph.Txn{Session: client, Inv: open.inv, End: now})
}

func (r *recorder) read(k int, sees int32) int32 {
	for i := len(r.versions[k]) - 1; i >= 0; i-- {
		if v := r.versions[k][i]; v.at <= sees {
			return v.writer
		}
	}
	return polygraph.Nobody
}

func (r *recorder) shuffle() {
	for i, p := range r.rng.Perm(len(r.Txns)) {
		r.Txns[i] = polygraph.Txn{Session: -1, Inv: int32(2 * p), End: int32(2*p + 1)}
	}
	for k := range r.Keys {
		w := r.Keys[k].Writers
		r.rng.Shuffle(len(w), func(i, j int) { w[i], w[j] = w[j], w[i] })
	}
}

func (r *recorder) sortBySession() {
	order := make([]int, len(r.Txns))
	for t := range order {
		order[t] = t
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(r.Txns[a].Session, r.Txns[b].Session), cmp.Compare(r.Txns[a].Inv, r.Txns[b].Inv))
	})
	for at, t := range order {
		r.Txns[t].Inv, r.Txns[t].End = int32(2*at), int32(2*at+1)
	}
}
