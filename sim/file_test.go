package sim

import (
	"testing"

	"pgregory.net/rapid"
)

// fileModel is a file told naively: what it held after every unit of writing
// since the start, and how many units are durable.
type fileModel struct {
	states  []string
	durable int
}

func (m *fileModel) now() string { return m.states[len(m.states)-1] }

// A file agrees with the naive model under any sequence of writes, syncs of any
// prefix and crashes at any unit; in particular synced data survives every one.
func TestFileAgreesWithTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var f file
		m := fileModel{states: []string{""}}
		at := map[uint64]int{0: 0} // number of a write -> units after it
		t.Repeat(map[string]func(*rapid.T){
			"append": func(t *rapid.T) {
				data := rapid.StringMatching(`[a-z]{1,5}`).Draw(t, "data")
				f.append([]byte(data))
				for _, c := range data {
					m.states = append(m.states, m.now()+string(c))
				}
				at[f.written()] = len(m.states) - 1
			},
			"truncate": func(t *rapid.T) {
				if len(m.now()) == 0 {
					t.Skip("nothing to truncate")
				}
				size := rapid.IntRange(0, len(m.now())-1).Draw(t, "size")
				f.truncate(size)
				m.states = append(m.states, m.now()[:size])
				at[f.written()] = len(m.states) - 1
			},
			"sync": func(t *rapid.T) {
				upTo := rapid.Uint64Range(0, f.written()).Draw(t, "upTo")
				f.sync(upTo)
				m.durable = max(m.durable, at[upTo])
			},
			"crash": func(t *rapid.T) {
				units := len(m.states) - 1 - m.durable
				if got := f.pendingUnits(); got != units {
					t.Fatalf("%d units are pending, want %d", got, units)
				}
				keep := rapid.IntRange(0, units).Draw(t, "keep")
				last, kept := f.written(), make([]int, len(f.pending))
				f.keep(kept, keep)
				if f.crash(kept); f.written() != last {
					t.Fatalf("after write %d and a crash the next one is %d: a number is used twice", last, f.written()+1)
				}
				m.durable += keep
				m.states = m.states[:m.durable+1]
				at = map[uint64]int{f.written(): m.durable} // earlier writes are settled
			},
			"": func(t *rapid.T) {
				if string(f.data) != m.now() || string(f.durable) != m.states[m.durable] {
					t.Fatalf("holds %q over %q, want %q over %q", f.data, f.durable, m.now(), m.states[m.durable])
				}
			},
		})
	})
}
