package history

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

const threeOps = `{"index":0,"time":1,"process":0,"type":"invoke","f":"txn","value":[["append",12,1],["r",3,null],["r","é\n",[1.5]]]}
{"index":1,"time":25,"process":0,"type":"ok","f":"txn","value":[["append",12,1],["r",3,[7,8]],["r","é\n",[1.5]]],"node":"n1","extra":{"a":true}}
{"index":2,"time":30,"process":"nemesis","type":"info","f":"kill","value":{"#set":["n1",":n2"]},"error":{"#tag":["t",{"#float":"NaN"}]}}
`

// A file cut off anywhere gives the ops before the cut when that is asked for,
// and an error with its place otherwise.
func TestEveryCutIsNoticed(t *testing.T) {
	h := read(t, threeOps)
	for _, f := range []Format{JSONL, EDN, JSON} {
		text := write(t, h, f)
		ends := opEnds(text)
		for cut := range len(text) {
			whole := 0
			for _, end := range ends {
				if end <= cut {
					whole++
				}
			}
			got, err := Read(strings.NewReader(text[:cut]), "cut", ReadOptions{Format: f, AllowTruncated: true})
			if err != nil || got.Len() != whole {
				t.Fatalf("%s cut at %d: error %v, or not %d ops", f, cut, err, whole)
			}
			_, err = Read(strings.NewReader(text[:cut]), "cut", ReadOptions{Format: f})
			atBoundary := whole > 0 && strings.TrimSpace(text[ends[whole-1]:cut]) == "" && f != JSON
			if finished := f == JSON && cut == len(text)-1; (err == nil) != (atBoundary || finished) {
				t.Fatalf("%s cut at %d: error %v", f, cut, err)
			}
		}
	}
}

// opEnds returns where the ops of text end: the braces that close a line's first.
func opEnds(text string) []int {
	var ends []int
	depth := 0
	for i, c := range text {
		switch c {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				ends = append(ends, i+1)
			}
		}
	}
	return ends
}

func TestContradictionInTheLastOpIsNotTorn(t *testing.T) {
	for _, tail := range []string{"", "\n", "\n\x00\x00"} {
		text := `{"type":"invoke","process":0}` + "\n" + `{"type":"invoke","process":0}` + tail
		if _, err := Read(strings.NewReader(text), "in", ReadOptions{AllowTruncated: true}); err == nil || !strings.Contains(err.Error(), "still open") {
			t.Errorf("tail %q: error %v, want the contradiction", tail, err)
		}
	}
}

func compress(t *testing.T, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := io.WriteString(z, text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestGzip(t *testing.T) {
	packed := compress(t, threeOps)
	h, err := Read(bytes.NewReader(packed), "in.gz", ReadOptions{})
	if err != nil || write(t, h, JSONL) != threeOps {
		t.Fatalf("compressed text read with error %v", err)
	}
	_, err = Read(bytes.NewReader(packed[:len(packed)-12]), "in.gz", ReadOptions{})
	if !isParseError(err) {
		t.Errorf("compressed text cut off: %v", err)
	}
	broken := bytes.Clone(packed)
	broken[len(broken)-6] ^= 1 // of the checksum
	if _, err := Read(bytes.NewReader(broken), "in.gz", ReadOptions{AllowTruncated: true}); !errors.Is(err, gzip.ErrChecksum) {
		t.Errorf("wrong checksum: %v", err)
	}
}

func TestWindowBoundariesDoNotMatter(t *testing.T) {
	for _, f := range []Format{JSONL, EDN} {
		text := write(t, read(t, threeOps), f)
		h, err := Read(iotest.OneByteReader(strings.NewReader(text)), "in", ReadOptions{Format: f})
		if err != nil || write(t, h, JSONL) != threeOps {
			t.Errorf("%s byte by byte: error %v", f, err)
		}
		// Blanks move the ops across the edge of the window, byte by byte.
		for pad := bufferSize - len(text); pad <= bufferSize; pad++ {
			h, err := Read(strings.NewReader(strings.Repeat(" ", pad)+text), "in", ReadOptions{Format: f})
			if err != nil || h.Len() != 3 {
				t.Fatalf("%s after %d blanks: %v", f, pad, err)
			}
		}
	}
	broken := iotest.TimeoutReader(iotest.HalfReader(strings.NewReader(threeOps)))
	if _, err := Read(broken, "in", ReadOptions{AllowTruncated: true}); !errors.Is(err, iotest.ErrTimeout) {
		t.Errorf("reader that fails: %v", err)
	}
}

// endless repeats a text for ever.
type endless struct {
	text string
	at   int
	read int64
}

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = e.text[e.at%len(e.text)]
		e.at++
	}
	e.read += int64(len(p))
	return len(p), nil
}

func TestEndlessOpsAreRefused(t *testing.T) {
	for _, test := range []struct {
		read       func(source, ReadOptions) (*History, error)
		head, rest string
	}{
		{readJSON, `{"type":"invoke","value":"`, "a"},
		{readJSON, `{"type":"invoke",`, " "},
		{readEDN, "{:type :invoke :value ", "a"},
		{readEDN, "{:type :invoke ", "#_ 1 "},
		{readAWDIT, "w 0 1\n", "r"},
		{readKnossosLog, "INFO\n", "r"},
	} {
		rest := &endless{text: test.rest}
		s := newSource(io.MultiReader(strings.NewReader(test.head), rest), "in")
		s.limit = 1 << 20
		_, err := test.read(s, ReadOptions{AllowTruncated: true})
		if !isParseError(err) || !strings.Contains(err.Error(), "more than 1 MiB") {
			t.Errorf("%.30q…: error %v", test.head, err)
		}
		if rest.read > 4*s.limit {
			t.Errorf("%.30q…: read %d bytes", test.head, rest.read)
		}
	}
}
