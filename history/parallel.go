package history

import (
	"bytes"
	"io"
	"runtime"
	"sync"
)

// Texts whose ops begin in lines of their own are cut into pieces at such lines.
// Workers read the pieces into chunks, and these are merged in order. That is
// only ever an attempt: where a piece does not read as whole ops, or contains
// something that depends on what was before, the reader proper goes on from the
// beginning of that piece, as it always does for the last one. So the history,
// and every error with its place, are those of reading in order. A piece of whole
// ops is enough for that: between two ops, a reader has no state.

const pieceSize = 256 << 10

// piece is text that a worker reads into a chunk.
type piece struct {
	buf   []byte // text and a zero, see source
	text  []byte
	chunk chunk
	whole bool // the chunk holds all of the text
	done  chan struct{}
}

// reader reads a format of ops that follow each other.
type reader interface {
	syntax
	all() *rows
}

func (p *rows) all() *rows { return p }

// pieces cuts an input, and merges what workers make of it.
type pieces struct {
	*rows // what reads the rest
	merger
	queue []*piece
	spare []*piece
	carry []byte // read from the input and in no piece yet
	ended bool   // the input has no further piece
	err   error  // that ended it
	work  chan *piece
}

// readAhead reads as many ops as it can in pieces, by readers that fresh makes.
// r reads on behind them.
func readAhead(r reader, fresh func() reader) error {
	p, workers := &pieces{rows: r.all()}, runtime.GOMAXPROCS(0)
	if workers < 2 || p.piece == 0 || p.done || p.buf[p.pos] != '{' {
		return nil
	}
	p.merger.b = p.rows.b
	p.carry = bytes.Clone(p.buf[p.pos:p.source.end])
	p.off, p.pos, p.source.end = p.off+int64(p.pos), 0, 0
	p.work = make(chan *piece, 2*workers)
	var working sync.WaitGroup
	for range workers {
		working.Go(func() {
			w := fresh()
			for next := range p.work {
				next.whole = w.all().chunkOf(next, w)
				next.done <- struct{}{}
			}
		})
	}
	err := p.run()
	close(p.work)
	working.Wait()
	p.handBack()
	return err
}

// run merges pieces up to the first that is not whole.
func (p *pieces) run() error {
	for {
		for len(p.queue) < cap(p.work) && p.cut() {
		}
		if len(p.queue) == 0 {
			return nil
		}
		next := p.queue[0]
		<-next.done
		if !next.whole || !p.fits(&next.chunk) {
			return nil
		}
		if err := p.take(next); err != nil {
			return err
		}
		p.queue = p.queue[1:]
		p.spare = append(p.spare, next)
	}
}

// cut queues the next piece, if there is one.
func (p *pieces) cut() bool {
	if p.ended {
		return false
	}
	next := p.newPiece()
	n := copy(next.buf, p.carry)
	for n < p.piece {
		k, err := p.in.Read(next.buf[n:p.piece])
		n += k
		if p.err = err; err != nil || k == 0 {
			p.ended = true
			break
		}
	}
	at := bytes.LastIndex(next.buf[:n], []byte("\n{")) + 1
	p.carry = append(p.carry[:0], next.buf[at:n]...)
	if at == 0 {
		p.ended = true
		return false
	}
	next.text, next.buf[at] = next.buf[:at], 0
	p.queue = append(p.queue, next)
	p.work <- next
	return true
}

func (p *pieces) newPiece() *piece {
	if n := len(p.spare); n > 0 {
		next := p.spare[n-1]
		p.spare = p.spare[:n-1]
		next.chunk.reset()
		return next
	}
	return &piece{buf: make([]byte, max(p.piece, len(p.carry))+1), done: make(chan struct{}, 1)}
}

// chunkOf reads the text of next into its chunk, and reports whether all of it
// is whole ops. p is part of w.
func (p *rows) chunkOf(next *piece, w reader) bool {
	c, depth := &next.chunk, p.depth
	p.source = source{buf: next.buf, end: len(next.text), keep: -1, done: true, line: 1, limit: maxOpBytes}
	p.chunk, p.heap, p.h, p.missing = c, &c.Heap, &c.Heap, [numFields]lack{}
	p.lastF.text = p.lastF.text[:0] // its number is another chunk's
	if err := w.sequence(); err != nil {
		p.scratch, p.stack, p.depth = Heap{}, p.stack[:0], depth
		return false
	}
	c.missing, c.lines = p.missing, p.line-1
	return p.pos == p.source.end
}

// take merges a piece that is whole.
func (p *pieces) take(next *piece) error {
	before := p.line - 1
	if row, err := p.merge(&next.chunk, before); err != nil {
		p.rows.row = *row
		return p.wrong("%v", err)
	}
	for f, lack := range next.chunk.missing {
		if lack.count > 0 {
			if p.missing[f].count == 0 {
				p.missing[f].line = lack.line + before
			}
			p.missing[f].count += lack.count
		}
	}
	p.line += next.chunk.lines
	first := p.merger.b.h.Len() == len(next.chunk.rows)
	p.off += int64(len(next.text))
	if left := p.size - p.off; first && left > 0 {
		p.merger.b.reserve(1.03 * float64(left) / float64(len(next.text)))
	}
	p.bol = p.off
	return nil
}

// handBack gives the reader proper what was read ahead and is in no chunk.
func (p *pieces) handBack() {
	var rest []io.Reader
	for _, next := range p.queue {
		rest = append(rest, bytes.NewReader(next.text))
	}
	rest = append(rest, bytes.NewReader(p.carry))
	if p.err == nil {
		rest = append(rest, p.in)
	} else {
		rest = append(rest, broken{p.err})
	}
	p.in, p.opStart, p.buf[0] = io.MultiReader(rest...), p.off, 0
}

// broken is an input that has ended, for a reason.
type broken struct{ why error }

func (b broken) Read([]byte) (int, error) { return 0, b.why }
