package history

import (
	"bufio"
	"fmt"
	"io"
)

// Writer writes ops down as they come, in memory that does not grow with their
// number. Strings survive whatever bytes they hold; what no reader could take
// back is refused by [Writer.Write].
type Writer struct {
	w      *bufio.Writer
	format Format
	block  *blockWriter // in the format Block
	line   []byte
	ops    int
}

// NewWriter returns a writer in the format JSONL, EDN, JSON or Block.
func NewWriter(w io.Writer, f Format) (*Writer, error) {
	out := &Writer{w: bufio.NewWriterSize(w, 64<<10), format: f}
	switch f {
	case JSONL, EDN, JSON:
		return out, nil
	case Block:
		var err error
		if out.block, err = newBlockWriter(); err != nil {
			return nil, err
		}
		_, err = out.w.WriteString(blockMagic)
		return out, err
	}
	return nil, fmt.Errorf("cannot write histories in format %q: only in %s, %s, %s and %s", f, JSONL, EDN, JSON, Block)
}

// Write writes one op.
func (w *Writer) Write(op Op) error { return w.write(&op, op.Process.name()) }

func (w *Writer) write(op *Op, process string) error {
	if err := checkOp(op); err != nil {
		return fmt.Errorf("op of index %d: %w", op.Index, err)
	}
	if w.block != nil {
		return w.writeBlock(op, process)
	}
	w.line = w.line[:0]
	if w.format == JSON {
		if w.ops == 0 {
			w.line = append(w.line, '[')
		} else {
			w.line = append(w.line, ",\n"...)
		}
	}
	if w.format == EDN {
		w.line = appendEDNOp(w.line, op, process)
	} else {
		w.line = appendJSONOp(w.line, op, process)
	}
	if w.format != JSON {
		w.line = append(w.line, '\n')
	}
	w.ops++
	_, err := w.w.Write(w.line)
	return err
}

func (w *Writer) writeBlock(op *Op, process string) error {
	full, err := w.block.add(op, process)
	if err != nil {
		return fmt.Errorf("op of index %d: %w", op.Index, err)
	}
	if full {
		return w.block.end(w.w)
	}
	return nil
}

// Flush hands what was written on to the writer underneath. In the format Block
// it ends a block, so ten times a second is fine and a thousand times wasteful.
func (w *Writer) Flush() error {
	if w.block != nil {
		if err := w.block.end(w.w); err != nil {
			return err
		}
	}
	return w.w.Flush()
}

// Close ends the history and flushes. It leaves the writer underneath open.
func (w *Writer) Close() error {
	if w.block != nil {
		if err := w.block.close(w.w); err != nil {
			return err
		}
	}
	if w.format == JSON {
		end := "]\n"
		if w.ops == 0 {
			end = "[]\n"
		}
		if _, err := w.w.WriteString(end); err != nil {
			return err
		}
	}
	return w.w.Flush()
}

// WriteHistory writes all of h.
func WriteHistory(w io.Writer, h *History, f Format) error {
	out, err := NewWriter(w, f)
	if err != nil {
		return err
	}
	for i := range h.Len() {
		op := h.Op(i)
		if i == 0 && !h.HasRealTime() {
			op.Extra = append(op.Extra[:len(op.Extra):len(op.Extra)], Field{realTimeField, Bool(false)})
		}
		if err := out.write(&op, h.ProcessName(op.Process)); err != nil {
			return err
		}
	}
	return out.Close()
}

// checkOp refuses what could be written but not read back.
func checkOp(op *Op) error {
	if int(op.Type) >= len(typeNames) {
		return fmt.Errorf("type %d is unknown", op.Type)
	}
	if err := checkValue(op.Value, 0); err != nil {
		return fmt.Errorf("value: %w", err)
	}
	if err := checkValue(op.Error, 0); err != nil {
		return fmt.Errorf("error: %w", err)
	}
	for i, extra := range op.Extra {
		if err := checkExtra(extra, op.Extra[:i], op); err != nil {
			return err
		}
	}
	return nil
}

// checkExtra refuses an extra field that cannot come after the others.
func checkExtra(extra Field, others []Field, op *Op) error {
	if isOwnField(extra, op) {
		return fmt.Errorf("%q cannot be an extra field: every op has it", extra.Name)
	}
	for _, other := range others {
		if other.Name == extra.Name {
			return fmt.Errorf("two extra fields %q", extra.Name)
		}
	}
	if err := checkValue(extra.Value, 0); err != nil {
		return fmt.Errorf("%s: %w", extra.Name, err)
	}
	return nil
}

// isOwnField reports whether an extra field has the name of a field that ops
// have anyway. A node may be one if it is no name.
func isOwnField(extra Field, op *Op) bool {
	switch extra.Name {
	case "index", "time", "process", "type", "f", "value", "error":
		return true
	case "node":
		switch extra.Value.kind {
		case KindNil, KindString, KindKeyword:
			return true
		}
		return op.Node != ""
	}
	return false
}

func checkValue(v Value, depth int) error {
	switch v.kind {
	case KindKeyword:
		if !isKeyword(v.Text()) {
			return fmt.Errorf("%q is no legal keyword", v.Text())
		}
	case KindTagged:
		if !isTag(v.Text()) {
			return fmt.Errorf("%q is no legal tag", v.Text())
		}
	}
	if v.kind < KindVector {
		return nil
	}
	if depth == maxDepth {
		return fmt.Errorf("collections nested more than %d deep", maxDepth)
	}
	for _, e := range v.Elems() {
		if err := checkValue(e, depth+1); err != nil {
			return err
		}
	}
	return nil
}
