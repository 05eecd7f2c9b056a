package sim

import (
	"slices"
	"testing"
	"time"
)

// writer is a program that keeps the order in which its syncs completed.
type writer struct {
	silent
	done []uint64
}

func (p *writer) DiskDone(token uint64, err error) { p.done = append(p.done, token) }

// Syncs complete in the order of issue though each draws its own latency, and a
// disk that was made slow is.
func TestSyncsCompleteInOrder(t *testing.T) {
	w := New(1)
	h := w.AddHost("n1")
	p := &writer{}
	h.Boot(func(*Host) Program { return p })
	h.Start()
	var want []uint64
	for token := range uint64(100) {
		h.Disk().Append("log", []byte("x"))
		h.Disk().Sync("log", token)
		want = append(want, token)
	}
	for w.Step() {
	}
	if !slices.Equal(p.done, want) {
		t.Errorf("completed in the order %v", p.done)
	}
	h.Disk().SetLatency(Latency{Base: time.Second})
	before := w.Now()
	h.Disk().Sync("log", 100)
	if !w.Step() || w.Now()-before != int64(time.Second) {
		t.Errorf("a sync of a slow disk took %v, want 1s", time.Duration(w.Now()-before))
	}
}

// Readers get a copy, and what there is none of is nothing.
func TestReadingAFile(t *testing.T) {
	d := silentWorld("n1").Hosts()[0].Disk()
	data := []byte("abc")
	d.Append("log", data)
	data[0] = 'X'
	read := func(name string) []byte {
		data, err := d.ReadFile(name)
		if (err != nil) != !d.Exists(name) {
			t.Errorf("reading %s: %v", name, err)
		}
		return data
	}
	read("log")[1] = 'X'
	if got := string(read("log")); got != "abc" || d.Size("log") != 3 || !d.Exists("log") {
		t.Errorf("the file holds %q", got)
	}
	if read("none") != nil || d.Size("none") != 0 || d.Exists("none") {
		t.Error("there is a file that was never written")
	}
}

// In the mixed mode a crash is in turn merciless, merciful and in between: each
// outcome has a fair share.
func TestMixedCrashesHaveEveryOutcome(t *testing.T) {
	h := silentWorld("n1").Hosts()[0]
	var none, some, all int
	const n, size = 1000, 100
	for range n {
		h.Disk().Append("log", make([]byte, size))
		h.PowerOff(CrashMixed)
		switch h.Disk().Size("log") {
		case 0:
			none++
		case size:
			all++
		default:
			some++
		}
		h.Start()
		h.Disk().Remove("log")
	}
	if none < n/5 || all < n/5 || some < n*2/5 {
		t.Errorf("of %d crashes %d left nothing, %d a part and %d everything", n, none, some, all)
	}
	if c := h.Disk().Counters(); c.Crashes != n || c.Bytes != n*size || c.Appends != n || c.LostBytes == 0 {
		t.Errorf("counted %+v", c)
	}
}
