package history

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"math"

	"github.com/klauspost/compress/zstd"
)

// blockWriter gathers the columns of one block.
type blockWriter struct {
	columns [numColumns][]byte
	ids     map[string]uint64
	text    []byte // of the strings
	rows    int
	first   uint64 // rows in the blocks before
	index   int64  // of the row before
	time    int64
	skipped [numColumns]int // the row after the last entry of a column

	raw, out []byte
	encoder  *zstd.Encoder
}

func newBlockWriter() (*blockWriter, error) {
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(blockTarget), zstd.WithEncoderCRC(false))
	if err != nil {
		return nil, err
	}
	w := &blockWriter{encoder: encoder}
	w.reset()
	return w, nil
}

// reset begins the next block.
func (w *blockWriter) reset() {
	for c := range w.columns {
		w.columns[c] = w.columns[c][:0]
	}
	if len(w.ids) > 0 || w.ids == nil {
		w.ids = map[string]uint64{}
	}
	w.first += uint64(w.rows)
	w.text, w.rows, w.index, w.time, w.skipped = w.text[:0], 0, -1, 0, [numColumns]int{}
}

// add adds a row, and reports whether the block has become full.
func (w *blockWriter) add(op *Op, process string) (full bool, err error) {
	size := valueSize(op.Value) + valueSize(op.Error) + len(op.F) + len(op.Node) + len(process)
	for _, extra := range op.Extra {
		size += len(extra.Name) + valueSize(extra.Value)
	}
	if size > maxOpBytes {
		return false, fmt.Errorf("it takes %d bytes, at most %d are possible", size, maxOpBytes)
	}
	w.signed(colIndex, int64(op.Index)-w.index-1)
	w.signed(colTime, op.Time-w.time)
	w.index, w.time = int64(op.Index), op.Time
	switch {
	case op.Process.IsClient():
		w.signed(colProcess, int64(op.Process))
	case process == Nemesis.String():
		w.signed(colProcess, int64(Nemesis))
	default:
		w.signed(colProcess, -2-int64(w.id(process)))
	}
	w.columns[colType] = append(w.columns[colType], byte(op.Type))
	w.unsigned(colF, w.id(op.F))
	w.value(colValue, op.Value)
	if !op.Error.IsNil() {
		w.entry(colError)
		w.value(colError, op.Error)
	}
	if op.Node != "" {
		w.entry(colNode)
		w.unsigned(colNode, w.id(op.Node))
	}
	if len(op.Extra) > 0 {
		w.entry(colExtra)
		w.unsigned(colExtra, uint64(len(op.Extra)))
		for _, extra := range op.Extra {
			w.unsigned(colExtra, w.id(extra.Name))
			w.value(colExtra, extra.Value)
		}
	}
	w.rows++
	return w.rows == maxBlockRows || w.size() >= blockTarget, nil
}

// valueSize returns at most how many bytes v takes.
func valueSize(v Value) int {
	n := 1 + binary.MaxVarintLen64 + len(v.Text())
	for _, e := range v.Elems() {
		n += valueSize(e)
	}
	return n
}

func (w *blockWriter) size() int {
	n := len(w.text)
	for _, column := range w.columns {
		n += len(column)
	}
	return n
}

func (w *blockWriter) unsigned(c int, n uint64) {
	w.columns[c] = binary.AppendUvarint(w.columns[c], n)
}

func (w *blockWriter) signed(c int, n int64) { w.columns[c] = binary.AppendVarint(w.columns[c], n) }

// entry begins an entry of a column that not every row has.
func (w *blockWriter) entry(c int) {
	w.unsigned(c, uint64(w.rows-w.skipped[c]))
	w.skipped[c] = w.rows + 1
}

// id returns the number of a string in the block.
func (w *blockWriter) id(s string) uint64 {
	id, ok := w.ids[s]
	if !ok {
		id = uint64(len(w.ids))
		w.ids[s] = id
		w.unsigned(colStrings, uint64(len(s)))
		w.text = append(w.text, s...)
	}
	return id
}

func (w *blockWriter) tag(c int, tag byte) { w.columns[c] = append(w.columns[c], tag) }

func (w *blockWriter) value(c int, v Value) {
	switch v.kind {
	case KindNil:
		w.tag(c, tagNil)
	case KindBool:
		w.tag(c, tagFalse+byte(v.n))
	case KindInt:
		if v.n >= 0 && v.n < tagSmall {
			w.tag(c, tagSmall+byte(v.n))
			return
		}
		w.tag(c, tagInt)
		w.signed(c, v.n)
	case KindFloat:
		w.tag(c, tagFloat)
		w.columns[c] = binary.LittleEndian.AppendUint64(w.columns[c], uint64(v.n))
	case KindString:
		w.tag(c, tagString)
		w.unsigned(c, w.id(v.Text()))
	case KindKeyword:
		w.tag(c, tagKeyword)
		w.unsigned(c, w.id(v.Text()))
	case KindTagged:
		w.tag(c, tagTagged)
		w.unsigned(c, w.id(v.Text()))
		w.value(c, v.Elems()[0])
	case KindVector:
		w.vector(c, v.Elems())
	case KindList:
		w.elements(c, tagList, len(v.Elems()), v.Elems())
	case KindSet:
		w.elements(c, tagSet, len(v.Elems()), v.Elems())
	case KindMap:
		w.elements(c, tagMap, len(v.Elems())/2, v.Elems())
	}
}

func (w *blockWriter) elements(c int, tag byte, count int, elems []Value) {
	w.tag(c, tag)
	w.unsigned(c, uint64(count))
	for _, e := range elems {
		w.value(c, e)
	}
}

func (w *blockWriter) vector(c int, elems []Value) {
	switch {
	case isTxnValue(elems):
		w.tag(c, tagTxn)
		w.unsigned(c, uint64(len(elems)))
		for _, m := range elems {
			w.unsigned(c, w.id(m.Elems()[0].Text()))
			w.value(c, m.Elems()[1])
			w.value(c, m.Elems()[2])
		}
	case areInts32(elems):
		w.tag(c, tagInts)
		w.unsigned(c, uint64(len(elems)))
		last := int64(0)
		for _, e := range elems {
			w.signed(c, e.n-last)
			last = e.n
		}
	default:
		w.elements(c, tagVector, len(elems), elems)
	}
}

func areInts32(elems []Value) bool {
	for _, e := range elems {
		if e.kind != KindInt || e.n < math.MinInt32 || e.n > math.MaxInt32 {
			return false
		}
	}
	return len(elems) > 0
}

// end writes the block, if it has rows, and begins the next one.
func (w *blockWriter) end(out io.Writer) error {
	if w.rows == 0 {
		return nil
	}
	strings := binary.AppendUvarint(nil, uint64(len(w.ids)))
	w.raw = binary.AppendUvarint(w.raw[:0], uint64(len(strings)+len(w.columns[colStrings])+len(w.text)))
	w.raw = append(append(append(w.raw, strings...), w.columns[colStrings]...), w.text...)
	for _, column := range w.columns[colStrings+1:] {
		w.raw = append(binary.AppendUvarint(w.raw, uint64(len(column))), column...)
	}
	w.out = append(w.out[:0], make([]byte, blockHeader)...)
	w.out = w.encoder.EncodeAll(w.raw, w.out)
	body := w.out[blockHeader:]
	header{uint32(len(body)), uint32(len(w.raw)), uint32(w.rows), w.first, crc32.Checksum(body, castagnoli)}.append(w.out[:0])
	_, err := out.Write(w.out)
	w.reset()
	return err
}

// close writes what there is, and the end of the file.
func (w *blockWriter) close(out io.Writer) error {
	if err := w.end(out); err != nil {
		return err
	}
	_, err := out.Write(header{first: w.first}.append(nil))
	return err
}
