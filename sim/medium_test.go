package sim

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

// medium does what a file does with what is durable, write by write, sharing
// nothing.
type medium struct {
	durable, cache []byte
	pending        []write
}

func (m *medium) harden(w write, units int) {
	switch {
	case units == 0 || w.doomed:
	case w.truncate:
		m.durable = bytes.Clone(m.durable[:min(w.at, len(m.durable))])
	default:
		for len(m.durable) < w.at {
			m.durable = append(m.durable, 0)
		}
		m.durable = append(bytes.Clone(m.durable), w.data[:units]...)
	}
}

// A file that shares its bytes between cache and medium is one that does not.
func TestTheMediumIsItsOwn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, m := &file{}, &medium{}
		next := byte(1)
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			n := rapid.IntRange(0, 6).Draw(t, "n")
			switch rapid.SampledFrom([]string{"append", "append", "append", "truncate", "sync", "doom", "crash"}).Draw(t, "step") {
			case "append":
				data := bytes.Repeat([]byte{next}, n)
				next++
				if n > 0 {
					m.pending = append(m.pending, write{at: len(f.data), data: data})
				}
				m.cache = append(m.cache, data...)
				f.append(data)
			case "truncate":
				if n < len(f.data) {
					m.pending = append(m.pending, write{at: n, truncate: true})
					m.cache = m.cache[:n]
				}
				f.truncate(n)
			case "doom":
				n = min(n, len(f.pending))
				f.doom(f.synced + uint64(n))
				for i := range n {
					m.pending[i].doomed = !m.pending[i].truncate
				}
			case "sync":
				n = min(n, len(f.pending))
				f.sync(f.synced + uint64(n))
				for _, w := range m.pending[:n] {
					m.harden(w, w.units())
				}
				m.pending = m.pending[n:]
			case "crash":
				kept := make([]int, len(f.pending))
				for i, w := range m.pending {
					kept[i] = rapid.IntRange(0, w.units()).Draw(t, "kept")
					m.harden(w, kept[i])
				}
				f.crash(kept)
				m.pending, m.cache = nil, bytes.Clone(m.durable)
			}
			if !bytes.Equal(f.durable, m.durable) || !bytes.Equal(f.data, m.cache) {
				t.Fatalf("%v is durable of %v, %v of %v should be", f.durable, f.data, m.durable, m.cache)
			}
		}
	})
}
