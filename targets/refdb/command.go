package refdb

import "fmt"

// Op is an operation of the state machine.
type Op uint8

// Registers, counters, sets, queues and locks are keyspaces of their own: key 1 of each is another thing.
const (
	NoOp        Op = iota // what a leader opens its term with; not for clients
	Read                  // register: Found, Value
	Write                 // register = A
	CAS                   // register = B if it is A, else CASMismatch with the register as it is
	Add                   // counter += A; answers the new Value
	ReadCounter           // counter: Value
	SetAdd                // set gains A
	ReadSet               // set: its elements in the order they were first added
	Enqueue               // queue gains A at its end
	Dequeue               // queue loses its first: Value; or Empty
	Acquire               // lock goes to owner A, with a new token: Value; or Held
	Release               // lock of owner A is free; or NotHolder
	Seize                 // as Acquire, but taken from whoever holds it
	Guard                 // what the lock guards = B, under token A; or StaleToken
	AddLearner            // of the group: node Key comes in as a learner
	Promote               // learner Key becomes a voter
	Remove                // member Key leaves
	Custom                // Data is for Config.Machine; not for clients
	Barrier               // answered once Config.Machine is as a read may see it
	Lease                 // as Acquire, for LockLease: then another may have it. B is for the leader
	Refresh               // lock of owner A is leased anew, with a new token: Value; or NotHolder
	numOps
)

var opNames = [numOps]string{"noop", "read", "write", "cas", "add", "read-counter", "set-add", "read-set",
	"enqueue", "dequeue", "acquire", "release", "seize", "guard", "add-learner", "promote", "remove", "custom", "barrier", "lease", "refresh"}

// String returns the operation's name in lower case.
func (o Op) String() string { return opNames[o] }

// IsRead tells the operations that leave the state alone and so need no place in the log.
func (o Op) IsRead() bool { return o == Read || o == ReadCounter || o == ReadSet || o == Barrier }

// changesMembers tells the operations that change the group rather than the data (see members.go).
func (o Op) changesMembers() bool { return o == AddLearner || o == Promote || o == Remove }

// Command is one operation on one key. A and B are the operation's arguments. Data is that of a Custom
// one.
type Command struct {
	Op   Op
	Key  int64
	A, B int64
	Data string
}

// String returns the command in one short phrase, such as "write 1=5" or "cas 1=5->6".
func (c Command) String() string { return string(newLine().command(&c)) }

// Request is a command of a client. A client has one request open at a time and numbers them
// from 1; a retry repeats Seq and raises Attempt. Attempt comes back in the reply and means nothing
// to the database: it tells the client which of its retries was answered.
type Request struct {
	Client, Seq uint64
	Attempt     uint32
	Command     Command
}

// String returns the request in one line.
func (r Request) String() string {
	l := newLine().uint("request client=", r.Client).uint(" seq=", r.Seq).uint(" attempt=", uint64(r.Attempt))
	return string(l.text(" ").command(&r.Command))
}

// Reply answers one attempt of a request. Leader is whom to ask instead, where that is known.
type Reply struct {
	Client, Seq uint64
	Attempt     uint32
	Status      Status
	Leader      NodeID
	Result      Result
}

// String returns the reply in one line.
func (r Reply) String() string {
	l := newLine().uint("client ", r.Client).uint(" seq ", r.Seq).uint(" attempt ", uint64(r.Attempt)).text(": ").text(r.Status.String())
	switch {
	case r.Status == NotLeader || r.Status == Dropped:
		l = l.text(", leader ").text(r.Leader.String())
	case r.Result.Set != nil:
		l = fmt.Appendf(l, " %v", r.Result.Set)
	case r.Result.Found:
		l = l.int(" ", r.Result.Value)
	}
	return string(l)
}

// Result is what a command found. Found is false for a key that was never written. Set is shared
// with the state machine and must not be changed.
type Result struct {
	Found bool
	Value int64
	Set   []int64
}

// Status is the outcome of one attempt.
type Status uint8

const (
	// OK: the command took effect exactly once (a write), or Result was true at some moment between
	// the request and the reply (a read).
	OK Status = iota
	// CASMismatch: the register was not A and was left alone; Result is what it was.
	CASMismatch
	// NotLeader: this attempt did nothing and never will; ask Leader.
	NotLeader
	// Overloaded: this attempt did nothing and never will; MaxPending requests are waiting, or a
	// hand-over, or another change of the members, or the one asked for is too early.
	Overloaded
	// Invalid: this attempt did nothing and never will; not a client's operation, Seq is 0, or
	// the members are such already, or would be none.
	Invalid
	// Dropped: the node put the command in its log and then lost its office. It may or may not take
	// effect, now or later. A retry with the same Seq finds out.
	Dropped
	// Superseded: a later request of the same client has already taken effect, so the answer to
	// this one is forgotten. It may or may not have taken effect; it will not from now on.
	Superseded
	// Empty: the queue had nothing to take.
	Empty
	// Held: the lock is not free, and was left alone.
	Held
	// NotHolder: the lock is free or another's, and was left alone.
	NotHolder
	// StaleToken: the lock has since been granted with a larger token; nothing was written.
	StaleToken
	numStatuses
)

var statusNames = [numStatuses]string{"ok", "cas-mismatch", "not-leader", "overloaded", "invalid", "dropped", "superseded",
	"empty", "held", "not-holder", "stale-token"}

// String returns the status's name in lower case.
func (s Status) String() string { return statusNames[s] }

// Refuses tells the outcomes of a command that took its place in the order of all commands and, as things
// stood there, changed nothing.
func (s Status) Refuses() bool { return s == CASMismatch || s >= Empty }

// Definite tells whether the client knows from this reply if *this attempt* took effect. A request
// sent more than once has failed for certain only if each of its attempts has.
func (s Status) Definite() bool { return s != Dropped && s != Superseded }
