package refdb

import "time"

// A lock under a lease may be granted to somebody else once its holder has had it for LockLease. That is
// for the leader to say, by its monotonic clock: it lets a Lease carry the token whose time is over, and
// the state machine makes nothing of it if the lock has been given out or refreshed since, each time with
// a new token. No leader knows when its predecessor gave a lock out, but it knows when it applied that
// itself, which was no earlier. After a restart or a snapshot it waits from then on.
//
// The clocks of two nodes, and of clients, must run at rates within a tenth of each other.

// LockLease is for how long a lock is leased.
const LockLease = 2 * time.Second

// grant is when a token of a lock was given out, as far as this node knows: no later than seen.
type grant struct {
	token int64
	seen  int64 // Mono
}

// timeLock notes when a token was given out.
func (n *Node) timeLock(key int64, status Status, result Result) {
	l, exists := n.store.locks[key]
	if exists && status == OK && result.Found && result.Value == l.token {
		n.lockedAt[key] = grant{l.token, n.now.Mono}
	}
}

// timeLocks begins anew for a state that this node has not seen come about.
func (n *Node) timeLocks() {
	n.lockedAt = map[int64]grant{}
	for key, l := range n.store.locks {
		n.lockedAt[key] = grant{l.token, n.now.Mono}
	}
}

// overToken returns the token of a lock whose lease is over, or 0, which no token is.
func (n *Node) overToken(key int64) int64 {
	if g := n.lockedAt[key]; n.now.Mono-g.seen > int64(LockLease)*11/10 {
		return g.token
	}
	return 0
}
