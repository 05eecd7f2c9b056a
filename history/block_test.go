package history

import (
	"bytes"
	"encoding/binary"
	"io"
	"runtime"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// blocksOf writes h in blocks of a few rows.
func blocksOf(t rapid.TB, h *History, rows int) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := NewWriter(&out, Block)
	if err != nil {
		t.Fatal(err)
	}
	for i := range h.Len() {
		op := h.Op(i)
		if err := w.write(&op, h.ProcessName(op.Process)); err != nil {
			t.Fatal(err)
		}
		if i%rows == rows-1 {
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// blockEnds returns where the blocks of a file end, with the rows up to there.
func blockEnds(file []byte) (ends, rows []int) {
	at, n := len(blockMagic), 0
	for {
		h, _ := parseHeader(file[at:])
		if h.isEnd() {
			return ends, rows
		}
		at, n = at+blockHeader+int(h.stored), n+int(h.rows)
		ends, rows = append(ends, at), append(rows, n)
	}
}

func TestHistoriesAreTheSameInBlocksOfAnySize(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := build(t, someOps(t)...)
		lines := write(t, h, JSONL)
		if got := write(t, read(t, string(blocksOf(t, h, rapid.IntRange(1, 4).Draw(t, "rows")))), JSONL); got != lines {
			t.Fatalf("JSON Lines changed\nfrom %s\nto   %s", lines, got)
		}
	})
}

// A file of blocks that is cut off anywhere, perhaps with zeros behind, gives its
// whole blocks when that is asked for, and is an error otherwise.
func TestEveryCutOfBlocksIsNoticed(t *testing.T) {
	h := read(t, string(listAppend(t, JSONL, 8)))
	file := blocksOf(t, h, 3)
	ends, rows := blockEnds(file)
	if len(ends) != 6 {
		t.Fatalf("%d blocks of 16 rows", len(ends))
	}
	for cut := 1; cut < len(file); cut++ {
		for _, zeros := range []int{0, 5, 60} {
			there := cut // zeros may be what was cut off
			for there < min(cut+zeros, len(file)) && file[there] == 0 {
				there++
			}
			whole := 0
			for i, end := range ends {
				if end <= there {
					whole = rows[i]
				}
			}
			torn := append(bytes.Clone(file[:cut]), make([]byte, zeros)...)
			if _, err := Read(bytes.NewReader(torn), "cut", ReadOptions{Format: Block}); !isParseError(err) {
				t.Fatalf("cut at %d and %d zeros: error %v", cut, zeros, err)
			}
			if cut < len(blockMagic) && zeros > 0 {
				continue
			}
			got, err := Read(bytes.NewReader(torn), "cut", ReadOptions{Format: Block, AllowTruncated: true})
			if err != nil || got.Len() != whole {
				t.Fatalf("cut at %d and %d zeros: error %v, or not %d rows", cut, zeros, err, whole)
			}
			if w, _ := got.Warnings(); len(w) != 1 || !strings.Contains(w[0].Text, "was not closed") {
				t.Fatalf("cut at %d and %d zeros: warnings %v", cut, zeros, w)
			}
		}
	}
}

// A byte that changes in the middle is no torn tail, whatever is allowed. One of
// the end block makes a file that was not closed.
func TestEveryChangeOfBlocksIsNoticed(t *testing.T) {
	h := read(t, string(listAppend(t, JSONL, 8)))
	file := blocksOf(t, h, 3)
	for at := range file {
		changed := bytes.Clone(file)
		changed[at] ^= 0x10
		_, err := Read(bytes.NewReader(changed), "changed", ReadOptions{Format: Block, AllowTruncated: at < len(file)-blockHeader})
		if !isParseError(err) {
			t.Fatalf("byte %d of %d changed: error %v", at, len(file), err)
		}
	}
	ends, _ := blockEnds(file)
	without := append(bytes.Clone(file[:ends[0]]), file[ends[1]:]...)
	if _, err := Read(bytes.NewReader(without), "in", ReadOptions{AllowTruncated: true}); err == nil || !strings.Contains(err.Error(), "expected the block of row 3") {
		t.Errorf("a block is missing: error %v", err)
	}
	if _, err := Read(bytes.NewReader(append(file, 0)), "in", ReadOptions{AllowTruncated: true}); err == nil {
		t.Error("a byte after the end was ignored")
	}
}

// Blocks that announce much and hold little cost little.
func TestBlocksThatLieTakeNoMemory(t *testing.T) {
	honest := []byte(write(t, read(t, threeOps), Block))
	lies := map[string][]byte{}
	for name, h := range map[string]header{
		"rows":   {stored: 20, raw: 1 << 20, rows: 1<<32 - 1},
		"raw":    {stored: 20, raw: 1<<32 - 1, rows: 1},
		"stored": {stored: 1<<32 - 1, raw: 1 << 20, rows: 1},
		"body":   {stored: maxBlockRaw, raw: maxBlockRaw, rows: 1},
	} {
		lies[name] = append(h.append([]byte(blockMagic)), honest[len(blockMagic)+blockHeader:]...)
	}
	huge := binary.AppendUvarint(nil, 1<<40)
	lies["columns"] = blockOf(t, huge, 1)
	for c := range numColumns {
		var raw []byte
		for i := range numColumns {
			column := []byte{0}
			if i == c {
				column = append([]byte{tagVector}, huge...)
				if c == colStrings {
					column = huge
				}
			}
			raw = append(append(raw, byte(len(column))), column...)
		}
		lies["column "+columnNames[c]] = blockOf(t, raw, 1)
	}
	for name, file := range lies {
		before := allocated()
		if _, err := Read(bytes.NewReader(file), "lie", ReadOptions{}); !isParseError(err) {
			t.Errorf("%s: error %v", name, err)
		}
		if took := allocated() - before; took > 8<<20 {
			t.Errorf("%s: took %d bytes", name, took)
		}
	}
}

func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// A writer holds one block, however many it has written.
func TestBlockWriterStaysSmall(t *testing.T) {
	w, err := NewWriter(io.Discard, Block)
	if err != nil {
		t.Fatal(err)
	}
	op := Op{Type: Invoke, F: "write", Value: String("x")}
	largest := 0
	for i := range 300_000 {
		op.Index, op.Time, op.Process = i, int64(i)*1_000_003, Process(i)
		if err := w.Write(op); err != nil {
			t.Fatal(err)
		}
		largest = max(largest, w.block.size())
	}
	if largest > 2*blockTarget || w.block.first == 0 {
		t.Errorf("a block of %d bytes after %d rows written", largest, w.block.first)
	}
}
