package sharded

import (
	"fmt"

	"checker/targets/refdb"
)

// applyAhead has the state that reads see with LockReleasedTooSoon take what the log has taken. It is the shard
// as it was when nothing was on its way, with all that was proposed since: once a commit is in the leader's own
// log its locks are given up there, and what it writes is to be seen. Should the leader fail before a majority
// has the entry, the commit may come later, behind others, or never.
func (g *group) applyAhead(data string, before refdb.State) {
	switch {
	case g.ahead == nil && before.Last != before.Commit:
		return
	case g.ahead == nil:
		g.ahead = newShard(g.id, g.shard.cfg)
		if err := g.ahead.Restore(g.shard.Save()); err != nil {
			panic(fmt.Sprintf("%v: %v", g.id, err)) // it was saved just now
		}
	}
	g.ahead.Apply(before.Last+1, data)
	g.ahead.takeEffects()
}
