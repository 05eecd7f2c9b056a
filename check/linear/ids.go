package linear

import "context"

// ids decides generators of ids: none may come twice. Who crashed got one that
// nobody knows.
type ids struct {
	*view
	numbers numbering
	byID    []int32 // by number of an id: who got it, in rows plus one
}

func (g *ids) decide(ctx context.Context, obj object) (answer, *proof, object) {
	if ctx.Err() != nil {
		return undecided, nil, obj
	}
	g.numbers.begin(&g.h.Heap)
	each := func(visit func(row, res int32) bool) {
		for _, row := range obj.rows {
			if _, res := g.outcome(int(row)); res != never && !visit(row, res) {
				return
			}
		}
	}
	each(func(_, res int32) bool { g.numbers.see(g.out(res)); return true })
	g.numbers.ready()
	g.byID = g.byID[:0]
	var p *proof
	each(func(row, res int32) bool {
		id := int(g.numbers.of(g.out(res)))
		for id >= len(g.byID) {
			g.byID = append(g.byID, 0)
		}
		if first := g.byID[id] - 1; first >= 0 {
			p = because([]int32{first, row}, "%s and %s got the same id.", g.say(first), g.say(row))
		}
		g.byID[id] = row + 1
		return p == nil
	})
	if p != nil {
		return illegal, p, obj
	}
	return legal, nil, obj
}
