package reports

import "checker/history"

// brief prints a value at rest as EDN, but stops soon after limit bytes: a
// read of a long list costs no more than what is shown of it. What was left out
// is counted in elements.
func brief(h *history.Heap, r history.Ref, limit int) string {
	p := briefPrinter{heap: h, limit: limit}
	p.print(r)
	return line(string(p.out), 2*limit)
}

type briefPrinter struct {
	heap  *history.Heap
	out   []byte
	limit int
}

func (p *briefPrinter) print(r history.Ref) {
	switch r.Kind() {
	case history.KindVector:
		p.seq(r, "[", "]")
	case history.KindList:
		p.seq(r, "(", ")")
	case history.KindSet:
		p.seq(r, "#{", "}")
	case history.KindMap:
		p.seq(r, "{", "}")
	case history.KindTagged:
		p.out = append(append(p.out, '#'), p.heap.Text(p.heap.Elem(r, 0))...)
		p.out = append(p.out, ' ')
		p.print(p.heap.Elem(r, 1))
	case history.KindString:
		p.text(p.heap.Text(r))
	default:
		p.out = p.heap.Value(r).AppendEDN(p.out)
	}
}

func (p *briefPrinter) text(s string) {
	room := max(p.limit-len(p.out), 16)
	if len(s) <= room {
		p.out = history.String(s).AppendEDN(p.out)
		return
	}
	p.out = history.String(s[:cut(s, room)]).AppendEDN(p.out)
	p.out = append(p.out, "… of "+count(len(s))+" bytes"...)
}

func (p *briefPrinter) seq(r history.Ref, open, end string) {
	p.out = append(p.out, open...)
	n := p.heap.Len(r)
	for i := range n {
		if i > 0 {
			p.out = append(p.out, ' ')
		}
		if len(p.out) > p.limit-len(end)-12 && i < n-1 {
			p.out = append(p.out, "… +"+count(n-i)...)
			break
		}
		if p.heap.IsTxn(r) {
			p.microOp(p.heap.MicroOp(r, i))
		} else {
			p.print(p.heap.Elem(r, i))
		}
	}
	p.out = append(p.out, end...)
}

func (p *briefPrinter) microOp(m history.MicroOp) {
	p.out = append(append(p.out, '['), p.heap.FName(m.F)...)
	p.out = append(p.out, ' ')
	p.print(p.heap.Key(m.Key))
	p.out = append(p.out, ' ')
	p.print(m.Value)
	p.out = append(p.out, ']')
}
