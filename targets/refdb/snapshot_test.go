package refdb

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"testing"
)

// sampleState is the content of a snapshot with something of each kind in it.
func sampleState() []byte {
	s := newStore()
	for _, c := range []Command{
		{Op: Write, Key: -1, A: 5}, {Op: Write, Key: 2, A: -6}, {Op: Add, Key: 1, A: 7},
		{Op: SetAdd, Key: 3, A: 9}, {Op: SetAdd, Key: 3, A: 4}, {Op: SetAdd, Key: 1, A: 1},
		{Op: Enqueue, Key: 8, A: 1}, {Op: Enqueue, Key: 8, A: 2}, {Op: Enqueue, Key: 6, A: 3}, {Op: Dequeue, Key: 6},
		{Op: Acquire, Key: 5, A: 11}, {Op: Guard, Key: 5, A: 1, B: 12}, {Op: Seize, Key: 4, A: 13}, {Op: Release, Key: 4, A: 13},
	} {
		s.apply(c)
	}
	return encodeState([]Member{{1, true}, {9, false}}, s, sessions{
		7: {used: 1, seq: 2, status: CASMismatch, result: Result{Found: true, Value: -3}},
		3: {used: 6, seq: 1},
	})
}

func TestSnapshotsReadBack(t *testing.T) {
	s := snapshot{content: sampleState()}
	state, err := s.decode()
	if err != nil {
		t.Fatal(err)
	}
	store, table := state.store, state.sessions
	if got := store.read(Command{Op: ReadSet, Key: 3}).Set; !reflect.DeepEqual(got, []int64{9, 4}) {
		t.Errorf("set %v", got)
	}
	want := session{used: 1, seq: 2, status: CASMismatch, result: Result{Found: true, Value: -3}}
	if !reflect.DeepEqual(table[7], want) {
		t.Errorf("session %+v, want %+v", table[7], want)
	}
	if again := encodeState(state.members, store, table); !bytes.Equal(again, s.content) {
		t.Errorf("encoded again: % x, want % x", again, s.content)
	}
}

// TestSnapshotsThatMakeNoSense: whatever is cut off or added is noticed, and no bytes panic.
func TestSnapshotsThatMakeNoSense(t *testing.T) {
	content := sampleState()
	for cut := range content {
		s := snapshot{content: content[:cut]}
		if _, err := s.decode(); err == nil {
			t.Errorf("the first %d bytes of %d are taken for a whole", cut, len(content))
		}
	}
	s := snapshot{content: append(sampleState(), 0)}
	if _, err := s.decode(); err == nil {
		t.Errorf("one more byte goes unnoticed")
	}
	r := rand.New(rand.NewPCG(1, 1))
	for range 2000 {
		s := snapshot{content: sampleState()}
		s.content[r.IntN(len(s.content))] = byte(r.Uint32())
		if state, err := s.decode(); err == nil && len(state.sessions) > 1e6 {
			t.Errorf("sessions of nowhere")
		}
	}
}

// TestMemoryIsBounded: however much is written while a follower is away, no node keeps more of the
// log than two rounds of snapshots, no file grows on, and the follower catches up by a snapshot.
func TestMemoryIsBounded(t *testing.T) {
	const every, keep = 50, 20
	c := newLeader(t, 3, func(c *Config) { c.SnapshotEvery, c.KeepEntries, c.MaxChunk = every, keep, 100 })
	restored := 0
	c.onTrace = func(_ *member, e Event) {
		if e.Kind == Restored {
			restored++
		}
	}
	leader, away := c.members[0], NodeID(3)
	c.cut = func(from, to NodeID) bool { return from == away || to == away }
	for seq := range uint64(5000) {
		c.request(leader, write(1, seq+1, int64(seq)))
		c.settle()
		if kept := len(leader.node.log.entries); kept > every+keep+2 {
			t.Fatalf("%d entries in memory", kept)
		}
		if len(leader.file) > 100*(2*every) {
			t.Fatalf("a log file of %d bytes", len(leader.file))
		}
	}
	c.cut = func(_, _ NodeID) bool { return false }
	for range 3 {
		leader.now.Mono = leader.node.Deadline()
		c.tick(leader)
		c.settle()
	}
	if restored != 1 || c.member(away).node.commit != leader.node.commit {
		t.Errorf("%d snapshots restored; %v", restored, c.members)
	}
}

// TestSessionsAreForgottenInOrder: the table keeps those who wrote last, whatever their names.
func TestSessionsAreForgottenInOrder(t *testing.T) {
	table := sessions{}
	for i, client := range []uint64{5, 1, 9, 5, 2} {
		table[client] = session{used: uint64(i + 1)}
		table.bound(3)
	}
	for client, want := range map[uint64]bool{5: true, 1: false, 9: true, 2: true} {
		if _, kept := table[client]; kept != want {
			t.Errorf("client %d: kept %v", client, kept)
		}
	}
}

// TestDiskFullWhileTheLogIsReplaced: the new file is lost, the node stops, and the old file has all.
func TestDiskFullWhileTheLogIsReplaced(t *testing.T) {
	c := newLeader(t, 1, func(c *Config) { c.SnapshotEvery = 3 })
	m := c.members[0]
	for seq := uint64(1); !m.replace; seq++ {
		c.request(m, write(1, seq, int64(seq)))
		c.syncDone(m)
	}
	commit := m.node.commit
	if err := c.syncFailed(m, 0); err != nil {
		t.Fatal(err)
	}
	if err := c.start(m); err != nil {
		t.Fatal(err)
	}
	if last := m.node.log.last(); last != commit || m.node.snap.index != 0 {
		t.Errorf("the log ends at %d behind snapshot %d, want %d behind none", last, m.node.snap.index, commit)
	}
}

// TestStalledDiskPilesUpNothing: while a follower's disk does not answer, heartbeats cost it no memory.
func TestStalledDiskPilesUpNothing(t *testing.T) {
	c := newLeader(t, 3, defaults)
	leader, slow := c.members[0], c.members[1]
	c.request(leader, write(1, 1, 5))
	for range 1000 {
		for len(c.flying) > 0 {
			c.deliver(c.take(0))
		}
		c.syncDone(leader)
		leader.now.Mono = leader.node.Deadline()
		c.tick(leader)
		c.syncDone(c.members[2])
	}
	if waiting := slow.node.disk.gated.len(); waiting == 0 || waiting > 2 {
		t.Errorf("%d messages wait for the disk", waiting)
	}
}
