package sharded

import (
	"fmt"
	"math"
	"slices"
)

// shard is what the log of one shard adds up to: the data, the transactions that are open here with their
// locks, and the outcome of each client's latest. All replicas have the same shard after the same entries;
// what is to be done about it, by whichever replica leads, is left in effects.
type shard struct {
	id       ShardID
	cfg      *Config
	data     data
	limit    stamp // of the oracle: none above it has been given out
	closed   stamp // of all, the latest that an entry has named: see past.go
	open     map[TxnID]*txn
	locks    lockTable
	waiting  []*txn // for locks, the oldest first
	outcomes map[uint64]outcome
	index    uint64   // of the latest entry
	effects  []effect // since they were last taken
}

// txnState is how far a transaction has come in a shard.
type txnState uint8

const (
	waiting   txnState = iota + 1 // for locks
	prepared                      // executed, locks held: voted yes, in doubt until the decision
	announced                     // and told that all have voted yes: a commit is to come
	decided                       // at its home: some participant may not know yet
)

// txn is a transaction that is open in a shard.
type txn struct {
	part
	alone   bool // no other shard takes part: execution commits it
	state   txnState
	needs   []claim // the locks, once they have been listed
	results [][]int64
	writes  []write // what a commit will install
	fenced  bool    // others may have been told that no commit is announced: the coordinator's comes too late
	commit  bool    // the decision
	at      stamp   // when it commits, where snapshots are read
}

// ready tells whether the transaction can commit here: it has voted yes.
func (t *txn) ready() bool { return t.state == prepared || t.state == announced }

// write is what a key will hold.
type write struct {
	key  int64
	list []int64
}

// outcome is how a client's latest transaction ended in this shard. Whoever asks for it again gets the
// same answer; it must not begin anew.
type outcome struct {
	used    uint64 // index of the entry
	seq     uint64
	status  Status
	results [][]int64
	earlier []ending // where participants ask each other: of the client's transactions before, in order
}

// ending is the outcome of a transaction whose client has gone on.
type ending struct {
	seq    uint64
	status Status
}

// keepEndings is how many of them are kept for each client. Who is down while its client ends more than that
// stays in doubt.
const keepEndings = 1024

// effectKind says what the leader has to do after an entry.
type effectKind uint8

const (
	voted     effectKind = iota + 1 // tell the gateway: prepared, or what the outcome is
	resolved                        // home: tell the gateway and all participants
	finished                        // participant: tell the home
	promised                        // participant: tell the gateway that the announcement is in the log
	unlocked                        // locks were given up: reads that wait may go on
	obstructs                       // the transaction must make way for an older one: tell its home
)

// effect is what an entry has brought about. Status is that of a vote: 0 for yes, else the outcome.
type effect struct {
	kind   effectKind
	txn    *txn
	status Status
	index  uint64 // of the entry
}

func newShard(id ShardID, cfg *Config) *shard {
	s := &shard{id: id, cfg: cfg}
	s.clear()
	return s
}

func (s *shard) clear() {
	s.data, s.limit, s.closed, s.open, s.outcomes = data{}, 0, 0, map[TxnID]*txn{}, map[uint64]outcome{}
	s.locks, s.waiting, s.effects = lockTable{}, nil, nil
}

// Apply takes an entry of the log. It implements refdb.Machine, with Save and Restore.
func (s *shard) Apply(index uint64, data string) {
	s.index = index
	e, err := decodeEntry(data)
	if err != nil {
		panic(fmt.Sprintf("%v: entry %d: %v", s.id, index, err)) // checksums guard the log: it was written so
	}
	before := len(s.effects)
	s.carry(e)
	if e.kind != stampsEntry {
		s.closed = max(s.closed, e.part.snapshot, e.at)
	}
	for i := range s.effects[before:] {
		s.effects[before+i].index = index
	}
}

// carry has an entry take effect.
func (s *shard) carry(e entry) {
	switch e.kind {
	case executeEntry, prepareEntry:
		s.admit(e.part, e.kind == executeEntry)
	case decideEntry:
		s.decide(e.part.id, e.commit, e.at)
	case finishEntry:
		s.finish(e.part, e.commit, e.at)
	case forgetEntry:
		for _, id := range e.ids {
			if t := s.open[id]; t != nil && t.state == decided {
				delete(s.open, id)
			}
		}
	case announceEntry:
		if t := s.open[e.part.id]; t != nil && t.state == prepared && (!t.fenced || e.commit) {
			t.state = announced
			s.effects = append(s.effects, effect{kind: promised, txn: t})
		}
	case abandonEntry:
		if t := s.open[e.part.id]; t == nil || t.state != announced {
			s.finish(e.part, false, 0)
		}
	case withdrawEntry:
		s.withdraw(e.part)
	case fenceEntry:
		if t := s.open[e.part.id]; t != nil {
			t.fenced = true
		}
	case stampsEntry:
		s.limit = max(s.limit, e.at)
	}
}

// outcomeOf returns how a transaction ended, if the shard knows. A client that has gone on to a later one
// knows that this one has ended, and no longer cares how.
func (s *shard) outcomeOf(id TxnID) (o outcome, known bool) {
	o = s.outcomes[id.Client]
	return o, o.seq >= id.Seq
}

// earlier returns the endings of a client's transactions before its latest, with one more.
func (s *shard) earlier(client uint64, e ending) []ending {
	if s.cfg.Commit != ThreePhase {
		return nil
	}
	list := s.outcomes[client].earlier
	i, _ := slices.BinarySearchFunc(list, e.seq, func(x ending, seq uint64) int { return compare(x.seq, seq) })
	list = slices.Insert(list, i, e)
	return list[max(0, len(list)-keepEndings):]
}

// endingOf returns how a transaction ended, of which it is known that it has; 0 if it is too long ago. One
// that has left no trace was never admitted, and never will be.
func (s *shard) endingOf(id TxnID) Status {
	o := s.outcomes[id.Client]
	if o.seq == id.Seq {
		return o.status
	}
	for _, e := range o.earlier {
		if e.seq == id.Seq {
			return e.status
		}
	}
	if len(o.earlier) == keepEndings && o.earlier[0].seq > id.Seq {
		return 0
	}
	return Aborted
}

// admit begins a transaction, or its part in this shard, unless it has begun already.
func (s *shard) admit(p part, alone bool) {
	if s.open[p.id] != nil {
		return
	}
	if _, known := s.outcomeOf(p.id); known && !(alone && s.cfg.Bugs.Has(RetryCommitsTwice)) {
		return
	}
	t := &txn{part: p, alone: alone, state: waiting}
	s.open[p.id] = t
	if s.mustWait(t) {
		i, _ := slices.BinarySearchFunc(s.waiting, t, compareAge)
		s.waiting = slices.Insert(s.waiting, i, t)
		s.wound(t)
		return
	}
	s.execute(t)
}

// compareAge orders transactions from the oldest to the youngest.
func compareAge(a, b *txn) int {
	switch {
	case a.priority != b.priority:
		return compare(a.priority, b.priority)
	case a.id.Client != b.id.Client:
		return compare(a.id.Client, b.id.Client)
	}
	return compare(a.id.Seq, b.id.Seq)
}

func compare[T int64 | uint64](a, b T) int {
	if a < b {
		return -1
	}
	if a > b {
		return 1
	}
	return 0
}

// execute runs a transaction that can have its locks. Alone it commits at once, else it keeps the locks
// and waits for the decision.
func (s *shard) execute(t *txn) {
	s.locks.take(t, s.claims(t))
	t.state = prepared
	status := s.run(t)
	switch {
	case status != 0:
		s.effects = append(s.effects, effect{kind: voted, txn: t, status: status})
		s.close(t, status)
	case t.alone:
		s.effects = append(s.effects, effect{kind: voted, txn: t, status: Committed})
		s.close(t, Committed)
	default:
		s.effects = append(s.effects, effect{kind: voted, txn: t})
	}
}

// run finds out what the micro-ops answer and what they write, or why it has to abort.
func (s *shard) run(t *txn) Status {
	t.results = make([][]int64, len(t.ops))
	t.writes = make([]write, 0, len(t.ops))
	for i, o := range t.ops {
		if !s.mayRun(t, o) {
			return Aborted
		}
		list := s.read(o.Key, t.id.Client, t.snapshot)
		at := slices.IndexFunc(t.writes, func(w write) bool { return w.key == o.Key })
		if at >= 0 {
			list = t.writes[at].list
		}
		after, answer, ok := o.apply(list)
		if !ok {
			return Refused
		}
		t.results[i] = answer
		switch {
		case o.Kind == Read:
		case at >= 0:
			t.writes[at].list = after
		default:
			t.writes = append(t.writes, write{o.Key, after})
		}
	}
	return 0
}

// close ends a transaction here: its writes are installed or dropped, its locks given to those who wait.
func (s *shard) close(t *txn, status Status) {
	if status == Committed || s.cfg.Bugs.Has(AbortedWritesStay) {
		for _, w := range t.writes {
			s.data.install(w, t.at, s.cfg.MaxVersions)
		}
	}
	if t.state == waiting {
		s.waiting = slices.DeleteFunc(s.waiting, func(w *txn) bool { return w == t })
	} else {
		s.locks.release(t, s.claims(t))
	}
	t.commit = status == Committed
	s.effects = append(s.effects, effect{kind: unlocked, txn: t})
	delete(s.open, t.id)
	s.remember(t.id, outcome{used: s.index, seq: t.id.Seq, status: status, results: t.results})
	s.promote()
}

// remember keeps an outcome. Beyond MaxOutcomes the client that has been silent for longest is
// forgotten first, by all replicas at the same entry.
func (s *shard) remember(id TxnID, o outcome) {
	if last := s.outcomes[id.Client]; last.seq > 0 {
		if o.seq < last.seq { // the client went on before this shard was told
			o, last = last, o
		}
		o.earlier = s.earlier(id.Client, ending{last.seq, last.status})
	}
	s.outcomes[id.Client] = o
	for len(s.outcomes) > s.cfg.MaxOutcomes {
		var oldest uint64
		used := uint64(math.MaxUint64)
		for client, o := range s.outcomes { // an entry makes one outcome at least, and ties are broken
			if o.used < used || o.used == used && client < oldest {
				oldest, used = client, o.used
			}
		}
		delete(s.outcomes, oldest)
	}
}

// promote executes whoever waits and need not any more, the oldest first.
func (s *shard) promote() {
	for i := 0; i < len(s.waiting); {
		t := s.waiting[i]
		if s.mustWait(t) {
			i++
			continue
		}
		s.waiting = slices.Delete(s.waiting, i, i+1)
		s.execute(t)
		i = 0 // which may have given up locks again
	}
}

// decide gives a transaction its outcome, at its home. The first decision counts: whoever comes later, a
// second gateway or an impatient home, gets that one.
func (s *shard) decide(id TxnID, commit bool, at stamp) {
	t := s.open[id]
	switch {
	case t == nil:
		if _, known := s.outcomeOf(id); known {
			return
		}
		// Nobody here has heard of it. It may still come: then it has to find itself aborted.
		s.remember(id, outcome{used: s.index, seq: id.Seq, status: Aborted})
		t = &txn{part: part{id: id, shards: []ShardID{s.id}}, state: decided}
		s.effects = append(s.effects, effect{kind: resolved, txn: t})
	case t.state == decided:
		return
	case commit && !t.ready():
		s.violated("commit of %v, which is not prepared", id)
		return
	default:
		t.commit, t.at = commit, at
		s.effects = append(s.effects, effect{kind: resolved, txn: t})
		s.close(t, statusOf(commit))
		if s.cfg.Commit == TwoPhase {
			t.state = decided
			s.open[id] = t // until all participants know
		}
	}
}

func statusOf(commit bool) Status {
	if commit {
		return Committed
	}
	return Aborted
}

// isForeign tells whether a decision is by another coordinator than the one that the transaction is prepared
// for. Where the gateway decides only that one may: the other gave up what it could not get.
func (t *txn) isForeign(gateway NodeID, life uint64, c Commit) bool {
	return c != TwoPhase && (t.gateway != gateway || t.life != life)
}

// finish carries out a decision, at a participant. That it comes from the right coordinator is looked at once
// more: when the entry was proposed the transaction may still have been on its way through the log.
func (s *shard) finish(p part, commit bool, at stamp) {
	t := s.open[p.id]
	switch {
	case t == nil: // it has been carried out before, or there never was anything to abort
		s.effects = append(s.effects, effect{kind: finished, txn: &txn{part: p, commit: commit}})
		return
	case t.state == decided || t.isForeign(p.gateway, p.life, s.cfg.Commit):
		return
	case commit && !t.ready():
		s.violated("commit of %v, which is not prepared", p.id)
		return
	}
	t.at = at
	s.effects = append(s.effects, effect{kind: finished, txn: t})
	s.close(t, statusOf(commit))
}

// withdraw aborts what this shard has not voted for, or never heard of. Who has voted waits for the others.
func (s *shard) withdraw(p part) {
	t := s.open[p.id]
	_, known := s.outcomeOf(p.id)
	switch {
	case t != nil && !t.ready():
		s.finish(t.part, false, 0)
	case t == nil && !known: // it may still come: then it has to find itself aborted
		s.remember(p.id, outcome{used: s.index, seq: p.id.Seq, status: Aborted})
	}
}

// takeEffects returns what the entries since the last call have brought about.
func (s *shard) takeEffects() []effect {
	effects := s.effects
	s.effects = nil
	return effects
}

// violated stops a correct shard that finds an invariant broken.
func (s *shard) violated(format string, args ...any) {
	if s.cfg.Bugs == 0 && s.cfg.Raft.Bugs == 0 {
		panic(fmt.Sprintf("refdb: %v: invariant violated: %s", s.id, fmt.Sprintf(format, args...)))
	}
}
