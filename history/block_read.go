package history

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/klauspost/compress/zstd"
)

// blockReader reads a file of blocks.
type blockReader struct {
	merger
	name    string
	in      *bufio.Reader
	offset  int64 // of the block that is being read
	read    int64 // bytes read
	size    int64 // of the file, 0 when unknown
	rows    uint64
	body    bytes.Buffer
	raw     []byte
	columns blockColumns
	decoder *zstd.Decoder
}

func readBlocks(s source, opts ReadOptions) (*History, error) {
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxBlockRaw))
	if err != nil {
		return nil, err
	}
	defer decoder.Close()
	b := NewBuilder()
	p := &blockReader{name: s.name, size: s.size, in: bufio.NewReader(s.rest()), merger: merger{b: b}, decoder: decoder}
	for more := true; more; {
		if p.read == 0 {
			err = p.magic()
		} else {
			more, err = p.block()
		}
		if err == nil {
			continue
		}
		if e := err.(*ParseError); !opts.AllowTruncated || !e.atEnd {
			return nil, err
		}
		b.Warn(0, "the recording was not closed; it is read up to its last whole block, which ends at byte %d", p.offset)
		break
	}
	return b.History(), nil
}

// rest returns what s has not scanned yet.
func (s *source) rest() io.Reader {
	window := bytes.NewReader(s.buf[s.pos:s.end])
	switch {
	case !s.done:
		return io.MultiReader(window, s.in)
	case s.err != nil:
		return io.MultiReader(window, broken{s.err})
	}
	return window
}

// damaged returns an error about the block that is being read.
func (p *blockReader) damaged(format string, args ...any) error {
	return &ParseError{File: p.name, Offset: p.offset, Msg: fmt.Sprintf(format, args...)}
}

// stopped returns the error for an input that ends with err within what.
func (p *blockReader) stopped(what string, err error) error {
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		return &ParseError{File: p.name, Offset: p.offset, Msg: "expected " + what + ", found the end of the file: the recording was not closed", atEnd: true, err: err}
	}
	return &ParseError{File: p.name, Offset: p.offset, Msg: err.Error(), err: err}
}

// torn returns the error for a block that is wrong: a torn one when there is
// nothing, or nothing but zeros, behind it, since a writer does not go back.
func (p *blockReader) torn(what string) error {
	for {
		c, err := p.in.ReadByte()
		if err != nil {
			return p.stopped(what, err)
		}
		if c != 0 {
			return p.damaged("expected %s, found another checksum", what)
		}
	}
}

func (p *blockReader) magic() error {
	var magic [len(blockMagic)]byte
	n, err := io.ReadFull(p.in, magic[:])
	p.read += int64(n)
	switch {
	case err != nil && bytes.HasPrefix([]byte(blockMagic), magic[:n]):
		return p.stopped("the magic of the block format", err)
	case err != nil || string(magic[:blockVersion]) != blockMagic[:blockVersion]:
		return p.damaged("expected the magic of the block format, found %q", magic[:n])
	case magic[blockVersion] != blockMagic[blockVersion]:
		return p.damaged("expected version %d of the block format, found version %d", blockMagic[blockVersion], magic[blockVersion])
	}
	p.offset = p.read
	return nil
}

// block reads the next block; more is false at the end of the file.
func (p *blockReader) block() (more bool, err error) {
	var fixed [blockHeader]byte
	if _, err := io.ReadFull(p.in, fixed[:]); err != nil {
		return false, p.stopped("a block or the end block", err)
	}
	h, ok := parseHeader(fixed[:])
	switch {
	case !ok:
		return false, p.torn("the header of a block")
	case h.first != p.rows:
		return false, p.damaged("expected the block of row %d, found that of row %d", p.rows, h.first)
	case h.isEnd():
		return false, p.end()
	case !h.possible():
		return false, p.damaged("expected a possible header, found %d rows in %d bytes, stored as %d", h.rows, h.raw, h.stored)
	}
	if err := p.unpack(h); err != nil {
		return false, err
	}
	if err := p.columns.decode(p.raw, int(h.rows)); err != nil {
		return false, p.damaged("%v", err)
	}
	if !p.fits(&p.columns.chunk) {
		return false, p.damaged("expected a few functions, found more than 65,000 distinct ones; is this a history?")
	}
	if row, err := p.merge(&p.columns.chunk, 0); err != nil {
		return false, p.damaged("op of index %d: %v", row.Index, err)
	}
	p.read += blockHeader + int64(h.stored)
	if left := p.size - p.read; p.rows == 0 && left > 0 {
		p.b.reserve(1.03 * float64(left) / float64(h.stored))
	}
	p.rows += uint64(h.rows)
	p.offset = p.read
	return true, nil
}

// end reads what comes after the end block: nothing.
func (p *blockReader) end() error {
	if c, err := p.in.ReadByte(); err == nil {
		return p.damaged("expected nothing after the end block, found %q", c)
	} else if err != io.EOF {
		return p.stopped("the end of the file", err)
	}
	return nil
}

// unpack reads the body of a block.
func (p *blockReader) unpack(h header) error {
	p.body.Reset()
	if _, err := io.CopyN(&p.body, p.in, int64(h.stored)); err != nil {
		return p.stopped("the rest of a block", err)
	}
	if crc32.Checksum(p.body.Bytes(), castagnoli) != h.bodyCRC {
		return p.torn("the body of a block")
	}
	raw, err := p.decoder.DecodeAll(p.body.Bytes(), p.raw[:0])
	if err != nil {
		return p.damaged("%v", err)
	}
	if p.raw = raw; len(raw) != int(h.raw) {
		return p.damaged("expected columns of %d bytes, found %d", h.raw, len(raw))
	}
	return nil
}
