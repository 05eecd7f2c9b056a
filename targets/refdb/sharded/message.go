package sharded

import (
	"fmt"
	"strings"

	"checker/targets/refdb"
)

// MessageType tells the messages between nodes apart.
type MessageType uint8

// What the fields of a Message mean, by type. Those to a shard are for whoever leads it, and a replica that
// does not passes them on, once.
//
//	           from        to           Shard        ID, and
//	Raft       a replica   a replica    theirs       Raft
//	Execute    gateway     shard        it           Part
//	Prepare    gateway     participant  it           Part
//	Fetch      gateway     shard        it           Part: reads only, which need no place in the log
//	Vote       shard       gateway      the speaker  Status: 0 for yes, else its outcome; Results; Stamp: of the snapshot;
//	                                                 Gateway, Life: who coordinates it
//	Decide     gateway     home         it           Commit: what the votes allow; Gateway
//	Decision   home        gateway      the speaker  Status
//	Finish     home        participant  it           Commit
//	Finished   participant home         it           Peer: the participant
//	Inquire    participant home         it           Peer: the participant, which is in doubt
//	Wound      participant home         it           an older transaction waits for this one
//	Stamp      gateway     oracle       it           Commit: the second one; Gateway
//	Stamped    oracle      gateway      the speaker  Commit; Stamp
//
// Where the gateway decides, those to a home go to the gateway instead, and it sends Finish; and
//
//	Announce   gateway     participant  it           or from a participant, Operational
//	Promised   participant gateway      the speaker
//	Query      participant participant  it           Peer: the one that asks
//	Answer     participant participant  it           Peer: the speaker; Status: 0 for prepared or what the
//	                                                 outcome is; Commit: announced; Operational: it has
//	                                                 been up since its vote
//	Pending    gateway     participant  it, which has inquired: the votes are being collected
//
// Where snapshots are read, Decide and Finish have a Stamp as well: when the transaction commits.
const (
	Raft MessageType = iota + 1
	Execute
	Prepare
	Fetch
	Vote
	Decide
	Decision
	Finish
	Finished
	Inquire
	Wound
	Stamp
	Stamped
	Announce
	Promised
	Query
	Answer
	Pending
	numMessageTypes
)

var messageNames = [numMessageTypes]string{"", "Raft", "Execute", "Prepare", "Fetch", "Vote", "Decide", "Decision", "Finish", "Finished", "Inquire", "Wound", "Stamp", "Stamped", "Announce", "Promised", "Query", "Answer", "Pending"}

// Message is one message between two nodes. It is a value; what it refers to is shared and never changes.
type Message struct {
	Type        MessageType
	Shard       ShardID
	Peer        ShardID
	Commit      bool
	Passed      bool // on by a replica that does not lead
	Operational bool
	Status      Status
	ID          TxnID
	Gateway     NodeID
	Life        uint64
	Stamp       stamp
	Part        *part
	Results     [][]int64
	Raft        *refdb.Message
}

// Envelope is a message with its way.
type Envelope struct {
	From, To NodeID
	Message
}

// Describe returns messages in one line.
func Describe(list []Message) string {
	words := make([]string, len(list))
	for i, m := range list {
		words[i] = m.String()
	}
	return strings.Join(words, "; ")
}

// Size is about how many bytes the message has on a wire.
func (m *Message) Size() int {
	size := 24
	if m.Part != nil {
		size += 16 + 8*len(m.Part.ops)
	}
	for _, list := range m.Results {
		size += 2 + 4*len(list)
	}
	if m.Raft != nil {
		size += 24 + len(m.Raft.Data)
		for i := range m.Raft.Entries {
			size += 24 + len(m.Raft.Entries[i].Command.Data)
		}
	}
	return size
}

// String returns the message in one line.
func (m Message) String() string {
	switch m.Type {
	case Raft:
		return fmt.Sprintf("%v %v", m.Shard, *m.Raft)
	case Execute, Prepare, Fetch:
		return fmt.Sprintf("%v to %v: %v %s", messageNames[m.Type], m.Shard, m.ID, describeOps(m.Part.ops))
	case Vote:
		if m.Status == 0 {
			return fmt.Sprintf("Vote of %v: %v yes %v", m.Shard, m.ID, m.Results)
		}
		return fmt.Sprintf("Vote of %v: %v is %v", m.Shard, m.ID, m.Status)
	case Decision:
		return fmt.Sprintf("Decision of %v: %v is %v", m.Shard, m.ID, m.Status)
	case Decide, Finish:
		return fmt.Sprintf("%v to %v: %v %s", messageNames[m.Type], m.Shard, m.ID, outcomeName(m.Commit))
	case Finished, Inquire, Wound, Announce, Promised, Query, Answer, Pending:
		return fmt.Sprintf("%v to %v of %v: %v", messageNames[m.Type], m.Shard, m.Peer, m.ID)
	}
	if m.Type == Stamp || m.Type == Stamped {
		return fmt.Sprintf("%v %v: %v %d", messageNames[m.Type], m.Shard, m.ID, m.Stamp)
	}
	return fmt.Sprintf("message of unknown type %d", m.Type)
}
