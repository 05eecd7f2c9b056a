package refdb

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// journal is a Machine that remembers what it was told.
type journal struct{ lines []string }

func (j *journal) Apply(index uint64, data string) {
	j.lines = append(j.lines, fmt.Sprintf("%d %s", index, data))
}

func (j *journal) Save() []byte { return []byte(strings.Join(j.lines, "\n")) }

func (j *journal) Restore(state []byte) error {
	if string(state) == "nonsense" {
		return errors.New("nonsense")
	}
	j.lines = nil
	if len(state) > 0 {
		j.lines = strings.Split(string(state), "\n")
	}
	return nil
}

// What a Machine was told survives a restart, by the log and by a snapshot alike, and reaches a node that
// was away for so long that only a snapshot helps it.
func TestMachineIsReplicated(t *testing.T) {
	journals := map[NodeID]*journal{}
	c := newCluster(3, func(cfg *Config) {
		journals[cfg.ID] = &journal{}
		cfg.Machine = journals[cfg.ID]
		cfg.SnapshotEvery, cfg.KeepEntries = 10, 0
	})
	leader, away := c.member(1), c.member(3)
	settle := func() {
		for range 200 {
			for len(c.flying) > 0 {
				c.deliver(c.take(0))
			}
			for _, m := range c.members {
				c.syncDone(m)
			}
		}
	}
	beat := func() { // of the first node only, so that it leads
		for _, m := range c.members {
			m.now.Mono = leader.node.Deadline()
		}
		c.tick(leader)
		settle()
	}
	if err := errors.Join(c.start(leader), c.start(c.member(2))); err != nil {
		t.Fatal(err)
	}
	beat()
	if leader.node.State().Role != Leader {
		t.Fatal(leader)
	}
	if c.member(2).node.Propose(c.member(2).now, "nobody's") {
		t.Error("a follower takes a proposal")
	}
	for i := range 57 {
		if !leader.node.Propose(leader.now, fmt.Sprint("entry ", i)) {
			t.Fatalf("the leader refuses entry %d", i)
		}
		c.flush(leader)
		settle()
	}
	want := slices.Clone(journals[1].lines)
	if len(want) != 57 || want[56] != "58 entry 56" {
		t.Fatalf("the leader has applied %d: %q", len(want), want)
	}
	if err := c.start(away); err != nil {
		t.Fatal(err)
	}
	beat()
	beat()
	c.crash(leader, math.MaxInt32)
	if err := c.start(leader); err != nil {
		t.Fatal(err)
	}
	if got := journals[1].lines; len(got) != 49 || !slices.Equal(got, want[:49]) {
		t.Errorf("recovered %d entries with the snapshot: %q", len(got), got)
	}
	beat()
	for id, j := range journals {
		if !slices.Equal(j.lines, want) {
			t.Errorf("%v has %q", id, j.lines)
		}
	}
}
