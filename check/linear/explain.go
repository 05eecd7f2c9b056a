package linear

import (
	"fmt"
	"slices"
	"strings"

	"checker/check"
	"checker/history"
	"checker/models"
)

// violation is a proof that a register's history is illegal, in rows.
type violation struct {
	kind         string
	rows         []int32 // invocations of the ops concerned
	value        history.Ref
	block, other block
}

// mostLinks bounds how many compare-and-sets a witness names to show that one
// value followed from another.
const mostLinks = 16

// explain puts a violation in words and gives it its name.
func (r *register) explain(v *violation) (kind string, w check.Witness) {
	kind, w = r.explainKind(v, check.Witness{Key: r.keyName(r.rows)})
	slices.Sort(w.Ops)
	return kind, w
}

func (r *register) explainKind(v *violation, w check.Witness) (string, check.Witness) {
	switch v.kind {
	case garbageRead:
		return r.explainGarbage(v, w)
	case casConflict:
		a, b := v.rows[0], v.rows[1]
		w.Ops = r.indexes(a, b)
		w.Text = fmt.Sprintf("%s and %s both found %s, but it was there only once%s: the first of them replaced it.",
			r.say(a), r.say(b), r.show(v.value), r.writtenBy(v.value))
	case casCircle:
		w.Ops = r.indexes(v.rows...)
		said := make([]string, len(v.rows))
		for i, row := range v.rows {
			said[i] = r.say(row)
		}
		w.Text = fmt.Sprintf("%s found only what another of them left, so none can be first.", strings.Join(said, " and "))
	case outOfRank:
		return r.explainRank(v, w)
	case staleRead:
		return r.explainBlocks(v, w)
	}
	return v.kind, w
}

func (r *register) explainGarbage(v *violation, w check.Witness) (string, check.Witness) {
	reader := v.rows[0]
	w.Ops = r.indexes(reader)
	if failed := r.failedWriter(v.value); failed >= 0 {
		w.Ops = r.indexes(reader, failed)
		w.Text = fmt.Sprintf("%s observed %s, but its only write, %s, failed.", r.say(reader), r.show(v.value), r.say(failed))
		w.Steps = []check.Step{{From: w.Ops[1], To: w.Ops[0], Edge: "wr", Key: w.Key, Why: "it observed what the failed op wrote"}}
		return abortedRead, w
	}
	w.Text = fmt.Sprintf("%s observed %s, which nobody wrote.", r.say(reader), r.show(v.value))
	return garbageRead, w
}

// failedWriter returns the row of a failed op that tried to write value to the
// object being explained, or -1.
func (r *register) failedWriter(value history.Ref) int32 {
	if r.failed == nil {
		r.failed = r.failedWrites()
	}
	for _, row := range r.failed {
		made := r.in(int(row))
		if r.function(int(row)) == models.RegisterCAS {
			_, made, _ = r.h.Heap.Pair(made)
		}
		if r.h.Equal(made, value) && r.sameKey(row, r.rows[0]) {
			return row
		}
	}
	return -1
}

// failedWrites returns the rows of all failed ops that would have written.
func (r *register) failedWrites() []int32 {
	rows := []int32{}
	for i := range r.h.Len() {
		if r.isOp(i) && !r.counts(i) && r.function(i) > models.RegisterRead {
			rows = append(rows, int32(i))
		}
	}
	return rows
}

func (r *register) sameKey(a, b int32) bool {
	if !r.keyed {
		return true
	}
	x, _, ok := r.h.Heap.Pair(r.h.Ref(int(a)))
	y, _, _ := r.h.Heap.Pair(r.h.Ref(int(b)))
	return ok && r.h.Equal(x, y)
}

// explainRank: an op completed before one that must come earlier was invoked.
func (r *register) explainRank(v *violation, w check.Witness) (string, check.Witness) {
	early := v.block.last
	late := int32(-1)
	if len(v.rows) > 0 {
		late = v.rows[0]
	} else {
		late = int32(r.h.Pair(int(r.version(v.value).firstRes)))
	}
	links, left := r.links(r.sees(early), v.value)
	rows := []int32{late, early}
	for _, l := range links {
		if l != early && l != late {
			rows = append(rows, l)
		}
	}
	w.Ops = r.indexes(rows...)
	realtime := fmt.Sprintf("%s completed before %s was invoked", r.say(late), r.say(early))
	why := r.whyAfter(early, late, v.value, links, left)
	w.Steps = []check.Step{
		{From: w.Ops[0], To: w.Ops[1], Edge: "realtime", Key: w.Key, Why: realtime},
		{From: w.Ops[1], To: w.Ops[0], Edge: "value", Key: w.Key, Why: why},
	}
	w.Text = fmt.Sprintf("%s, but %s.", realtime, why)
	if r.function(int(early)) == models.RegisterRead {
		return staleRead, w
	}
	return futureRead, w
}

// whyAfter says why the op at row late, which observed value, comes after the op
// at row early.
func (r *register) whyAfter(early, late int32, value history.Ref, links []int32, left int) string {
	seen := r.sees(early)
	switch {
	case len(links) > 0:
		said := make([]string, len(links))
		for i, l := range links {
			said[i] = r.say(l)
		}
		if left > 0 {
			said = append(said, fmt.Sprintf("%d more", left))
		}
		return fmt.Sprintf("%s followed from %s by %s", r.show(value), r.show(seen), strings.Join(said, ", "))
	case r.function(int(early)) == models.RegisterRead:
		return fmt.Sprintf("%s replaced %s, which was written only once", r.say(late), r.show(value))
	}
	return fmt.Sprintf("only %s wrote %s", r.say(early), r.show(value))
}

// sees returns the value that an op observed or, for one that writes, made.
func (r *register) sees(row int32) history.Ref {
	switch r.function(int(row)) {
	case models.RegisterRead:
		_, res := r.outcome(int(row))
		return r.out(res)
	case models.RegisterCAS:
		_, made := r.pair(row)
		return made
	}
	return r.in(int(row))
}

// links returns the compare-and-sets that lead from one value to another, and
// how many more there are than a witness should name.
func (r *register) links(from, to history.Ref) (rows []int32, left int) {
	for !r.h.Equal(from, to) {
		c := r.version(from).next
		if c == nobody {
			break
		}
		if len(rows) < mostLinks {
			rows = append(rows, c)
		} else {
			left++
		}
		_, from = r.pair(c)
	}
	return rows, left
}

// explainBlocks: two values that must each come before the other.
func (r *register) explainBlocks(v *violation, w check.Witness) (string, check.Witness) {
	a, b := v.block, v.other
	bf, bl := int32(r.h.Pair(int(b.first))), b.last
	rows := []int32{a.last, bf}
	if bl != bf {
		rows = append(rows, bl)
	}
	nameA, nameB := r.nameBlock(a.head), r.nameBlock(b.head)
	add := func(row int32) int {
		at := -1
		for i, have := range rows {
			if have == row {
				at = i
			}
		}
		if at < 0 {
			at = len(rows)
			rows = append(rows, row)
		}
		return r.index(rows[at])
	}
	var lines []string
	step := func(from, to int32, edge, why string) {
		w.Steps = append(w.Steps, check.Step{From: add(from), To: add(to), Edge: edge, Key: w.Key, Why: why})
		lines = append(lines, why)
	}
	if a.first >= 0 {
		af := int32(r.h.Pair(int(a.first)))
		step(af, bl, "realtime", fmt.Sprintf("%s completed before %s was invoked, so %s comes before %s",
			r.say(af), r.say(bl), nameA, nameB))
	} else {
		lines = append(lines, fmt.Sprintf("%s comes before everything", nameA))
	}
	step(bf, a.last, "realtime", fmt.Sprintf("%s completed before %s was invoked, so %s comes before %s",
		r.say(bf), r.say(a.last), nameB, nameA))
	for _, head := range []int32{a.head, b.head} {
		if head >= 0 {
			add(head)
		}
	}
	w.Ops = r.indexes(rows...)
	w.Text = fmt.Sprintf("%s contradicts %s: the register cannot return to a value that was written once.\n  %s.",
		r.say(a.last), r.say(bl), strings.Join(lines, ".\n  "))
	return staleRead, w
}

func (r *register) nameBlock(head int32) string {
	if head < 0 {
		return "the initial value"
	}
	return "what " + r.say(head) + " wrote"
}

func (r *register) writtenBy(value history.Ref) string {
	switch w := r.version(value).writer; {
	case w == initial:
		return " (it is the initial value)"
	case w >= 0:
		return " (" + r.say(w) + " wrote it)"
	}
	return ""
}

// say describes the op invoked at a row: "read → 7 (op 12)".
func (v *view) say(row int32) string {
	return fmt.Sprintf("%s (op %d)", v.describe(row), v.index(row))
}

func (v *view) describe(row int32) string {
	t, res := v.outcome(int(row))
	in, out := v.h.Heap.Value(v.in(int(row))), history.Nil
	if t == history.Ok {
		out = v.h.Heap.Value(v.out(res))
	}
	return v.model.Describe(v.function(int(row)), in, out, t != history.Info)
}

func (v *view) indexes(rows ...int32) []int {
	out := make([]int, len(rows))
	for i, row := range rows {
		out[i] = v.index(row)
	}
	return out
}

// keyName names the object that an op of rows belongs to, or "".
func (v *view) keyName(rows []int32) string {
	if !v.keyed || len(rows) == 0 {
		return ""
	}
	key, _, _ := v.h.Heap.Pair(v.h.Ref(int(rows[0])))
	return v.h.Heap.Value(key).String()
}
