package refdb

// waitingWrite is a request whose command is in the log at index, unanswered.
type waitingWrite struct {
	index   uint64
	request Request
}

// Request takes a request of a client.
func (n *Node) Request(now Clock, r Request) {
	if n.fatal != nil {
		return
	}
	n.observe(now)
	switch {
	case r.Command.Op == NoOp || r.Command.Op == Custom || r.Command.Op >= numOps || r.Seq == 0:
		n.reply(&r, Invalid, Result{})
	case r.Command.Op.IsRead():
		n.read(r)
	default:
		n.propose(r)
	}
}

// propose puts a write in the log. A request that is repeated while the first is still on its way
// goes in twice, and its session makes nothing of the second.
func (n *Node) propose(r Request) {
	s := n.sessions[r.Client]
	switch {
	case n.role != Leader:
		n.reply(&r, NotLeader, Result{})
	case s.knows(r.Seq) && !n.cfg.Bugs.Has(RetryAppliedTwice):
		status, result := s.answer(r.Seq) // applied, hence committed: true whoever leads now
		n.reply(&r, status, result)
	case n.isOverloaded() || n.successor != NoNode || r.Command.Op.changesMembers() && !n.mayChange(r.Command):
		n.reply(&r, Overloaded, Result{})
	case r.Command.Op.changesMembers() && !n.canChange(r.Command):
		n.reply(&r, Invalid, Result{})
	default:
		if r.Command.Op == Lease {
			r.Command.B = n.overToken(r.Command.Key)
		}
		e := Entry{Index: n.log.last() + 1, Term: n.term, Client: r.Client, Seq: r.Seq, Command: r.Command}
		n.appendEntry(e)
		n.writes.push(waitingWrite{e.Index, r})
	}
}

func (n *Node) isOverloaded() bool { return n.writes.len()+n.reads.len() >= n.cfg.MaxPending }

// lead does at the end of a batch of inputs what a leader owes: acknowledge its own entries, begin
// a round for new reads, and send each peer what it lacks.
func (n *Node) lead() {
	if n.selfAcked < n.log.last() {
		n.selfAcked = n.log.last()
		n.sendDurably(n.cfg.ID, Message{Type: AppendReply, OK: true, Term: n.term, Index: n.selfAcked})
	}
	n.beginRound()
	n.handOver()
	for _, p := range n.peers {
		if p != n.self && p.member {
			n.replicate(p)
		}
	}
	n.beat = false
}

// sending is how a leader sends its log to a peer.
type sending uint8

const (
	probing    sending = iota // next is a guess: one Append is to try it
	waiting                   // it has been sent; all else waits for the answer, or the next heartbeat
	streaming                 // the logs agree: send all that is new at once, next runs ahead of match
	installing                // the entry at next is gone: a snapshot is on its way instead
)

// replicate sends a peer what it lacks, or at least a heartbeat if one is owed.
func (n *Node) replicate(p *peer) {
	owed := n.beat
	if p.next <= n.log.base() && p.sending != installing {
		p.sending, p.transfer = installing, &transfer{}
		owed = true
	}
	if p.sending == installing {
		if owed {
			n.sendChunk(p)
		}
		return
	}
	if owed && p.sending == waiting {
		p.sending = probing // the probe may have got lost
	}
	for owed || n.hasMore(p) {
		m := Message{Type: Append, Term: n.term, Index: p.next - 1, LogTerm: n.log.term(p.next - 1), Commit: n.commit, Round: n.round, Sent: n.leaseClock()}
		if n.hasMore(p) {
			m.Entries = n.log.slice(p.next, n.cfg.MaxBatch)
			if p.sending == streaming {
				p.next += uint64(len(m.Entries))
			} else {
				p.sending = waiting
			}
		}
		n.send(p.id, m)
		owed = false
	}
}

// hasMore tells whether there are entries which the peer should be sent now.
func (n *Node) hasMore(p *peer) bool {
	room := p.sending == probing || p.sending == streaming && p.next <= p.match+uint64(n.cfg.MaxInflight)
	return room && p.next <= n.log.last()
}

func (n *Node) receiveAppend(p *peer, m Message) {
	n.follow(p)
	n.skipCovered(&m)
	if !n.log.matches(m.Index, m.LogTerm) {
		hint := n.log.lastUpToTerm(m.Index, m.LogTerm)
		n.send(p.id, Message{Type: AppendReply, Term: n.term, Index: m.Index, Hint: hint, LogTerm: n.log.term(hint), Round: m.Round, Sent: m.Sent})
		return
	}
	n.adopt(m.Index, m.Entries)
	match := m.Index + uint64(len(m.Entries))
	n.commitTo(min(m.Commit, match)) // behind match the log may still be that of an old leader
	n.sendDurably(p.id, Message{Type: AppendReply, OK: true, Term: n.term, Index: match, Round: m.Round, Sent: m.Sent})
}

// follow acknowledges the leader of this term.
func (n *Node) follow(p *peer) {
	if n.role == Leader {
		n.violated("two leaders in term %d: this node and %v", n.term, p.id)
	}
	n.becomeFollower(n.term, p.id)
	n.leaderHeard = n.now.Mono
}

// skipCovered leaves out what an Append says of entries that a snapshot covers: they are committed,
// hence the leader's are the same.
func (n *Node) skipCovered(m *Message) {
	if m.Index < n.snap.index {
		m.Entries = m.Entries[min(n.snap.index-m.Index, uint64(len(m.Entries))):]
		m.Index, m.LogTerm = n.snap.index, n.snap.term
	}
}

// adopt makes the log agree with the leader's entries behind prev. Entries that agree are left
// alone, and so is all behind them: the message may be an old one, overtaken by later ones.
func (n *Node) adopt(prev uint64, entries []Entry) {
	if n.cfg.Bugs.Has(TruncateWithoutComparing) && prev < n.log.last() {
		n.truncateLog(prev + 1)
	}
	for i := range entries {
		e := &entries[i]
		if n.log.matches(e.Index, e.Term) {
			continue
		}
		if e.Index <= n.log.last() {
			n.truncateLog(e.Index)
		}
		n.appendEntry(*e)
	}
}

func (n *Node) receiveAppendReply(p *peer, m Message) {
	if n.role != Leader {
		return
	}
	n.hear(p, m)
	if m.OK {
		n.acknowledge(p, m.Index)
	} else {
		n.backOff(p, m)
	}
	n.answerReads()
}

// hear notes that a peer has answered. A refusal confirms the office as well: it is of this term.
func (n *Node) hear(p *peer, m Message) {
	p.heard = n.now.Mono
	p.round = max(p.round, m.Round)
	p.sent = max(p.sent, m.Sent)
}

// acknowledge notes that the peer's log is durable and like ours up to index.
func (n *Node) acknowledge(p *peer, index uint64) {
	if index > n.log.last() {
		n.violated("%v acknowledges entry %d of %d", p.id, index, n.log.last())
		index = n.log.last()
	}
	if n.cfg.Bugs.Has(CommitCountsReplies) && p != n.self && p.sending != installing {
		index = p.next - 1
	}
	p.match = max(p.match, index) // answers may come out of order
	if p.match >= p.next-1 {
		p.next, p.sending, p.transfer = p.match+1, streaming, nil
	}
	n.advanceCommit()
}

// backOff goes back to where the peer's log may agree with ours. A refusal of what is known to match,
// or of another message than the probe, is an old one: were each answered with a new probe, one
// lost message in a stream would set off a storm.
func (n *Node) backOff(p *peer, m Message) {
	if m.Index <= p.match || p.sending == installing || p.sending != streaming && m.Index != p.next-1 {
		return
	}
	hint := n.log.lastUpToTerm(m.Hint, m.LogTerm)
	p.next, p.sending = max(p.match, min(hint, m.Index-1))+1, probing
}

// advanceCommit commits what a majority has on disk, provided it ends in an entry of this term: one
// of an earlier term may be on a majority and yet be overwritten (Raft, figure 8).
func (n *Node) advanceCommit() {
	index := n.quorumValue(func(p *peer) uint64 { return p.match })
	if index > n.commit && (n.log.term(index) == n.term || n.cfg.Bugs.Has(CommitPriorTerm)) {
		n.commitTo(index)
	}
}

// commitTo commits and applies all entries up to index, and answers those who wait for them.
func (n *Node) commitTo(index uint64) {
	if index <= n.commit {
		return
	}
	if index > n.log.last() {
		n.violated("commit of entry %d of %d", index, n.log.last())
	}
	n.trace(Event{Kind: Committed, Index: index})
	for n.commit < index {
		n.commit++
		e := n.log.at(n.commit)
		status, result := n.execute(e)
		n.trace(Event{Kind: Applied, Index: e.Index, Term: e.Term, Digest: e.Digest()})
		for n.writes.len() > 0 && n.writes.front().index <= n.commit {
			w := n.writes.pop()
			n.reply(&w.request, status, result)
		}
	}
	n.applyConfiguration()
	n.leaveOffice()
}

// dismissClients answers all who wait for a leader that is none any more, or for one that is not
// followed any more. Their writes may still be
// committed by its successors; their reads have simply not happened.
func (n *Node) dismissClients() {
	for n.writes.len() > 0 {
		w := n.writes.pop()
		n.reply(&w.request, Dropped, Result{})
	}
	for n.reads.len() > 0 {
		if r := n.reads.pop(); r.peer == nil {
			n.reply(&r.request, NotLeader, Result{})
		}
	}
}
