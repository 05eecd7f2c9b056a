package sharded

import "fmt"

// entryKind tells entries of a shard's log apart.
type entryKind uint8

const (
	executeEntry  entryKind = iota + 1 // a transaction of this shard alone: lock, execute, commit
	prepareEntry                       // a part of a transaction: lock, execute, and keep for the decision
	decideEntry                        // the home's decision, unless there is one already
	finishEntry                        // the decision, at another participant
	forgetEntry                        // every participant knows the decision of these
	stampsEntry                        // timestamps up to a limit may be given out
	announceEntry                      // a commit is to come
	fenceEntry                         // no announcement of the coordinator is taken any more
	abandonEntry                       // abort, unless a commit has been announced
	withdrawEntry                      // abort, unless it has voted yes
)

var entryNames = [...]string{executeEntry: "execute", prepareEntry: "prepare", decideEntry: "decide", finishEntry: "finish", forgetEntry: "forget", stampsEntry: "stamps", announceEntry: "announce", fenceEntry: "fence", abandonEntry: "abandon", withdrawEntry: "withdraw"}

// entry is what a shard's log says, in the words of transactions. Which fields count depends on the kind.
type entry struct {
	kind   entryKind
	part   part    // execute, prepare; of the others the ID, the home, and the gateway in which life
	commit bool    // decide, finish; announce: it comes from another participant
	at     stamp   // decide, finish: when it commits; stamps: the limit
	ids    []TxnID // forget
}

// part is what a transaction asks of one shard.
type part struct {
	id       TxnID
	priority int64
	gateway  NodeID    // the node that coordinates it and wants to hear
	life     uint64    // of the gateway's process
	shards   []ShardID // all that take part, the first is its home
	ops      []Op      // those of this shard
	snapshot stamp     // as of which it reads, 0 for the present
}

func (p *part) home() ShardID { return p.shards[0] }

// String returns the entry in one line.
func (e entry) String() string {
	switch e.kind {
	case executeEntry:
		return fmt.Sprintf("execute %v: %s", e.part.id, describeOps(e.part.ops))
	case prepareEntry:
		return fmt.Sprintf("prepare %v of shards %v: %s", e.part.id, e.part.shards, describeOps(e.part.ops))
	case decideEntry, finishEntry:
		return fmt.Sprintf("%s %v: %s", entryNames[e.kind], e.part.id, outcomeName(e.commit))
	case announceEntry, fenceEntry, abandonEntry, withdrawEntry:
		return fmt.Sprintf("%s %v", entryNames[e.kind], e.part.id)
	case forgetEntry:
		return fmt.Sprintf("forget %v", e.ids)
	case stampsEntry:
		return fmt.Sprintf("stamps up to %d", e.at)
	}
	return fmt.Sprintf("entry of unknown kind %d", e.kind)
}

func outcomeName(commit bool) string {
	if commit {
		return "commit"
	}
	return "abort"
}

func (e *entry) encode() string {
	w := writer{bytes: make([]byte, 0, 64)}
	w.uint(uint64(e.kind))
	switch e.kind {
	case executeEntry, prepareEntry:
		w.part(&e.part)
	case decideEntry, finishEntry, announceEntry, fenceEntry, abandonEntry, withdrawEntry:
		w.id(e.part.id)
		w.shards(e.part.shards)
		w.uint(uint64(e.part.gateway))
		w.uint(e.part.life)
		w.bool(e.commit)
		w.uint(uint64(e.at))
	case forgetEntry:
		w.uint(uint64(len(e.ids)))
		for _, id := range e.ids {
			w.id(id)
		}
	case stampsEntry:
		w.uint(uint64(e.at))
	}
	return string(w.bytes)
}

func decodeEntry(data string) (entry, error) {
	r := reader{rest: []byte(data)}
	e := entry{kind: entryKind(r.uint())}
	switch e.kind {
	case executeEntry, prepareEntry:
		e.part = r.part()
	case decideEntry, finishEntry, announceEntry, fenceEntry, abandonEntry, withdrawEntry:
		e.part = part{id: r.id(), shards: r.shards(), gateway: NodeID(r.uint()), life: r.uint()}
		e.commit, e.at = r.bool(), stamp(r.uint())
		r.bad = r.bad || len(e.part.shards) == 0
	case forgetEntry:
		e.ids = make([]TxnID, r.count())
		for i := range e.ids {
			e.ids[i] = r.id()
		}
	case stampsEntry:
		e.at = stamp(r.uint())
	default:
		r.bad = true
	}
	if r.bad || len(r.rest) > 0 {
		return entry{}, fmt.Errorf("refdb: an entry of %d bytes makes no sense", len(data))
	}
	return e, nil
}

func (w *writer) part(p *part) {
	w.id(p.id)
	w.int(p.priority)
	w.uint(uint64(p.gateway))
	w.uint(p.life)
	w.shards(p.shards)
	w.ops(p.ops)
	w.uint(uint64(p.snapshot))
}

func (r *reader) part() part {
	p := part{id: r.id(), priority: r.int(), gateway: NodeID(r.uint()), life: r.uint(), shards: r.shards(), ops: r.ops(), snapshot: stamp(r.uint())}
	r.bad = r.bad || len(p.shards) == 0
	return p
}
