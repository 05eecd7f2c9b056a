package history

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

// drip is a reader that gives a few bytes at a time.
type drip struct {
	r io.Reader
	n int
}

func (d drip) Read(p []byte) (int, error) { return d.r.Read(p[:min(d.n, len(p))]) }

// readPieces reads text in pieces of the given size, in order when it is 0.
func readPieces(r io.Reader, f Format, piece int, opts ReadOptions) (*History, error) {
	s := newSource(drip{r, 48}, "in")
	s.piece = piece
	s.more()
	info, err := s.format(f)
	if err != nil {
		return nil, err
	}
	return info.read(s, opts)
}

// unlike names what differs between two histories for those who read them: every
// column, every value, and the numbers of functions, keys and processes. Where
// values lie in the heap is nobody's business.
func unlike(a, b *History) string {
	columns := func(h *History) []any {
		return []any{h.typ, h.f, h.process, h.time, h.pair, h.firstIndex, h.index, fmt.Sprint(h.extra), h.noRealTime,
			h.processNames, h.warnings, h.dropped, h.fNames, h.reads, h.err.row, h.node.row}
	}
	of := columns(b)
	for i, column := range columns(a) {
		if !reflect.DeepEqual(column, of[i]) {
			return fmt.Sprintf("column %d: %v and %v", i, column, of[i])
		}
	}
	if a.Keys() != b.Keys() {
		return fmt.Sprintf("%d and %d keys", a.Keys(), b.Keys())
	}
	for k := range a.Keys() {
		if x, y := a.Value(a.Key(KeyID(k))), b.Value(b.Key(KeyID(k))); !x.Equal(y) {
			return fmt.Sprintf("key %d: %v and %v", k, x, y)
		}
	}
	for i := range a.Len() {
		if a.Ref(i).form() != b.Ref(i).form() || a.Ref(i).masked() != b.Ref(i).masked() {
			return fmt.Sprintf("form of row %d", i)
		}
		if diff := difference(a.Op(i), b.Op(i)); diff != "" {
			return diff
		}
	}
	return ""
}

// checkPieces compares reading in pieces with reading in order.
func checkPieces(t rapid.TB, text []byte, f Format, piece int, opts ReadOptions) {
	t.Helper()
	want, wantErr := readPieces(bytes.NewReader(text), f, 0, opts)
	got, err := readPieces(bytes.NewReader(text), f, piece, opts)
	if !reflect.DeepEqual(err, wantErr) {
		t.Fatalf("%s in pieces of %d: error %v, in order %v\nin %.2000q", f, piece, err, wantErr, text)
	}
	if err == nil {
		if diff := unlike(got, want); diff != "" {
			t.Fatalf("%s in pieces of %d: not the history read in order: %s\nin %.2000q", f, piece, diff, text)
		}
	}
}

func TestPiecesGiveTheSameHistory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var h *History
		if ops := someOps(t); rapid.Bool().Draw(t, "transactions") {
			h = read(t, string(listAppend(t, JSONL, rapid.IntRange(1, 20).Draw(t, "txns"))))
		} else {
			h = build(t, ops...)
		}
		f := rapid.SampledFrom([]Format{EDN, JSONL}).Draw(t, "format")
		text := []byte(write(t, h, f))
		for range rapid.IntRange(0, 2).Draw(t, "damages") {
			text = damage(t, text)
		}
		checkPieces(t, text, f, rapid.IntRange(50, 2000).Draw(t, "piece"), ReadOptions{AllowTruncated: rapid.Bool().Draw(t, "torn")})
	})
}

// damage changes text as editors, other programs and broken disks do.
func damage(t *rapid.T, text []byte) []byte {
	at := rapid.IntRange(0, len(text)).Draw(t, "at")
	piece := rapid.SampledFrom([]string{
		"\n", "\n{", "{", "}", "\x00", " ", "\r\n", "; c\n", "#_ ", "#tag\n", "5", "[", "\"", ",", "\n\n",
		"{:type :invoke :f :read :process 1}\n", `{"type":"info","process":"x","real-time":false}` + "\n", "{:type :info, :process :p, :x 5}\n",
	}).Draw(t, "damage")
	switch rapid.IntRange(0, 3).Draw(t, "how") {
	case 0:
		return text[:at]
	case 1: // at the end of a line
		at += 1 + bytes.IndexByte(text[at:], '\n')
	case 2:
		end := rapid.IntRange(at, len(text)).Draw(t, "end")
		return append(bytes.Clone(text[:at]), text[end:]...)
	}
	return append(append(bytes.Clone(text[:at]), piece...), text[at:]...)
}

func TestPiecesOfRecordedHistories(t *testing.T) {
	if _, err := os.Stat(recorded); err != nil {
		t.Skipf("no recorded histories in %s", recorded)
	}
	err := filepath.WalkDir(recorded, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".md") || strings.HasSuffix(path, ".tsv") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if strings.HasSuffix(path, ".gz") {
			z, err := gzip.NewReader(bytes.NewReader(text))
			if err != nil {
				return err
			}
			if text, err = io.ReadAll(z); err != nil {
				return err
			}
		}
		f := detect(text)
		for _, opts := range []ReadOptions{{}, {AllowTruncated: true}} {
			checkPieces(t, text, f, 700, opts)
			checkPieces(t, text, f, 10_000, opts)
			checkPieces(t, text[:len(text)-len(text)/3], f, 3000, opts)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What pieces are for must be read in pieces: a reader that always falls back
// would pass every test above.
func TestPiecesAreMerged(t *testing.T) {
	for _, f := range []Format{EDN, JSONL} {
		text := listAppend(t, f, 3000)
		s := newSource(drip{bytes.NewReader(text), 4096}, "in")
		s.piece = 10_000
		s.more()
		var r reader
		fresh := func() reader { return &ednReader{newRows(s, &ednNotation)} }
		if f == JSONL {
			fresh = func() reader { return &jsonReader{newRows(s, &jsonNotation)} }
		}
		r = fresh()
		if err := readAhead(r, fresh); err != nil {
			t.Fatal(err)
		}
		if left := len(text) - int(r.all().off); left > 20_000 {
			t.Errorf("%s: the last %d of %d bytes were not read in pieces", f, left, len(text))
		}
	}
}

func TestPiecesReportAnInputThatFails(t *testing.T) {
	text := listAppend(t, EDN, 3000)
	r := io.MultiReader(bytes.NewReader(text[:len(text)/2]), iotest.ErrReader(iotest.ErrTimeout))
	if _, err := Read(r, "in", ReadOptions{AllowTruncated: true}); !errors.Is(err, iotest.ErrTimeout) {
		t.Errorf("error %v, want that of the input", err)
	}
}
