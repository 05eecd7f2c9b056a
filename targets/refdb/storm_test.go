package refdb

import "testing"

// TestQuestionsAreNoStorm: followers whose answers are late repeat their questions with time, not with
// whatever they hear; else each question would bring about Appends that bring about questions.
func TestQuestionsAreNoStorm(t *testing.T) {
	for _, learners := range []bool{false, true} {
		c := newLeader(t, 3, func(cfg *Config) { cfg.Reads = FollowerReads })
		leader := c.members[0]
		if learners { // the leader is its own majority, so that nothing but time can hold a round up
			demote(c, leader)
		}
		late := 0
		for _, m := range c.members[1:] {
			c.request(m, Request{Client: uint64(m.cfg.ID), Seq: 1, Attempt: 1, Command: Command{Op: Read, Key: 1}})
		}
		messages := 0
		for ; len(c.flying) > 0 && messages < 1000; messages++ {
			e := c.take(0)
			if e.Type == ReadAnswer {
				late++
				continue
			}
			c.deliver(e)
		}
		if late != 2 || messages > 20 {
			t.Errorf("learners %v: two questions took %d messages, of which %d are answers", learners, messages, late)
		}
	}
}

// demote takes the other members out and brings them back as learners.
func demote(c *cluster, leader *member) {
	seq := uint64(0)
	for _, m := range c.members {
		for _, op := range []Op{Remove, AddLearner} {
			if m == leader {
				continue
			}
			seq++
			c.request(leader, Request{Client: operator, Seq: seq, Attempt: 1, Command: Command{Op: op, Key: int64(m.cfg.ID)}})
			c.settle()
		}
	}
	leader.now.Mono = leader.node.Deadline()
	c.tick(leader)
	c.settle()
}
