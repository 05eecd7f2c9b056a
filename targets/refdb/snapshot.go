package refdb

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"maps"
	"slices"
)

// snapshot is the state machine as it was behind one entry, in bytes that are the same on every node.
// It takes the place of all entries up to there: on disk, in memory, and for a peer that lags so far
// behind that the entries it lacks are gone.
//
// The content is the members, the registers, the counters, the sets, the queues, the locks and the sessions: each a count, then so many
// elements in ascending order of their keys. Every number has 8 bytes, little endian. What a Machine saves
// comes last, behind the count of its bytes.
type snapshot struct {
	index, term uint64 // of the last entry covered
	content     []byte
}

// emptySnapshot is what a node starts with: nothing, behind entry 0.
func emptySnapshot(voters []NodeID) snapshot {
	var members []Member
	for _, id := range slices.Sorted(slices.Values(voters)) {
		members = append(members, Member{ID: id, Voter: true})
	}
	return snapshot{content: encodeState(members, newStore(), nil)}
}

func (s *snapshot) digest() uint64 { return uint64(crc32.Checksum(s.content, castagnoli)) }

// takeSnapshot saves the present state once enough has been applied since the last time, lets go of
// entries that no peer is likely to miss, and has the log file begun anew.
func (n *Node) takeSnapshot() {
	if n.commit-n.snap.index < uint64(n.cfg.SnapshotEvery) || !n.log.holds(n.commit) {
		return
	}
	kept := n.sessions
	if n.cfg.Bugs.Has(SnapshotForgetsSessions) {
		kept = nil
	}
	content := encodeState(n.configurationAt(n.commit).members, n.store, kept)
	if n.cfg.Machine != nil {
		saved := n.cfg.Machine.Save()
		content = append(encodeCount(content, len(saved)), saved...)
	}
	n.snap = snapshot{index: n.commit, term: n.log.term(n.commit), content: content}
	n.trace(Event{Kind: SnapshotTaken, Index: n.snap.index, Term: n.snap.term, Digest: n.snap.digest()})
	n.mergeConfigurations()
	if keep := uint64(n.cfg.KeepEntries); n.commit > keep {
		n.log.compact(n.commit - keep)
	}
	n.rewriteDue = true
}

// restore makes the state that of a snapshot.
func (n *Node) restore(s snapshot) {
	state, err := s.decode()
	if err == nil && n.cfg.Machine != nil {
		err = n.cfg.Machine.Restore(state.machine)
	}
	if err != nil {
		n.violated("%v", err)
		return
	}
	n.snap, n.store, n.sessions = s, state.store, state.sessions
	n.timeLocks()
	n.commit = s.index
	if s.index > 0 {
		n.trace(Event{Kind: Restored, Index: s.index, Term: s.term, Digest: s.digest()})
	}
	n.restartConfigurations(state.members)
}

// rewriteLog writes a new log file that begins with the latest snapshot and so is as short as can be.
// It waits for a sync under way, as only one thing is asked of the disk at a time.
//
// It is also what a node begins with that does not know all of its file to be durable. To sync that would
// not do: after a sync that failed, in this life or an earlier one, the system's cache may show what the
// medium does not hold, and take it for written (Rebello et al., Can Applications Recover from fsync
// Failures?, 2020).
func (n *Node) rewriteLog() {
	if !n.rewriteDue || n.disk.syncing != 0 {
		return
	}
	n.rewriteDue = false
	n.disk.beginFile()
	n.disk.write(headerRecord, walVersion, uint64(n.cfg.ID))
	n.writeState()
	if n.snap.index > 0 {
		n.disk.writeSnapshot(&n.snap)
	}
	for i := n.snap.index + 1; i <= n.log.last(); i++ {
		n.disk.writeEntry(n.log.at(i))
	}
}

func encodeState(members []Member, s store, t sessions) []byte {
	content := encodeCount(nil, len(members))
	for _, m := range members {
		content = encode(content, uint64(m.ID), encodeBool(m.Voter))
	}
	content = encodeNumbers(content, s.registers)
	content = encodeNumbers(content, s.counters)
	content = encodeCount(content, len(s.sets))
	for _, key := range slices.Sorted(maps.Keys(s.sets)) {
		content = encode(content, uint64(key), uint64(len(s.sets[key].elements)))
		for _, element := range s.sets[key].elements {
			content = encode(content, uint64(element))
		}
	}
	content = encodeCount(content, len(s.queues))
	for _, key := range slices.Sorted(maps.Keys(s.queues)) {
		content = encode(content, uint64(key), uint64(len(s.queues[key])))
		for _, element := range s.queues[key] {
			content = encode(content, uint64(element))
		}
	}
	content = encodeCount(content, len(s.locks))
	for _, key := range slices.Sorted(maps.Keys(s.locks)) {
		l := s.locks[key]
		content = encode(content, uint64(key), uint64(l.owner), encodeBool(l.held), uint64(l.token), uint64(l.guarded))
	}
	content = encodeCount(content, len(t))
	for _, client := range slices.Sorted(maps.Keys(t)) {
		s := t[client]
		content = encode(content, client, s.used, s.seq, uint64(s.status), encodeBool(s.result.Found), uint64(s.result.Value))
	}
	return content
}

func encodeNumbers(content []byte, numbers map[int64]int64) []byte {
	content = encodeCount(content, len(numbers))
	for _, key := range slices.Sorted(maps.Keys(numbers)) {
		content = encode(content, uint64(key), uint64(numbers[key]))
	}
	return content
}

func encodeBool(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

func encodeCount(content []byte, count int) []byte { return encode(content, uint64(count)) }

func encode(content []byte, numbers ...uint64) []byte {
	for _, v := range numbers {
		content = binary.LittleEndian.AppendUint64(content, v)
	}
	return content
}

var errSnapshot = errors.New("refdb: the content of a snapshot makes no sense")

// state is what the content of a snapshot says.
type state struct {
	members  []Member
	store    store
	sessions sessions
	machine  []byte // what Machine.Save returned, nil for none
}

// decode reads the content. The only error is errSnapshot.
func (s *snapshot) decode() (state, error) {
	d := decoder{rest: s.content}
	out, clients := newStore(), sessions{}
	var members []Member
	for range d.count(2) {
		members = append(members, Member{ID: NodeID(d.next()), Voter: d.next() == 1})
	}
	d.numbers(out.registers)
	d.numbers(out.counters)
	for range d.count(2) {
		set := out.set(int64(d.next()))
		for range d.count(1) {
			set.add(int64(d.next()))
		}
	}
	for range d.count(2) {
		key := int64(d.next())
		out.queues[key] = nil
		for range d.count(1) {
			out.queues[key] = append(out.queues[key], int64(d.next()))
		}
	}
	for range d.count(5) {
		key := int64(d.next())
		out.locks[key] = lock{owner: int64(d.next()), held: d.next() == 1, token: int64(d.next()), guarded: int64(d.next())}
	}
	for range d.count(6) {
		client := d.next()
		s := session{used: d.next(), seq: d.next(), status: Status(d.next())}
		s.result.Found = d.next() == 1
		s.result.Value = int64(d.next())
		clients[client] = s
	}
	machine := d.bytes()
	if d.short || len(d.rest) > 0 {
		return state{}, errSnapshot
	}
	return state{members, out, clients, machine}, nil
}

// decoder reads numbers one by one, and zeros once they have run out.
type decoder struct {
	rest  []byte
	short bool
}

func (d *decoder) next() uint64 {
	if len(d.rest) < 8 {
		d.short = true
		return 0
	}
	v := binary.LittleEndian.Uint64(d.rest)
	d.rest = d.rest[8:]
	return v
}

// bytes reads what remains, behind the count of it; nil if nothing remains.
func (d *decoder) bytes() []byte {
	if len(d.rest) == 0 {
		return nil
	}
	size := d.count(0)
	if d.short {
		return nil
	}
	data := d.rest[:size:size]
	d.rest = d.rest[size:]
	return data
}

// count reads how many elements of so many numbers follow, or of one byte if of none, and none if there
// cannot be as many.
func (d *decoder) count(numbers int) uint64 {
	count := d.next()
	if count > uint64(len(d.rest)/max(1, 8*numbers)) {
		d.short = true
		return 0
	}
	return count
}

func (d *decoder) numbers(into map[int64]int64) {
	for range d.count(2) {
		key := int64(d.next())
		into[key] = int64(d.next())
	}
}
