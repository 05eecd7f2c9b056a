package refdb

// session remembers the last command of one client that took effect, and its answer.
//
// A client that hears nothing must send again, and then the log may hold its command twice. The
// session makes the second one harmless and gives it the first one's answer (Raft dissertation,
// 6.3). It is part of the replicated state: every node, hence every later leader, has it. One
// answer is enough because a client has one request open at a time. Sessions are never dropped;
// dropping one would have to be a decision in the log.
type session struct {
	seq    uint64
	status Status
	result Result
}

// knows tells whether the session has the last word on request seq: it has taken effect, or its
// client has gone on to a later one.
func (s session) knows(seq uint64) bool { return seq <= s.seq }

// answer returns what to say to request seq, which the session knows.
func (s session) answer(seq uint64) (Status, Result) {
	if seq < s.seq {
		return Superseded, Result{}
	}
	return s.status, s.result
}

// execute applies a committed entry to the store at most once per (Client, Seq).
func (n *Node) execute(e *Entry) (Status, Result) {
	if e.Command.Op == NoOp {
		return OK, Result{}
	}
	if s := n.sessions[e.Client]; s.knows(e.Seq) && !n.cfg.Bugs.Has(RetryAppliedTwice) {
		return s.answer(e.Seq)
	}
	status, result := n.store.apply(e.Command)
	n.sessions[e.Client] = session{seq: e.Seq, status: status, result: result}
	return status, result
}
