package refdb

import "fmt"

// DiskOpKind tells disk operations apart.
type DiskOpKind uint8

const (
	// AppendOp: write Data at the end of the log file or, if New is set, of the new file. Nothing
	// reports back: if it fails, the next Sync or Replace has failed.
	AppendOp DiskOpKind = iota + 1
	// SyncOp: make all before it durable (fsync), then call DiskDone with Token. Of Sync and Replace
	// at most one is on its way at a time, and appends may overtake it.
	SyncOp
	// ReplaceOp: make the new file durable, give it the log file's name in its place, make that
	// durable (fsync of the directory), then call DiskDone with Token.
	ReplaceOp
)

// DiskOp is one operation on the log file, or on the new file which is to take its place.
type DiskOp struct {
	Kind  DiskOpKind
	New   bool
	Data  []byte
	Token uint64
}

// String returns the operation in one line.
func (op DiskOp) String() string {
	switch op.Kind {
	case AppendOp:
		return fmt.Sprintf("append %d bytes%s", len(op.Data), verdict(op.New, " to the new file", ""))
	case SyncOp:
		return fmt.Sprintf("sync token=%d", op.Token)
	case ReplaceOp:
		return fmt.Sprintf("replace token=%d", op.Token)
	}
	return fmt.Sprintf("disk operation of unknown kind %d", op.Kind)
}

// disk is the write side of the log, and the gate for what must not be said before it is durable.
//
// Sizes count bytes written since the start, whatever file they went to:
// synced <= handed over = written - len(buf) <= written.
type disk struct {
	buf, spare []byte // frames not yet handed over; the last batch handed over, to be reused
	written    int64  // size once buf is handed over
	synced     int64  // bytes known to be durable
	syncing    int64  // what the sync or replacement under way will make durable, 0 if none is; also its token
	origin     int64  // size at which the present file began
	fresh      bool   // the present file is the new one, and has not replaced the log yet
	gated      queue[gatedMessage]
}

// gatedMessage waits until size bytes are durable.
type gatedMessage struct {
	size int64
	to   NodeID
	msg  Message
}

func (d *disk) write(kind byte, fields ...uint64) {
	d.writeWith("", kind, fields...)
}

// writeWith writes a record that ends in bytes of its own.
func (d *disk) writeWith(data string, kind byte, fields ...uint64) {
	before := len(d.buf)
	d.buf = appendFrame(d.buf, d.written-d.origin, max(0, d.synced-d.origin), data, kind, fields...)
	d.written += int64(len(d.buf) - before)
}

func (d *disk) writeEntry(e *Entry) {
	c := &e.Command
	d.writeWith(c.Data, entryRecord, e.Index, e.Term, e.Client, e.Seq, uint64(c.Op), uint64(c.Key), uint64(c.A), uint64(c.B))
}

func (d *disk) writeSnapshot(s *snapshot) {
	d.writeWith(string(s.content), snapshotRecord, s.index, s.term)
}

// beginFile turns to a new file. Frames not yet handed over are dropped: the caller writes all that
// counts to the new one.
func (d *disk) beginFile() {
	d.buf = d.buf[:0]
	d.origin, d.fresh = d.written, true
}

// ops appends what the disk has to do now. While a sync is under way the next one waits, and will
// cover all that has gathered until then: group commit.
func (d *disk) ops(ops []DiskOp) []DiskOp {
	if len(d.buf) > 0 {
		ops = append(ops, DiskOp{Kind: AppendOp, New: d.fresh, Data: d.buf})
		d.buf, d.spare = d.spare[:0], d.buf
	}
	if d.syncing == 0 && d.written > d.synced {
		d.syncing = d.written
		kind := SyncOp
		if d.fresh {
			kind = ReplaceOp
		}
		ops = append(ops, DiskOp{Kind: kind, Token: uint64(d.syncing)})
	}
	return ops
}

// sendDurably sends a message once all that has been written until now is durable. A message to the
// node itself is how it counts its own vote and acknowledges its own entries: under the same rule
// as everyone else.
func (n *Node) sendDurably(to NodeID, m Message) {
	early := m.Type == AppendReply && n.cfg.Bugs.Has(AckBeforeFsync)
	if early || n.disk.synced >= n.disk.written {
		n.send(to, m)
		return
	}
	if g := n.disk.gated.back(); g != nil && g.size == n.disk.written && g.to == to && g.msg.precedes(m) {
		g.msg.Index, g.msg.Round, g.msg.Sent = m.Index, m.Round, m.Sent
		return
	}
	n.disk.gated.push(gatedMessage{n.disk.written, to, m})
}

// precedes tells whether an acknowledgement that waits can be brought up to date by a later one instead of
// being followed by it: or heartbeats would pile up for as long as the disk stalls.
func (m *Message) precedes(later Message) bool {
	return m.Type == AppendReply && later.Type == AppendReply && m.OK && later.OK && m.Term == later.Term &&
		m.Index <= later.Index && m.Round <= later.Round && m.Sent <= later.Sent
}

// DiskDone reports that the Sync or Replace of that token has ended. After an error nothing on disk can be
// trusted, and trying again would only look like success; so the node stops.
func (n *Node) DiskDone(now Clock, token uint64, err error) {
	if n.fatal != nil {
		return
	}
	n.observe(now)
	if err != nil && n.cfg.Bugs.Has(FailedSyncRetried) {
		n.disk.syncing = 0
		return
	}
	if err != nil {
		n.fatal = fmt.Errorf("refdb: %v: sync: %w", n.cfg.ID, err)
		return
	}
	if n.disk.syncing == 0 || token != uint64(n.disk.syncing) {
		panic(fmt.Sprintf("refdb: %v: DiskDone of token %d, want %d", n.cfg.ID, token, n.disk.syncing))
	}
	n.disk.synced, n.disk.syncing, n.disk.fresh = n.disk.syncing, 0, false
	for n.disk.gated.len() > 0 && n.disk.gated.front().size <= n.disk.synced {
		g := n.disk.gated.pop()
		n.send(g.to, g.msg)
	}
}

// setTerm enters a term and gives the vote in it, both for good.
func (n *Node) setTerm(term uint64, vote NodeID) {
	if term < n.term || term == n.term && n.vote != NoNode && n.vote != vote {
		n.violated("term %d vote %v after term %d vote %v", term, vote, n.term, n.vote)
	}
	n.term, n.vote = term, vote
	n.writeState()
	if vote != NoNode {
		n.trace(Event{Kind: Voted, Term: term, Node: vote})
	}
}

func (n *Node) writeState() {
	if !n.cfg.Bugs.Has(VoteNotPersisted) {
		n.disk.write(stateRecord, n.term, uint64(n.vote))
	}
}

// appendEntry puts an entry at the end of the log, in memory and on its way to disk.
func (n *Node) appendEntry(e Entry) {
	if e.Index != n.log.last()+1 || e.Term < n.log.lastTerm() {
		n.violated("entry %d/%d after %d/%d", e.Index, e.Term, n.log.last(), n.log.lastTerm())
	}
	n.log.append(e)
	n.disk.writeEntry(&e)
	n.noteEntry(&e)
	n.trace(Event{Kind: Appended, Index: e.Index, Term: e.Term, Digest: e.Digest()})
}

// truncateLog discards the entries from index on.
func (n *Node) truncateLog(index uint64) {
	if index <= n.commit {
		n.violated("truncation from %d of entries committed up to %d", index, n.commit)
	}
	n.log.truncate(index)
	n.disk.write(truncateRecord, index)
	n.forgetEntries(index)
	n.trace(Event{Kind: Truncated, Index: index})
}
