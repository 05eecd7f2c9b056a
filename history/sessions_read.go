package history

import (
	"bytes"
	"strconv"
)

// txnReader makes transactions of reads and writes, each an invocation and its
// completion, of texts that know only sessions.
type txnReader struct {
	source
	b       *Builder
	line    int // where the open transaction begins
	mops    []Value
	session Process
}

func newTxnReader(s source) txnReader { return txnReader{source: s, b: NewBuilder()} }

// end completes the open transaction, if there is one.
func (p *txnReader) end() error {
	if len(p.mops) == 0 {
		return nil
	}
	asked := make([]Value, len(p.mops))
	for i, m := range p.mops {
		asked[i] = m
		if f := m.Elems()[0]; f.Text() == "r" {
			asked[i] = Vector(f, m.Elems()[1], Nil)
		}
	}
	at := int64(p.b.h.Len())
	for i, value := range []Value{Vector(asked...), Vector(p.mops...)} {
		op := Op{Time: at + int64(i), Process: p.session, Type: Type(i), F: "txn", Value: value}
		if err := p.b.AddOp(op); err != nil {
			return p.failed(p.line, 1, "%v", err)
		}
	}
	p.mops = p.mops[:0]
	return nil
}

func (p *txnReader) history() (*History, error) {
	if p.err != nil {
		return nil, p.inputError()
	}
	if err := p.end(); err != nil {
		return nil, err
	}
	p.b.NoRealTime()
	return p.b.History(), nil
}

// awditOp reads "r KEY VALUE" or "w KEY VALUE".
func awditOp(line []byte) (op Value, ok bool) {
	words := bytes.Fields(line)
	if len(words) != 3 {
		return Nil, false
	}
	return textMop(words[0], words[1], words[2])
}

func textMop(f, key, value []byte) (op Value, ok bool) {
	k, err := strconv.ParseInt(string(key), 10, 64)
	v, err2 := strconv.ParseInt(string(value), 10, 64)
	name := string(f)
	return Mop(name, Int(k), Int(v)), err == nil && err2 == nil && (name == "r" || name == "w")
}

// isRule reports whether line is made of at least three c.
func isRule(line []byte, c byte) bool {
	return len(line) >= 3 && len(bytes.Trim(line, string(rune(c)))) == 0
}

func isAWDIT(line []byte) bool {
	_, ok := awditOp(line)
	return ok || isRule(line, '-') || isRule(line, '=')
}

// readAWDIT reads sessions of transactions: ----- ends a transaction, ===== a
// session.
func readAWDIT(s source, _ ReadOptions) (*History, error) {
	p := newTxnReader(s)
	for {
		text, line, ok := p.readLine()
		if !ok {
			return p.history()
		}
		text = bytes.TrimSpace(text)
		op, isOp := awditOp(text)
		switch {
		case isOp:
			if len(p.mops) == 0 {
				p.line = line
			}
			p.mops = append(p.mops, op)
		case isRule(text, '-'), isRule(text, '='):
			if err := p.end(); err != nil {
				return nil, err
			}
			if text[0] == '=' {
				p.session++
			}
		case len(text) > 0:
			return nil, p.failed(line, 1, "expected r KEY VALUE, w KEY VALUE, ----- or =====, found %q", text[:min(len(text), 40)])
		}
	}
}

// isolationOp reads "r(KEY,VALUE,SESSION,TXN)" or "w(…)".
func isolationOp(line []byte) (op Value, session, txn int64, ok bool) {
	f, rest, found := bytes.Cut(line, []byte("("))
	inside, closed := bytes.CutSuffix(rest, []byte(")"))
	parts := bytes.Split(inside, []byte(","))
	if !found || !closed || len(parts) != 4 {
		return Nil, 0, 0, false
	}
	for i := range parts {
		parts[i] = bytes.TrimSpace(parts[i])
	}
	op, ok = textMop(f, parts[0], parts[1])
	session, err := strconv.ParseInt(string(parts[2]), 10, 32)
	txn, err2 := strconv.ParseInt(string(parts[3]), 10, 64)
	return op, session, txn, ok && err == nil && err2 == nil && session >= 0
}

func isIsolationText(line []byte) bool {
	_, _, _, ok := isolationOp(line)
	return ok
}

// readIsolationText reads micro-ops that name their session and transaction.
// Those of one transaction follow each other.
func readIsolationText(s source, _ ReadOptions) (*History, error) {
	p := newTxnReader(s)
	type id struct{ session, txn int64 }
	ended := map[id]bool{}
	var current id
	for {
		text, line, ok := p.readLine()
		if !ok {
			return p.history()
		}
		text = bytes.TrimSpace(text)
		if len(text) == 0 {
			continue
		}
		op, session, txn, isOp := isolationOp(text)
		if !isOp {
			return nil, p.failed(line, 1, "expected r(KEY,VALUE,SESSION,TXN) or w(…), found %q", text[:min(len(text), 40)])
		}
		next := id{session, txn}
		if len(p.mops) > 0 && next != current {
			if err := p.end(); err != nil {
				return nil, err
			}
			ended[current] = true
		}
		if ended[next] {
			return nil, p.failed(line, 1, "expected the micro-ops of a transaction one after the other, found more of transaction %d of session %d", txn, session)
		}
		if len(p.mops) == 0 {
			p.line, p.session, current = line, Process(session), next
		}
		p.mops = append(p.mops, op)
	}
}
