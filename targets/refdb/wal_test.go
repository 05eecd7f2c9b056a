package refdb

import (
	"bytes"
	"errors"
	"slices"
	"testing"
)

// sampleWAL writes a log of a few records of each kind, with a sync after the first half.
func sampleWAL() (file []byte, ends []int64) {
	var d disk
	record := func(write func()) {
		write()
		ends = append(ends, d.written)
	}
	record(func() { d.write(headerRecord, walVersion, 2) })
	record(func() { d.write(stateRecord, 1, 2) })
	record(func() { d.writeEntry(&Entry{Index: 1, Term: 1}) })
	record(func() {
		d.writeEntry(&Entry{Index: 2, Term: 1, Client: 7, Seq: 1, Command: Command{Op: CAS, Key: -1, A: 2, B: -3}})
	})
	d.synced = d.written
	record(func() { d.write(truncateRecord, 2) })
	record(func() { d.writeEntry(&Entry{Index: 2, Term: 2}) })
	record(func() { d.writeSnapshot(&snapshot{index: 2, term: 2, content: sampleState()}) })
	record(func() { d.writeEntry(&Entry{Index: 3, Term: 2}) })
	record(func() { d.write(stateRecord, 3, 0) })
	return d.buf, ends
}

func TestWALReadsBackWhatWasWritten(t *testing.T) {
	file, _ := sampleWAL()
	r, err := recoverWAL(file, 0)
	if err != nil {
		t.Fatal(err)
	}
	want := []Entry{{Index: 2, Term: 2}, {Index: 3, Term: 2}}
	if r.node != 2 || r.term != 3 || r.vote != NoNode || r.size != int64(len(file)) || !slices.Equal(r.log.entries, want) {
		t.Errorf("recovered %+v", r)
	}
}

// TestWALIsCutAtTheLastWholeRecord: wherever a crash cuts the file, all records before the cut are
// there and nothing else.
func TestWALIsCutAtTheLastWholeRecord(t *testing.T) {
	file, ends := sampleWAL()
	for cut := range len(file) + 1 {
		r, err := recoverWAL(file[:cut], 0)
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		var want int64
		for _, end := range ends {
			if end <= int64(cut) {
				want = end
			}
		}
		if r.size != want {
			t.Errorf("cut at %d: recovered %d bytes, want %d", cut, r.size, want)
		}
	}
}

// TestWALTellsDamageFromATornTail damages each byte in turn. Before the sync it is damage, as later
// records witness. After it, the tail is torn there, unless only one bit is wrong.
func TestWALTellsDamageFromATornTail(t *testing.T) {
	file, ends := sampleWAL()
	synced := ends[3]
	for at := range file {
		for _, mask := range []byte{0x01, 0x10, 0x80, 0x11} {
			damaged := slices.Clone(file)
			damaged[at] ^= mask
			r, err := recoverWAL(damaged, 0)
			frame := int64(0)
			for _, end := range ends {
				if end <= int64(at) {
					frame = end
				}
			}
			var corrupt *CorruptionError
			damage := int64(at) < synced || mask != 0x11
			switch {
			case damage && (!errors.As(err, &corrupt) || corrupt.Offset != frame):
				t.Errorf("byte %d, bits %#x: error %v, want corruption at %d", at, mask, err, frame)
			case !damage && (err != nil || r.size != frame):
				t.Errorf("byte %d, bits %#x: recovered %d bytes, error %v, want %d", at, mask, r.size, err, frame)
			}
		}
	}
}

// TestWALReadsNothingFromAFlippedBit: of a log of any length, no bit can flip unnoticed.
func TestWALReadsNothingFromAFlippedBit(t *testing.T) {
	file, _ := sampleWAL()
	for bit := range 8 * len(file) {
		damaged := slices.Clone(file)
		damaged[bit/8] ^= 1 << (bit % 8)
		var corrupt *CorruptionError
		if _, err := recoverWAL(damaged, 0); !errors.As(err, &corrupt) {
			t.Fatalf("bit %d: error %v", bit, err)
		}
	}
}

// TestWALHolesInUnsyncedBytes: a crash may also keep later unsynced bytes and lose earlier ones.
func TestWALHolesInUnsyncedBytes(t *testing.T) {
	file, ends := sampleWAL()
	clear(file[ends[4]:ends[5]])
	r, err := recoverWAL(file, 0)
	if err != nil || r.size != ends[4] {
		t.Errorf("recovered %d bytes, error %v, want %d", r.size, err, ends[4])
	}
}

func TestWALRefusesRecordsThatMakeNoSense(t *testing.T) {
	for name, write := range map[string]func(*disk){
		"no header":       func(d *disk) { d.buf, d.written = nil, 0; d.write(stateRecord, 1, 1) },
		"two headers":     func(d *disk) { d.write(headerRecord, walVersion, 1) },
		"later version":   func(d *disk) { d.buf, d.written = nil, 0; d.write(headerRecord, walVersion+1, 1) },
		"gap":             func(d *disk) { d.writeEntry(&Entry{Index: 2, Term: 1}) },
		"term goes back":  func(d *disk) { d.write(stateRecord, 2, 0); d.write(stateRecord, 1, 0) },
		"truncate beyond": func(d *disk) { d.write(truncateRecord, 1) },
		"truncate all":    func(d *disk) { d.write(truncateRecord, 0) },
		"snapshot of the past": func(d *disk) {
			d.writeSnapshot(&snapshot{index: 5, term: 1, content: sampleState()})
			d.writeSnapshot(&snapshot{index: 5, term: 1, content: sampleState()})
		},
		"snapshot of nothing": func(d *disk) { d.writeSnapshot(&snapshot{index: 5, term: 1}) },
		"truncate into a snapshot": func(d *disk) {
			d.writeSnapshot(&snapshot{index: 5, term: 1, content: sampleState()})
			d.write(truncateRecord, 5)
		},
		"operation": func(d *disk) { d.writeEntry(&Entry{Index: 1, Command: Command{Op: numOps}}) },
	} {
		var d disk
		d.write(headerRecord, walVersion, 1)
		write(&d)
		var corrupt *CorruptionError
		if _, err := recoverWAL(d.buf, 0); !errors.As(err, &corrupt) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// FuzzWAL: any bytes are read without a panic; what is recovered of them is recovered of the intact
// part alone; and what a node writes behind that part is read back.
func FuzzWAL(f *testing.F) {
	file, ends := sampleWAL()
	f.Add(file)
	f.Add(file[:ends[4]+5])
	f.Add([]byte{})
	f.Add(bytes.Repeat([]byte{0}, 100))
	f.Fuzz(func(t *testing.T, file []byte) {
		r, err := recoverWAL(file, 0)
		if err != nil {
			return
		}
		again, err := recoverWAL(file[:r.size], 0)
		if err != nil || again.size != r.size || again.term != r.term || !slices.Equal(again.log.entries, r.log.entries) {
			t.Fatalf("second recovery %+v, error %v, want %+v", again, err, r)
		}
		d := disk{buf: slices.Clone(file[:r.size]), written: r.size, synced: r.size}
		if r.size == 0 {
			d.write(headerRecord, walVersion, 1)
		}
		d.write(stateRecord, r.term+1, 1)
		after, err := recoverWAL(d.buf, 0)
		if r.term+1 > 0 && (err != nil || after.term != r.term+1) {
			t.Fatalf("after one more record: term %d, error %v", after.term, err)
		}
	})
}
