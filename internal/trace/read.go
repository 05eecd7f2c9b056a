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
	p := parser{known: map[string]string{}}
	var final []byte
	err = eachLine(r, func(text []byte) (bool, error) {
		if !bytes.Contains(text, protocolMark) {
			final = append(final[:0], text[:min(len(text), 64)]...)
			return true, nil
		}
		l, err := p.parse(text)
		if err != nil || l.Kind != Protocol {
			return err == nil, err
		}
		end = max(end, l.At)
		return observe(&l.Event), nil
	})
	if err == nil {
		end = max(end, timeOf(final))
	}
	return end, err
}

// ReadAll reads every line of a trace, whatever it is about, and hands it to
// observe until it returns false. The line is observe's until it returns. An error
// names the line; what came before it has been handed over.
func ReadAll(r io.Reader, observe func(*Line) bool) error {
	p := parser{known: map[string]string{}}
	var l Line
	return eachLine(r, func(text []byte) (more bool, err error) {
		l, err = p.parse(text)
		return err == nil && observe(&l), err
	})
}

// eachLine hands the lines of a trace over until it is told to stop.
func eachLine(r io.Reader, take func(text []byte) (more bool, err error)) error {
	in := bufio.NewReaderSize(r, maxLine)
	for number := 1; ; number++ {
		text, err := in.ReadSlice('\n')
		more := false
		switch {
		case err == io.EOF && len(text) == 0:
			return nil
		case err == io.EOF:
			err = errTorn
		case err == bufio.ErrBufferFull:
			err = fmt.Errorf("it is longer than %d bytes", maxLine)
		case err == nil:
			more, err = take(text)
		}
		if err != nil {
			return fmt.Errorf("trace line %d: %w", number, err)
		}
		if !more {
			return nil
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

// parse reads a line. Of one about the protocol it asks for what every step has.
func (p *parser) parse(text []byte) (Line, error) {
	var l Line
	if !p.scan(text, &l) {
		var err error
		if l, err = decode(text); err != nil {
			return l, err
		}
	}
	if l.Kind != Protocol {
		return l, nil
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
		return l, nil
	}
	return l, fmt.Errorf("the field %q is missing", missing)
}

// decode reads a line in full generality.
func decode(text []byte) (Line, error) {
	var f struct {
		T       *int64 `json:"t"`
		Event   string `json:"event"`
		Node    string `json:"node"`
		Step    string `json:"step"`
		Term    uint64 `json:"term"`
		Index   uint64 `json:"index"`
		Digest  string `json:"digest"`
		Peer    string `json:"peer"`
		Group   string `json:"group"`
		Txn     string `json:"txn"`
		Outcome string `json:"outcome"`
	}
	if err := json.Unmarshal(text, &f); err != nil {
		return Line{}, fmt.Errorf("not an event: %w", err)
	}
	l := Line{Event: Event{
		Node: f.Node, Group: f.Group, Step: f.Step, Term: f.Term, Index: f.Index, Digest: f.Digest, Peer: f.Peer,
		Txn: f.Txn, Outcome: f.Outcome,
	}, Kind: f.Event, timed: f.T != nil}
	if l.timed {
		l.At = *f.T
	}
	if l.Kind == Protocol {
		return l, nil
	}
	var m struct {
		From    string `json:"from"`
		To      string `json:"to"`
		Packet  uint64 `json:"packet"`
		Message string `json:"message"`
		Cause   string `json:"cause"`
	}
	if err := json.Unmarshal(text, &m); err != nil { // the line of another tracer, with these names for something else
		return l, nil
	}
	l.From, l.To, l.Packet, l.Message, l.Cause = m.From, m.To, m.Packet, m.Message, m.Cause
	return l, nil
}

// scan reads the plain form that nearly every line has: one flat object without
// spaces, escapes and surprises. It gives anything else up.
func (p *parser) scan(text []byte, l *Line) bool {
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

func (p *parser) setText(l *Line, key, value []byte) bool {
	switch string(key) {
	case "event":
		l.Kind = p.name(value)
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
	case "from":
		l.From = p.name(value)
	case "to":
		l.To = p.name(value)
	case "cause":
		l.Cause = p.name(value)
	case "message":
		l.Message = string(value)
	case "txn":
		l.Txn = string(value)
	case "digest":
		l.Digest = string(value)
	default:
		return false
	}
	return true
}

func setNumber(l *Line, key []byte, value uint64) bool {
	switch string(key) {
	case "t":
		l.At, l.timed = int64(value), true
	case "term":
		l.Term = value
	case "index":
		l.Index = value
	case "packet":
		l.Packet = value
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
