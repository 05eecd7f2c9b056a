package refdb

import (
	"encoding/binary"
	"fmt"
	"io"
	"log"
	"slices"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"
)

// shadow is a node of etcd's Raft that is told all that one of our nodes is told, and whose messages
// nobody gets: they are only compared with what ours says.
type shadow struct {
	id      uint64
	storage *shadowStorage
	raw     *raft.RawNode
	said    []*raftpb.Message // since the last input
}

// shadowStorage knows the voters without having a snapshot that says so.
type shadowStorage struct {
	*raft.MemoryStorage
	voters []uint64
}

func (s *shadowStorage) InitialState() (*raftpb.HardState, *raftpb.ConfState, error) {
	state, _, err := s.MemoryStorage.InitialState()
	return state, &raftpb.ConfState{Voters: s.voters}, err
}

func newShadow(id NodeID, size int) *shadow {
	s := &shadow{id: uint64(id), storage: &shadowStorage{MemoryStorage: raft.NewMemoryStorage()}}
	for voter := range size {
		s.storage.voters = append(s.storage.voters, uint64(voter+1))
	}
	s.start()
	return s
}

// start begins a life with what the storage holds. Ours does not keep on disk how far it had committed, so
// neither may etcd's.
func (s *shadow) start() {
	state, _, err := s.storage.InitialState()
	if err != nil {
		panic(err)
	}
	must(s.storage.SetHardState(&raftpb.HardState{Term: new(state.GetTerm()), Vote: new(state.GetVote()), Commit: new(uint64(0))}))
	s.raw, err = raft.NewRawNode(&raft.Config{
		ID: s.id, ElectionTick: 10, HeartbeatTick: 1, Storage: s.storage,
		MaxSizePerMsg: 1 << 20, MaxInflightMsgs: 256,
		Logger: &raft.DefaultLogger{Logger: log.New(io.Discard, "", 0)},
	})
	must(err)
	s.settle()
}

// settle does what the node wants done, its disk being faster than anything.
func (s *shadow) settle() {
	for s.raw.HasReady() {
		ready := s.raw.Ready()
		if !raft.IsEmptyHardState(ready.HardState) {
			must(s.storage.SetHardState(ready.HardState))
		}
		must(s.storage.Append(ready.Entries))
		s.said = append(s.said, ready.Messages...)
		s.raw.Advance(ready)
	}
}

// campaign has the node stand for election, as ours does after a pre-vote.
func (s *shadow) campaign() {
	must(s.raw.Campaign())
	s.settle()
}

func (s *shadow) propose(e *Entry) {
	must(s.raw.Propose(content(e)))
	s.settle()
}

// receive takes a message that one of our nodes gets.
func (s *shadow) receive(from NodeID, m Message) {
	s.said = s.said[:0]
	state := s.raw.BasicStatus()
	in := &raftpb.Message{To: new(s.id), From: new(uint64(from)), Term: new(m.Term), Index: new(m.Index), LogTerm: new(m.LogTerm)}
	switch m.Type {
	case PreVote:
		in.Type = raftpb.MsgPreVote.Enum()
	case PreVoteReply:
		if m.OK { // pre-votes are not counted here: see differential
			return
		}
		in.Type, in.Reject = raftpb.MsgPreVoteResp.Enum(), new(true)
	case Vote:
		in.Type = raftpb.MsgVote.Enum()
		if state.GetTerm() == m.Term && state.GetVote() == 0 && state.RaftState == raft.StateFollower {
			must(s.raw.ForgetLeader()) // or it refuses its vote for having heard a leader of the term
		}
	case VoteReply:
		if !m.OK && m.Term == state.GetTerm() { // etcd's would count it, though it may answer an earlier campaign
			return
		}
		in.Type, in.Reject = raftpb.MsgVoteResp.Enum(), new(!m.OK)
	case Append:
		in.Type, in.Commit = raftpb.MsgApp.Enum(), new(m.Commit)
		in.Index, in.LogTerm, in.Entries = s.behind(state.GetCommit(), m)
	case AppendReply:
		in.Type = raftpb.MsgAppResp.Enum()
		if !m.OK {
			in.Reject, in.RejectHint = new(true), new(m.Hint)
		}
	default:
		panic(fmt.Sprintf("no counterpart of %v", m))
	}
	must(s.raw.Step(in))
	s.settle()
}

// behind leaves out what an Append says of entries that are committed. Etcd's follower ignores a message
// that begins before its commit index; ours takes what is new in it.
func (s *shadow) behind(commit uint64, m Message) (prev, prevTerm *uint64, entries []*raftpb.Entry) {
	if m.Index < commit {
		if skip := min(commit-m.Index, uint64(len(m.Entries))); skip > 0 {
			last := m.Entries[skip-1]
			m.Index, m.LogTerm, m.Entries = last.Index, last.Term, m.Entries[skip:]
		}
	}
	for i := range m.Entries {
		e := &m.Entries[i]
		entries = append(entries, &raftpb.Entry{Type: raftpb.EntryNormal.Enum(), Index: new(e.Index), Term: new(e.Term), Data: content(e)})
	}
	return new(m.Index), new(m.LogTerm), entries
}

// content is what an entry holds, in bytes; none for an empty one.
func content(e *Entry) []byte {
	if e.Command.Op == NoOp {
		return nil
	}
	return binary.LittleEndian.AppendUint64(nil, e.Digest())
}

// answer is what the node said to a peer in a message of that type, nil if nothing.
func (s *shadow) answer(to NodeID, kind raftpb.MessageType) *raftpb.Message {
	i := slices.IndexFunc(s.said, func(m *raftpb.Message) bool { return m.GetTo() == uint64(to) && m.GetType() == kind })
	if i < 0 {
		return nil
	}
	return s.said[i]
}

// differs says in what the node and ours are not the same, "" if they are.
func (s *shadow) differs(n *Node) string {
	state := s.raw.BasicStatus()
	ours := fmt.Sprintf("term=%d vote=%d leads=%v commit=%d", n.term, n.vote, n.role == Leader, n.commit)
	theirs := fmt.Sprintf("term=%d vote=%d leads=%v commit=%d", state.GetTerm(), state.GetVote(), state.RaftState == raft.StateLeader, state.GetCommit())
	if ours != theirs {
		return fmt.Sprintf("refdb has %s, etcd %s", ours, theirs)
	}
	last, err := s.storage.LastIndex()
	must(err)
	if last != n.log.last() {
		return fmt.Sprintf("refdb has %d entries, etcd %d", n.log.last(), last)
	}
	if last == 0 {
		return ""
	}
	entries, err := s.storage.Entries(1, last+1, 1<<40)
	must(err)
	for i, e := range entries {
		own := n.log.at(uint64(i + 1))
		if e.GetTerm() != own.Term || !slices.Equal(e.GetData(), content(own)) {
			return fmt.Sprintf("refdb has %v, etcd %d/%d %x", own, e.GetIndex(), e.GetTerm(), e.GetData())
		}
	}
	return ""
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
