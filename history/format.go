package history

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// Format names a way to write a history down.
type Format string

// The formats; [Formats] describes them.
const (
	Auto          Format = "auto"
	JSONL         Format = "jsonl"
	EDN           Format = "edn"
	JSON          Format = "json"
	Block         Format = "block"
	KnossosLog    Format = "knossos-log"
	PorcupineKV   Format = "porcupine-kv"
	AWDIT         Format = "awdit"
	IsolationText Format = "isolation-text"
)

// FormatInfo describes a format.
type FormatInfo struct {
	Name     Format
	Summary  string // one sentence
	CanRead  bool
	CanWrite bool

	read func(source, ReadOptions) (*History, error)
}

var formats = []FormatInfo{
	{JSONL, "Checker's own: one JSON object per op and line.", true, true, readJSON},
	{EDN, "Jepsen's: op maps in EDN, one after the other or in one vector or list.", true, true, readEDN},
	{JSON, "elle-cli's: one JSON array of op objects.", true, true, readJSON},
	{Block, "Checker's own for large recordings: compressed columns in blocks with checksums.", true, true, readBlocks},
	{KnossosLog, "Lines of a Jepsen log: jepsen.util - PROCESS :TYPE :F VALUE.", true, false, readKnossosLog},
	{PorcupineKV, "Porcupine's key-value tests: EDN op maps with :key and :value.", true, false, readPorcupineKV},
	{AWDIT, "AWDIT's text: reads and writes (r KEY VALUE) in transactions in sessions, without real time.", true, false, readAWDIT},
	{IsolationText, "IsoVista's and PolySI's text: r(KEY,VALUE,SESSION,TXN) a line, without real time.", true, false, readIsolationText},
}

// Formats returns the table of formats.
func Formats() []FormatInfo { return append([]FormatInfo(nil), formats...) }

// ReadOptions says how to read a history.
type ReadOptions struct {
	Format Format // "" or Auto: found out from the content
	// AllowTruncated takes a file that stops in the middle of an op, as a killed
	// writer leaves it, up to the op before, with a warning.
	AllowTruncated bool
}

// ReadFile reads the history in a file, which may be compressed by gzip.
func ReadFile(path string, opts ReadOptions) (*History, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return Read(f, path, opts)
}

// Read reads a history, which may be compressed by gzip, in one pass and bounded
// memory beside the history itself. name is what errors call the input. What the
// input says wrong is a [*ParseError].
func Read(r io.Reader, name string, opts ReadOptions) (*History, error) {
	s := newSource(r, name)
	s.size = sizeOf(r)
	s.more()
	if bytes.HasPrefix(s.buf[:s.end], []byte{0x1f, 0x8b}) {
		var err error
		if s, err = gunzip(s); err != nil {
			return nil, err
		}
	}
	s.fillWindow()
	if s.err != nil && s.pos == s.end {
		return nil, s.inputError()
	}
	if bytes.HasPrefix(s.buf[:s.end], []byte("\xef\xbb\xbf")) {
		s.pos, s.bol = 3, 3
	}
	info, err := s.format(opts.Format)
	if err != nil {
		if opts.AllowTruncated && s.pos == s.end {
			return NewBuilder().History(), nil
		}
		return nil, err
	}
	h, err := info.read(s, opts)
	if err == nil && h.Len() == 0 && !opts.AllowTruncated {
		return nil, s.failed(1, 1, "expected ops (format %s), found none", info.Name)
	}
	return h, err
}

// sizeOf returns how much there is to read, if r knows.
func sizeOf(r io.Reader) int64 {
	switch r := r.(type) {
	case interface{ Len() int }:
		return int64(r.Len())
	case interface{ Stat() (fs.FileInfo, error) }:
		if info, err := r.Stat(); err == nil && info.Mode().IsRegular() {
			return info.Size()
		}
	}
	return 0
}

// gunzip returns the text behind the compressed text s.
func gunzip(s source) (source, error) {
	rest := io.MultiReader(bytes.NewReader(s.buf[:s.end:s.end]), s.in)
	z, err := gzip.NewReader(bufio.NewReader(rest))
	if err != nil {
		e := s.failed(1, 1, "expected gzip data, as the first two bytes say: %v", err)
		e.err = err
		return s, e
	}
	return newSource(z, s.name), nil
}

// fillWindow reads until the window is full or the input ends, so that there is
// enough to tell formats apart.
func (s *source) fillWindow() {
	for s.end < bufferSize && s.more() {
	}
}

// format finds the format that is asked for, or else the one that the window
// shows.
func (s *source) format(want Format) (*FormatInfo, error) {
	if s.pos == s.end {
		return nil, s.failed(1, 1, "expected a history, found an empty file")
	}
	if want == "" || want == Auto {
		if want = detect(s.buf[s.pos:s.end]); want == "" {
			return nil, s.expected("a history (JSON Lines, Jepsen EDN, elle-cli JSON, a Jepsen log, …); if it is one, name its format")
		}
	}
	names := make([]string, len(formats))
	for i := range formats {
		if formats[i].Name == want && formats[i].CanRead {
			return &formats[i], nil
		}
		names[i] = string(formats[i].Name)
	}
	return nil, fmt.Errorf("unknown history format %q; known: %s", want, strings.Join(names, ", "))
}

// detect tells the format of text that begins like head, "" when it is none.
func detect(head []byte) Format {
	if bytes.HasPrefix(head, []byte(blockMagic[:blockVersion])) {
		return Block
	}
	text := bytes.TrimLeft(head, " \t\r\n,")
	if len(text) == 0 {
		return ""
	}
	switch text[0] {
	case ';', '#', '(':
		return EDN
	case '[':
		return detectBraced(bytes.TrimLeft(text[1:], " \t\r\n,"), JSON)
	case '{':
		return detectBraced(text, JSONL)
	}
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		switch {
		case isKnossosOp(line):
			return KnossosLog
		case isAWDIT(line):
			return AWDIT
		case isIsolationText(line):
			return IsolationText
		case bytes.IndexByte(line, 0) >= 0:
			return ""
		}
	}
	return ""
}

// detectBraced tells EDN from JSON, by the first key or the lack of one.
func detectBraced(text []byte, json Format) Format {
	if len(text) == 0 || text[0] != '{' {
		if json == JSON && len(text) > 0 && text[0] == ']' {
			return JSON
		}
		return EDN
	}
	inside := bytes.TrimLeft(text[1:], " \t\r\n,")
	if len(inside) > 0 && inside[0] == '"' {
		return json
	}
	line, _, _ := bytes.Cut(text, []byte{'}'})
	if bytes.Contains(line, []byte(":key ")) && bytes.Contains(line, []byte(":value ")) && !bytes.Contains(line, []byte(":index ")) {
		for _, f := range []string{":f :get", ":f :put", ":f :append"} {
			if bytes.Contains(line, []byte(f)) {
				return PorcupineKV
			}
		}
	}
	return EDN
}

// torn notes that the input stops in the middle of an op.
func (p *rows) torn() {
	p.b.Warn(p.line, "the file stops in the middle of an op; it is read up to there")
}
