package refdb

import "fmt"

// MessageType tells the messages of Raft apart.
type MessageType uint8

// What the fields of a Message mean, by type:
//
//	             Term             OK        Index, LogTerm               else
//	PreVote      would campaign in          candidate's last entry
//	PreVoteReply the one asked,   granted
//	             own if refused
//	Vote         campaigns in     leader    candidate's last entry
//	                              wants it
//	VoteReply    voter's          granted
//	Append       leader's                   entry before Entries         Commit, Round, Sent, Entries
//	AppendReply  follower's       matched   OK: last entry that matches  Round, Sent as in the Append
//	                                        else: Index as in the Append,
//	                                        Hint and its LogTerm
//	Snapshot     leader's         last      last entry covered           Offset, Data, Round, Sent
//	                              chunk
//	SnapshotReply follower's                as in the Snapshot           Offset wanted next, Round, Sent
//	TakeOver     leader's
//	ReadQuery    follower's                                              Round: number of the question
//	ReadAnswer   leader's                   Index: to be applied first   Round as in the ReadQuery
//
// The last chunk is answered by an AppendReply, once what it completes is durable.
const (
	PreVote MessageType = iota + 1
	PreVoteReply
	Vote
	VoteReply
	Append
	AppendReply
	Snapshot
	SnapshotReply
	TakeOver
	ReadQuery
	ReadAnswer
)

// Message is one message between two nodes. It is a value; Entries and Data are shared and never
// change.
type Message struct {
	Type    MessageType
	OK      bool
	Term    uint64
	Index   uint64
	LogTerm uint64
	Commit  uint64  // all entries up to here are committed, as far as the leader knows
	Round   uint64  // the leader's latest round of reads (see reads.go)
	Sent    int64   // by the clock of the leader that its lease is judged by (see lease.go)
	Hint    uint64  // the leader may look for a match at or below this index (see raftLog.lastUpToTerm)
	Entries []Entry // consecutive, the first at Index+1
	Offset  uint64  // of Data in the snapshot, in bytes
	Data    []byte  // a chunk of a snapshot
}

// Envelope is a message with its way.
type Envelope struct {
	From, To NodeID
	Message
}

// String returns the envelope in one line: "n1->n2 Vote term=2 last=3/1".
func (e Envelope) String() string {
	return fmt.Sprintf("%v->%v %v", e.From, e.To, e.Message)
}

// String returns the message in one line. Positions in the log are written index/term.
func (m Message) String() string {
	switch m.Type {
	case PreVote:
		return fmt.Sprintf("PreVote term=%d last=%d/%d", m.Term, m.Index, m.LogTerm)
	case Vote:
		return fmt.Sprintf("Vote term=%d last=%d/%d%s", m.Term, m.Index, m.LogTerm, verdict(m.OK, " for the leader", ""))
	case PreVoteReply:
		return fmt.Sprintf("PreVoteReply term=%d %s", m.Term, verdict(m.OK, "granted", "refused"))
	case VoteReply:
		return fmt.Sprintf("VoteReply term=%d %s", m.Term, verdict(m.OK, "granted", "refused"))
	case Append:
		return string(newLine().uint("Append term=", m.Term).uint(" prev=", m.Index).uint("/", m.LogTerm).
			uint(" commit=", m.Commit).uint(" round=", m.Round).entries(m.Entries))
	case AppendReply:
		if m.OK {
			return string(newLine().uint("AppendReply term=", m.Term).uint(" match=", m.Index).uint(" round=", m.Round))
		}
		return fmt.Sprintf("AppendReply term=%d mismatch=%d hint=%d/%d round=%d", m.Term, m.Index, m.Hint, m.LogTerm, m.Round)
	case Snapshot:
		return fmt.Sprintf("Snapshot term=%d last=%d/%d bytes=%d+%d%s round=%d",
			m.Term, m.Index, m.LogTerm, m.Offset, len(m.Data), verdict(m.OK, " done", ""), m.Round)
	case SnapshotReply:
		return fmt.Sprintf("SnapshotReply term=%d last=%d wanted=%d round=%d", m.Term, m.Index, m.Offset, m.Round)
	case TakeOver:
		return fmt.Sprintf("TakeOver term=%d", m.Term)
	case ReadQuery:
		return fmt.Sprintf("ReadQuery term=%d question=%d", m.Term, m.Round)
	case ReadAnswer:
		return fmt.Sprintf("ReadAnswer term=%d question=%d index=%d", m.Term, m.Round, m.Index)
	}
	return fmt.Sprintf("message of unknown type %d", m.Type)
}

func verdict(ok bool, yes, no string) string {
	if ok {
		return yes
	}
	return no
}
