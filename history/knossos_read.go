package history

import (
	"bytes"
	"strconv"
)

var (
	logMarker = []byte("jepsen.util")
	logDash   = []byte("- ")
)

// logOp cuts a line of a Jepsen log into the words of an op: process, type,
// function and the text of the value. ok is false when the line is none, and
// col is where the value begins, from 0.
func logOp(line []byte) (process, typ, f, value []byte, col int, ok bool) {
	at := bytes.Index(line, logMarker)
	if at < 0 {
		return nil, nil, nil, nil, 0, false
	}
	rest := bytes.TrimLeft(line[at+len(logMarker):], " ")
	rest = bytes.TrimPrefix(rest, logDash)
	process, rest = cutWord(rest)
	typ, rest = cutWord(rest)
	f, rest = cutWord(rest)
	if len(typ) < 2 || typ[0] != ':' || len(f) < 2 || f[0] != ':' {
		return nil, nil, nil, nil, 0, false
	}
	if _, known := ParseType(string(typ[1:])); !known {
		return nil, nil, nil, nil, 0, false
	}
	return process, typ[1:], f[1:], rest, len(line) - len(rest), true
}

func cutWord(text []byte) (word, rest []byte) {
	text = bytes.TrimLeft(text, " \t")
	end := bytes.IndexAny(text, " \t")
	if end < 0 {
		return text, nil
	}
	return text[:end], bytes.TrimLeft(text[end:], " \t")
}

func isKnossosOp(line []byte) bool {
	_, _, _, _, _, ok := logOp(line)
	return ok
}

// logReader reads the ops that Jepsen wrote to its log. Values are EDN. A value
// :timed-out of an op that failed or is indeterminate says why, not what: it
// becomes the op's error.
type logReader struct {
	lines source
	ednReader
}

func readKnossosLog(s source, opts ReadOptions) (*History, error) {
	p := &logReader{lines: s, ednReader: ednReader{newRows(source{name: s.name}, &ednNotation)}}
	skipped, first := 0, 0
	for {
		text, line, ok := p.lines.readLine()
		if !ok {
			break
		}
		if !isKnossosOp(text) {
			if len(bytes.TrimSpace(text)) > 0 {
				if skipped++; skipped == 1 {
					first = line
				}
			}
			continue
		}
		if err := p.op(text, line); err != nil {
			if !opts.AllowTruncated || !p.lines.atEnd() || !p.tornOff(err) {
				return nil, err
			}
			p.torn()
			break
		}
	}
	if p.lines.err != nil {
		return nil, p.lines.inputError()
	}
	if skipped > 0 {
		p.b.Warn(first, "lines of the log that are no ops were skipped: %d", skipped)
	}
	return p.close(), nil
}

// op reads the op in one line.
func (p *logReader) op(text []byte, line int) error {
	process, typ, f, value, col, _ := logOp(text)
	p.reset(value, line, col+1)
	p.row = p.b.Begin(line)
	p.row.col = 1
	p.row.Type, _ = ParseType(string(typ))
	if err := p.logProcess(process, line); err != nil {
		return err
	}
	if err := p.setF(f, line, 1); err != nil {
		return err
	}
	if err := p.logValues(); err != nil {
		return err
	}
	return p.add()
}

func (p *logReader) logProcess(word []byte, line int) error {
	if len(word) > 1 && word[0] == ':' {
		p.row.Process = p.named(string(word[1:]), line)
		return nil
	}
	n, err := strconv.ParseInt(string(word), 10, 32)
	if err != nil || n < 0 {
		return p.failed(line, 1, "expected a process (a number from 0, or a name such as :nemesis), found %q", word)
	}
	p.row.Process = Process(n)
	return nil
}

// logValues reads the value and the error that may come after it.
func (p *logReader) logValues() error {
	for i := range 2 {
		c, err := p.next()
		if err != nil || c == 0 && p.atEnd() {
			return err
		}
		r, err := p.value()
		if err != nil {
			return err
		}
		if i == 1 || r.Kind() == KindKeyword && p.h.Text(r) == "timed-out" && (p.row.Type == Fail || p.row.Type == Info) {
			p.row.Error = r
		} else {
			p.row.Value = r
		}
	}
	if c, err := p.next(); err != nil || c != 0 {
		return p.expected("nothing after the error of the op")
	}
	return nil
}
