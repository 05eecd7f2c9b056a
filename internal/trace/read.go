package trace

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// The form of a line is told in docs/trace-format.md.
var (
	protocolMark = []byte(`"protocol"`) // in the lines that matter, of which there are few
	timeMark     = []byte(`{"t":`)
)

// maxLine bounds the length of a line.
const maxLine = 1 << 20

// errTorn is how a trace ends whose writer was killed.
var errTorn = errors.New("the line has no end: the trace was cut off")

// Read reads the protocol events of a trace in JSON Lines and hands them to
// observe until it returns false. Lines about anything else are passed over. It
// returns until when the trace goes; an error names its line.
func Read(r io.Reader, observe func(*Event) bool) (end int64, err error) {
	in := bufio.NewReaderSize(r, maxLine)
	p := parser{known: map[string]string{}}
	var final []byte
	for line := 1; ; line++ {
		text, err := in.ReadSlice('\n')
		switch {
		case err == io.EOF && len(text) == 0:
			return max(end, timeOf(final)), nil
		case err == io.EOF:
			err = errTorn
		case err == bufio.ErrBufferFull:
			err = fmt.Errorf("it is longer than %d bytes", maxLine)
		}
		if err != nil {
			return end, fmt.Errorf("trace line %d: %w", line, err)
		}
		if !bytes.Contains(text, protocolMark) {
			final = append(final[:0], text[:min(len(text), 64)]...)
			continue
		}
		e, is, err := p.parse(text)
		if err != nil {
			return end, fmt.Errorf("trace line %d: %w", line, err)
		}
		if is {
			end = max(end, e.At)
			if !observe(&e) {
				return end, nil
			}
		}
	}
}

// timeOf returns the time of a line that begins with it, or 0.
func timeOf(line []byte) int64 {
	digits, ok := bytes.CutPrefix(line, timeMark)
	if !ok {
		return 0
	}
	at := int64(0)
	for _, c := range digits {
		if c < '0' || c > '9' || at > 1<<59 {
			break
		}
		at = at*10 + int64(c-'0')
	}
	return at
}

// parser reads lines and keeps the few names that they repeat.
type parser struct{ known map[string]string }

// line is what a line holds.
type line struct {
	Event
	event string
	timed bool // it has a time
}

// parse reads a line. It is false for one that is not about the protocol.
func (p *parser) parse(text []byte) (Event, bool, error) {
	var l line
	if !p.scan(text, &l) {
		var err error
		if l, err = decode(text); err != nil {
			return Event{}, false, err
		}
	}
	if l.event != "protocol" {
		return Event{}, false, nil
	}
	missing := ""
	switch {
	case !l.timed:
		missing = "t"
	case l.Node == "":
		missing = "node"
	case l.Step == "":
		missing = "step"
	default:
		return l.Event, true, nil
	}
	return Event{}, false, fmt.Errorf("the field %q is missing", missing)
}

// decode reads a line in full generality.
func decode(text []byte) (line, error) {
	var l struct {
		T      *int64 `json:"t"`
		Event  string `json:"event"`
		Node   string `json:"node"`
		Step   string `json:"step"`
		Term   uint64 `json:"term"`
		Index  uint64 `json:"index"`
		Digest string `json:"digest"`
		Peer   string `json:"peer"`

		Group   string `json:"group"`
		Txn     string `json:"txn"`
		Outcome string `json:"outcome"`
	}
	if err := json.Unmarshal(text, &l); err != nil {
		return line{}, fmt.Errorf("not an event: %w", err)
	}
	got := line{Event: Event{
		Node: l.Node, Group: l.Group, Step: l.Step, Term: l.Term, Index: l.Index, Digest: l.Digest, Peer: l.Peer,
		Txn: l.Txn, Outcome: l.Outcome,
	}, event: l.Event, timed: l.T != nil}
	if got.timed {
		got.At = *l.T
	}
	return got, nil
}

// scan reads the plain form that nearly every line has: one flat object without
// spaces, escapes and surprises. It gives anything else up.
func (p *parser) scan(text []byte, l *line) bool {
	text = bytes.TrimSuffix(text, []byte{'\n'})
	for open := byte('{'); ; open = ',' {
		if len(text) < 2 || text[0] != open {
			return false
		}
		key, rest, ok := plainString(text[1:])
		if !ok || len(rest) < 2 || rest[0] != ':' {
			return false
		}
		if rest[1] == '"' {
			var value []byte
			value, text, ok = plainString(rest[1:])
			ok = ok && p.setText(l, key, value)
		} else {
			var value uint64
			value, text, ok = plainNumber(rest[1:])
			ok = ok && setNumber(l, key, value)
		}
		if !ok {
			return false
		}
		if len(text) == 1 && text[0] == '}' {
			return true
		}
	}
}

// plainString takes a string of ASCII without escapes off the beginning of text.
func plainString(text []byte) (value, rest []byte, ok bool) {
	if len(text) == 0 || text[0] != '"' {
		return nil, nil, false
	}
	for i, c := range text[1:] {
		switch {
		case c == '"':
			return text[1 : 1+i], text[2+i:], true
		case c == '\\' || c < ' ' || c > '~':
			return nil, nil, false
		}
	}
	return nil, nil, false
}

// maxDigits is how many digits fit into 63 bits whatever they are.
const maxDigits = 18

// plainNumber takes an integer off the beginning of text.
func plainNumber(text []byte) (value uint64, rest []byte, ok bool) {
	n := 0
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		value = value*10 + uint64(text[n]-'0')
		n++
	}
	ok = n > 0 && n <= maxDigits && (n == 1 || text[0] != '0')
	return value, text[n:], ok
}

func (p *parser) setText(l *line, key, value []byte) bool {
	switch string(key) {
	case "event":
		l.event = p.name(value)
	case "node":
		l.Node = p.name(value)
	case "step":
		l.Step = p.name(value)
	case "peer":
		l.Peer = p.name(value)
	case "group":
		l.Group = p.name(value)
	case "outcome":
		l.Outcome = p.name(value)
	case "txn":
		l.Txn = string(value)
	case "digest":
		l.Digest = string(value)
	default:
		return false
	}
	return true
}

func setNumber(l *line, key []byte, value uint64) bool {
	switch string(key) {
	case "t":
		l.At, l.timed = int64(value), true
	case "term":
		l.Term = value
	case "index":
		l.Index = value
	default:
		return false
	}
	return true
}

// name returns a string that occurs again and again without making it again.
func (p *parser) name(value []byte) string {
	if s, ok := p.known[string(value)]; ok {
		return s
	}
	s := string(value)
	if len(p.known) < 1<<10 {
		p.known[s] = s
	}
	return s
}
