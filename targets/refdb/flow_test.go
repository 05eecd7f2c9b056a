package refdb

import "testing"

// TestSlowFollowerIsBounded: a follower that takes one message in the time of fifty writes falls back for as
// long as they go on. What is on its way to it stays within MaxInflight entries and a chunk of a snapshot,
// an Append within MaxBatch, and the leader's log within what snapshots keep. Then it catches up.
func TestSlowFollowerIsBounded(t *testing.T) {
	const every, keep, inflight, batch, chunk = 400, 200, 32, 8, 500
	c := newLeader(t, 3, func(c *Config) {
		c.SnapshotEvery, c.KeepEntries, c.MaxInflight, c.MaxBatch, c.MaxChunk = every, keep, inflight, batch, chunk
	})
	leader, slow := c.members[0], c.members[2]
	var late []Envelope
	chunks := 0
	c.onSend = func(e Envelope) {
		if len(e.Entries) > batch || len(e.Data) > chunk {
			t.Fatalf("%d entries and %d bytes in one message", len(e.Entries), len(e.Data))
		}
		if e.Type == Snapshot {
			chunks++
		}
	}
	for seq := range uint64(10000) {
		c.request(leader, write(1, seq+1, int64(seq)))
		late = c.settleBut(slow, late)
		if entries := entriesIn(late); entries > inflight+batch {
			t.Fatalf("%d entries are on their way after %d writes", entries, seq+1)
		}
		if kept := len(leader.node.log.entries); kept > every+keep+2 || leader.node.writes.len() > 0 {
			t.Fatalf("%d entries in memory, %d clients wait", kept, leader.node.writes.len())
		}
		if seq%50 == 0 && len(late) > 0 {
			c.deliver(late[0])
			late = late[1:]
			c.syncDone(slow)
		}
		if seq%500 == 0 {
			leader.now.Mono = leader.node.Deadline()
			c.tick(leader)
		}
	}
	if behind := leader.node.log.last() - slow.node.log.last(); behind < keep || chunks == 0 {
		t.Errorf("the follower is only %d entries behind, and was sent %d chunks: it was not slow", behind, chunks)
	}
	c.flying = append(late, c.flying...)
	for range 3 {
		c.settle()
		leader.now.Mono = leader.node.Deadline()
		c.tick(leader)
	}
	if c.settle(); slow.node.commit != leader.node.commit {
		t.Errorf("it has not caught up: %v", c.members)
	}
}

// settleBut lets everything happen that does not concern a slow member, and returns what waits for it.
func (c *cluster) settleBut(slow *member, late []Envelope) []Envelope {
	for busy := true; busy; {
		busy = false
		for len(c.flying) > 0 {
			busy = true
			if e := c.take(0); e.To == slow.cfg.ID {
				late = append(late, e)
			} else {
				c.deliver(e)
			}
		}
		for _, m := range c.members {
			busy = m != slow && c.syncDone(m) || busy
		}
	}
	return late
}

func entriesIn(list []Envelope) int {
	count := 0
	for _, e := range list {
		count += len(e.Entries)
	}
	return count
}
