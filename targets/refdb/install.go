package refdb

// A peer that lacks entries which the leader has let go of is sent the leader's snapshot instead, in
// chunks. The peer says which offset it wants next; the chunk behind it follows at once. A chunk or an
// answer that gets lost is made up for at the next heartbeat. Nothing is kept of a snapshot until
// it is whole: after a crash of either side the transfer begins again.

// transfer is a snapshot on its way to a peer. Once the peer has some of it, it goes on with that one,
// however many are taken meanwhile.
type transfer struct {
	snap   snapshot
	offset uint64 // that the peer wants next
}

// sendChunk sends a peer the chunk that it wants next.
func (n *Node) sendChunk(p *peer) {
	t := p.transfer
	if t.offset == 0 {
		t.snap = n.snap
	}
	size := uint64(len(t.snap.content))
	end := min(t.offset+uint64(n.cfg.MaxChunk), size)
	n.send(p.id, Message{
		Type: Snapshot, Term: n.term, Index: t.snap.index, LogTerm: t.snap.term, Round: n.round, Sent: n.leaseClock(),
		Offset: t.offset, Data: t.snap.content[t.offset:end:end], OK: end == size,
	})
}

func (n *Node) receiveSnapshotReply(p *peer, m Message) {
	if n.role != Leader {
		return
	}
	n.hear(p, m)
	n.answerReads()
	t := p.transfer
	if t == nil || m.Index != t.snap.index || m.Offset > uint64(len(t.snap.content)) {
		return
	}
	progress := m.Offset > t.offset
	t.offset = m.Offset
	if progress { // or else the answer is an old one, or the peer has begun again: no hurry
		n.sendChunk(p)
	}
}

// incoming is a snapshot of which the first bytes have arrived. Chunks of one leader's term and one
// last entry belong together.
type incoming struct {
	leaderTerm uint64
	snap       snapshot
}

func (n *Node) receiveSnapshot(p *peer, m Message) {
	n.follow(p)
	if m.Index <= n.commit { // the log knows all that and more
		n.sendDurably(p.id, Message{Type: AppendReply, OK: true, Term: n.term, Index: m.Index, Round: m.Round, Sent: m.Sent})
		return
	}
	if in := n.incoming; in == nil || in.leaderTerm != m.Term || in.snap.index != m.Index {
		n.incoming = &incoming{leaderTerm: m.Term, snap: snapshot{index: m.Index, term: m.LogTerm}}
	}
	s := &n.incoming.snap
	if m.Offset == uint64(len(s.content)) {
		s.content = append(s.content, m.Data...)
		if m.OK {
			n.install(*s)
			n.sendDurably(p.id, Message{Type: AppendReply, OK: true, Term: n.term, Index: m.Index, Round: m.Round, Sent: m.Sent})
			return
		}
	}
	n.send(p.id, Message{Type: SnapshotReply, Term: n.term, Index: m.Index, Offset: uint64(len(s.content)), Round: m.Round, Sent: m.Sent})
}

// install makes a snapshot of the leader's the beginning of the log, on disk as in memory.
func (n *Node) install(s snapshot) {
	n.incoming = nil
	n.log.rebase(s.index, s.term)
	n.restore(s)
	n.disk.writeSnapshot(&s)
	n.rewriteDue = true
}
