package refdb

import "strconv"

// line is text that is being put together. A run describes a hundred thousand messages in its trace, and
// with fmt that took as long as the run.
type line []byte

func newLine() line { return make(line, 0, 96) }

func (l line) text(s string) line { return append(l, s...) }

func (l line) uint(before string, n uint64) line { return strconv.AppendUint(l.text(before), n, 10) }

func (l line) int(before string, n int64) line { return strconv.AppendInt(l.text(before), n, 10) }

// entry is "index/term command".
func (l line) entry(e *Entry) line {
	return l.uint("", e.Index).uint("/", e.Term).text(" ").command(&e.Command)
}

// entries is " [entry, entry]", or nothing.
func (l line) entries(entries []Entry) line {
	if len(entries) == 0 {
		return l
	}
	for i := range entries {
		l = l.text(verdict(i == 0, " [", ", ")).entry(&entries[i])
	}
	return l.text("]")
}

// command is one short phrase, such as "write 1=5" or "cas 1=5->6".
func (l line) command(c *Command) line {
	switch c.Op {
	case NoOp:
		return l.text("noop")
	case Custom:
		return l.int("custom ", int64(len(c.Data))).text(" bytes")
	case Write:
		return l.int("write ", c.Key).int("=", c.A)
	case CAS:
		return l.int("cas ", c.Key).int("=", c.A).int("->", c.B)
	case Add, SetAdd, Enqueue:
		return l.text(c.Op.String()).int(" ", c.Key).int("+", c.A)
	case Acquire, Release, Seize, Refresh:
		return l.text(c.Op.String()).int(" ", c.Key).int(" by ", c.A)
	case Lease:
		l = l.int("lease ", c.Key).int(" by ", c.A)
		if c.B != 0 {
			l = l.int(", over is ", c.B)
		}
		return l
	case Guard:
		return l.int("guard ", c.Key).int("=", c.B).int(" under ", c.A)
	}
	return l.text(c.Op.String()).int(" ", c.Key)
}
