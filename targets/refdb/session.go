package refdb

import "math"

// session remembers the last command of one client that took effect, and its answer.
//
// A client that hears nothing must send again, and then the log may hold its command twice. The
// session makes the second one harmless and gives it the first one's answer (Raft dissertation,
// 6.3). It is part of the replicated state: every node, hence every later leader, has it. One
// answer is enough because a client has one request open at a time.
//
// MaxSessions bounds the table: the client that has been silent for longest, in entries of the log, is
// forgotten first, by all nodes at the same entry. So a client may rely on at most once for as long as
// fewer than MaxSessions others have written since.
type session struct {
	used   uint64 // index of the entry that it was last changed by
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
	switch e.Command.Op {
	case NoOp:
		return OK, Result{}
	case Custom:
		n.cfg.Machine.Apply(e.Index, e.Command.Data)
		return OK, Result{}
	}
	if s := n.sessions[e.Client]; s.knows(e.Seq) && !n.cfg.Bugs.Has(RetryAppliedTwice) {
		return s.answer(e.Seq)
	}
	status, result := n.store.apply(e.Command)
	n.timeLock(e.Command.Key, status, result)
	n.sessions[e.Client] = session{used: e.Index, seq: e.Seq, status: status, result: result}
	n.sessions.bound(n.maxSessions())
	return status, result
}

func (n *Node) maxSessions() int {
	if n.cfg.Bugs.Has(SessionForgottenTooSoon) {
		return 2
	}
	return n.cfg.MaxSessions
}

// sessions is the table of sessions, by client.
type sessions map[uint64]session

// bound drops sessions, the least recently used ones first, until at most limit are left.
func (t sessions) bound(limit int) {
	for len(t) > limit {
		var oldest uint64
		used := uint64(math.MaxUint64)
		for client, s := range t { // an entry changes one session, so the least is the same in any order
			if s.used < used {
				oldest, used = client, s.used
			}
		}
		delete(t, oldest)
	}
}
