package history

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"
)

const (
	bufferSize = 256 << 10
	maxOpBytes = 64 << 20 // text of one op
	maxDepth   = 256      // collections inside collections
)

// source is text that is scanned byte by byte through a window that slides over
// the input. buf[end] is always zero, so that a loop over a class of bytes stops
// there by itself and needs to look for the end of the window only then.
type source struct {
	in   io.Reader
	name string

	buf  []byte
	pos  int   // the next byte
	end  int   // of the window
	keep int   // start of a token that must stay in the window, or -1
	off  int64 // where buf[0] lies in the file
	done bool  // no more input
	err  error // why, other than the end of the file

	endName string // what the end of the input is called

	line    int   // of pos, from 1
	bol     int64 // where that line begins
	opStart int64 // where the op begins
	limit   int64 // of its length

	size  int64 // of the input, 0 when unknown
	piece int   // how much to read ahead at a time, 0 to read in order; see parallel.go
}

func newSource(in io.Reader, name string) source {
	return source{in: in, name: name, buf: make([]byte, bufferSize+1), keep: -1, line: 1, endName: "the end of the file", limit: maxOpBytes, piece: pieceSize}
}

// reset makes s scan text, which stands in the given line from column col on.
func (s *source) reset(text []byte, line, col int) {
	if len(s.buf) <= len(text) {
		s.buf = make([]byte, 2*len(text)+1)
	}
	s.end = copy(s.buf, text)
	s.buf[s.end] = 0
	s.pos, s.keep, s.off, s.done, s.err = 0, -1, 0, true, nil
	s.line, s.bol, s.opStart, s.endName = line, int64(1-col), 0, "the end of the line"
}

// more slides the window on and reveals further bytes. It reports false at the
// end of the input. Slices of the window are void afterwards.
func (s *source) more() bool {
	if s.done {
		return false
	}
	from := s.pos
	if s.keep >= 0 {
		from = s.keep
		s.keep = 0
	}
	copy(s.buf, s.buf[from:s.end])
	s.off, s.pos, s.end = s.off+int64(from), s.pos-from, s.end-from
	if s.off+int64(s.pos)-s.opStart > s.limit {
		s.stop(fmt.Errorf("an op of more than %d MiB; is this a history?", s.limit>>20))
		return false
	}
	if s.end == len(s.buf)-1 {
		s.buf = append(s.buf, make([]byte, len(s.buf)-1)...)
	}
	for range 100 {
		n, err := s.in.Read(s.buf[s.end : len(s.buf)-1])
		s.end += n
		if err != nil {
			s.stop(err)
			return n > 0
		}
		if n > 0 {
			s.buf[s.end] = 0
			return true
		}
	}
	s.stop(io.ErrNoProgress)
	return false
}

func (s *source) stop(err error) {
	s.done = true
	if err != io.EOF {
		s.err = err
	}
	s.buf[s.end] = 0
}

// atEnd reports whether the input is used up.
func (s *source) atEnd() bool { return s.pos == s.end && !s.more() }

// peek returns the next byte, 0 at the end.
func (s *source) peek() byte {
	if c := s.buf[s.pos]; c != 0 {
		return c
	}
	if s.atEnd() {
		return 0
	}
	return s.buf[s.pos]
}

// newline notes that pos has just passed a line feed.
func (s *source) newline() {
	s.line++
	s.bol = s.off + int64(s.pos)
}

// newlines notes the line feeds of a token that ends at pos.
func (s *source) newlines(token []byte) {
	if n := bytes.Count(token, []byte{'\n'}); n > 0 {
		s.line += n
		s.bol = s.off + int64(s.pos) - int64(len(token)-1-bytes.LastIndexByte(token, '\n'))
	}
}

// skipLine passes over the rest of the line.
func (s *source) skipLine() {
	for {
		if at := bytes.IndexByte(s.buf[s.pos:s.end], '\n'); at >= 0 {
			s.pos += at + 1
			s.newline()
			return
		}
		s.pos = s.end
		s.opStart = s.off + int64(s.pos)
		if !s.more() {
			return
		}
	}
}

// readLine returns the next line without its line feed and its number; ok is
// false at the end. The text is valid until the next call.
func (s *source) readLine() (text []byte, line int, ok bool) {
	if s.atEnd() {
		return nil, s.line, false
	}
	s.opStart, s.keep, line = s.off+int64(s.pos), s.pos, s.line
	for {
		if at := bytes.IndexByte(s.buf[s.pos:s.end], '\n'); at >= 0 {
			text = s.buf[s.keep : s.pos+at]
			s.pos += at + 1
			s.newline()
			break
		}
		s.pos = s.end
		if !s.more() {
			text = s.buf[s.keep:s.end]
			break
		}
	}
	s.keep = -1
	return bytes.TrimSuffix(text, []byte{'\r'}), line, s.err == nil
}

// inputError returns the error of the input, if that is what ended it.
func (s *source) inputError() error {
	if s.err == nil {
		return nil
	}
	return s.expected("more input")
}

// A ParseError says where a file is not the history that it should be.
type ParseError struct {
	File   string
	Line   int   // from 1; 0 in a file of blocks, which has no lines
	Col    int   // in bytes, from 1
	Offset int64 // of the block, in bytes, in a file of blocks
	Msg    string

	atEnd bool  // the input ended too early
	whole bool  // it is about an op that is all there
	err   error // what the reader underneath said
}

func (e *ParseError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: block at byte %d: %s", e.File, e.Offset, e.Msg)
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Col, e.Msg)
}

// Unwrap returns the error of the reader underneath, if that was the reason.
func (e *ParseError) Unwrap() error { return e.err }

func (s *source) col() int { return int(s.off+int64(s.pos)-s.bol) + 1 }

// expected returns the error for a next byte that should begin something else.
func (s *source) expected(what string) *ParseError {
	e := &ParseError{File: s.name, Line: s.line, Col: s.col()}
	if s.atEnd() && e.ended(s.err) {
		return e
	}
	e.Msg = fmt.Sprintf("expected %s, found %s", what, s.found())
	return e
}

// ended notes that the input ended, and why. It reports whether that says it all:
// an input that failed says nothing about what stands in it.
func (e *ParseError) ended(why error) bool {
	e.atEnd, e.err = true, why
	if why == nil || errors.Is(why, io.ErrUnexpectedEOF) {
		return false
	}
	e.atEnd, e.Msg = false, why.Error()
	return true
}

// failed returns an error about the token or op that begins in the given place.
func (s *source) failed(line, col int, format string, args ...any) *ParseError {
	e := &ParseError{File: s.name, Line: line, Col: col}
	if s.pos == s.end && s.done && e.ended(s.err) {
		return e
	}
	e.Msg = fmt.Sprintf(format, args...)
	return e
}

// found names what stands at pos, shortly.
func (s *source) found() string {
	const enough = 24
	for s.end-s.pos < enough && s.more() {
	}
	if s.pos == s.end {
		return s.endName
	}
	text := s.buf[s.pos:min(s.end, s.pos+enough)]
	r, size := utf8.DecodeRune(text)
	if r == utf8.RuneError || r < ' ' {
		return fmt.Sprintf("%q", text[:size])
	}
	return strconv.Quote(string(text[:wordEnd(text)]))
}

// wordEnd returns where the first word or string of text ends.
func wordEnd(text []byte) int {
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case text[0] == '"' && c == '"':
			return i + 1
		case c < ' ', text[0] != '"' && bytes.IndexByte([]byte(" ()[]{}\",;:"), c) >= 0:
			return i
		}
	}
	return len(text)
}

// tornOff reports whether err only says that the input stops in the middle,
// which is what a killed writer leaves behind: a torn op, or zeros where a file
// system had reserved room.
func (s *source) tornOff(err error) bool {
	var e *ParseError
	if !errors.As(err, &e) || e.whole {
		return false
	}
	if e.atEnd {
		return true
	}
	zeros := false
	for !s.atEnd() {
		rest := s.buf[s.pos:s.end]
		zeros = zeros || bytes.IndexByte(rest, 0) >= 0
		if len(bytes.Trim(rest, "\x00\n")) > 0 {
			return false
		}
		s.pos, s.opStart = s.end, s.off+int64(s.end)
	}
	return zeros && s.err == nil
}
