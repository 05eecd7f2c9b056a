package sharded

import (
	"math"
	"slices"
)

// Snapshots of the past. With Staleness a transaction that only reads need not ask the oracle for a
// timestamp, nor a leader for the data: its gateway takes a timestamp that it has heard of lately, and any
// replica answers that has come that far. So reads go on where neither oracle nor leader is in reach.
//
//   - Whatever the oracle gave out after a transaction was begun is no older than that: a gateway remembers
//     timestamps with when it was asked for what it asked them for, and takes none that is longer ago than
//     Staleness.
//   - A replica has come as far as any timestamp that an entry of its log names (shard.closed). That
//     was given out before the entry was proposed. Who is prepared by a later entry takes its commit
//     timestamp after that, and so a greater one: whatever commits up to closed is either installed
//     here, or prepared, and then its locks tell a read to wait.
//   - Of a key that was written often since, what it held then may be gone. Then the transaction reads the
//     present instead.
//   - A session does not go back: with each reply the client gets a timestamp that what it has seen, and
//     done, is not younger than, and it shows that to the next gateway.

// pastStamp is a timestamp that the oracle gave out, or a later one, at some moment.
type pastStamp struct {
	given int64 // Mono
	at    stamp
}

// pastStamps is how many of them a gateway keeps, evenly spread over Staleness.
const pastStamps = 16

// notePast remembers a timestamp that was given out after some moment.
func (n *Node) notePast(given int64, at stamp) {
	if n.cfg.Staleness == 0 {
		return
	}
	past := slices.DeleteFunc(n.gateway.past, func(p pastStamp) bool { return n.isTooOld(p.given) })
	if last := len(past) - 1; last < 0 || past[last].at < at && given-past[last].given >= int64(n.cfg.Staleness)/pastStamps {
		past = append(past, pastStamp{given, at})
	}
	n.gateway.past = past
}

func (n *Node) isTooOld(given int64) bool { return n.now.Mono-given > int64(n.cfg.Staleness) }

// pastSnapshot returns the oldest snapshot that a transaction may read, 0 if the oracle has to be asked.
func (n *Node) pastSnapshot(c *coordination) stamp {
	if n.cfg.Staleness == 0 || c.kind != Fetch || c.lost {
		return 0
	}
	seen := max(c.request.Seen, n.gateway.readTo[c.request.ID.Client])
	for _, p := range n.gateway.past {
		if !n.isTooOld(p.given) && p.at >= seen {
			return p.at
		}
	}
	return 0
}

// followerSnapshot is what a gateway must not take for the present: what it has heard of as a follower.
func (n *Node) followerSnapshot(c *coordination) (at stamp) {
	if !n.cfg.Bugs.Has(SnapshotOfFollower) || c.kind != Fetch {
		return 0
	}
	for _, g := range n.groups {
		if g != nil && !g.leads {
			at = max(at, g.shard.closed)
		}
	}
	if at < c.request.Seen { // or sessions would tell, where only real time is to
		return 0
	}
	return at
}

// isPast tells whether a replica has come as far as a snapshot, so that it can answer from its own state.
func (n *Node) isPast(g *group, p *part) bool {
	return n.cfg.Staleness > 0 && p.snapshot != 0 && p.snapshot <= g.shard.closed
}

// readsPresent has a transaction whose snapshot is gone read the present. Answers about a snapshot that it has
// given up are none.
func (n *Node) readsPresent(c *coordination, m *Message) bool {
	if m.Stamp != c.snapshot {
		return true
	}
	if n.cfg.Staleness == 0 || c.lost || m.Status != Aborted {
		return false
	}
	c.past, c.lost, c.snapshot = false, true, 0
	for _, a := range c.parts {
		a.answered = false
	}
	n.ask(c)
	return true
}

// seen returns what the client has seen of time once it has the reply. Where nobody here knows when the
// transaction committed, that is all there is, and the next read asks the oracle.
func (n *Node) seen(c *coordination, status Status) stamp {
	switch {
	case n.cfg.Staleness == 0 && !n.cfg.Bugs.Has(SnapshotOfFollower) || status != Committed:
		return 0
	case c.kind == Fetch && n.cfg.Bugs.Has(SessionLeftBehind):
		n.gateway.readTo[c.request.ID.Client] = c.snapshot
		return c.request.Seen
	case c.kind == Fetch:
		return c.snapshot
	case c.at != 0:
		return c.at
	}
	return math.MaxUint64
}
