package linear

import (
	"context"
	"slices"

	"checker/history"
	"checker/models"
)

// Who wrote a version, where it is not the row of an op.
const (
	nobody  int32 = -1
	initial int32 = -2
)

// version is a value of a register and what is known of its time.
type version struct {
	writer   int32 // row of the write or cas that made it
	next     int32 // row of the cas that replaced it, or nobody
	firstRes int32 // when the first read of it completed
	lastInv  int32 // when the last read of it was invoked, or -1
	reader   int32 // row of the first op that observed it, or nobody
	twice    bool  // several ops made it
}

func (v *version) observedBy(row int32) {
	if v.reader == nobody {
		v.reader = row
	}
}

// register decides the history of one register, or finds that it cannot because
// an observed value was written twice.
type register struct {
	*view
	rows     []int32
	numbers  numbering
	versions []version
	cas      []int32 // every cas, in order
	kept     int     // how many of them must have happened
	blocks   blocks
	failed   []int32 // failed ops that would have written, once asked for
}

// answer is what an engine found out about an object.
type answer uint8

const (
	legal answer = iota
	illegal
	undecided
)

// decide is judge with the proof in words.
func (r *register) decide(ctx context.Context, obj object) (answer, *proof, object) {
	got, bad := r.judge(ctx, obj)
	if bad == nil {
		return got, nil, obj
	}
	kind, w := r.explain(bad)
	return got, &proof{kind: kind, witness: w}, obj
}

// judge returns undecided when the method does not apply or ctx is done, and
// the proof when the history is illegal.
func (r *register) judge(ctx context.Context, obj object) (answer, *violation) {
	r.rows = obj.rows
	initialValue := r.initialRef()
	r.numbers.start(r.view, obj.rows)
	r.versions = slices.Grow(r.versions[:0], int(r.numbers.span)+8)
	r.cas, r.kept = r.cas[:0], 0
	r.blocks.reset(r.writes(obj.rows) + 1)
	r.version(initialValue).writer = initial
	r.collect()
	clear := r.keepObserved()
	if v := r.garbage(); v != nil {
		return illegal, v
	}
	if !clear || ctx.Err() != nil {
		return undecided, nil
	}
	for _, step := range []func() *violation{r.link, func() *violation { return r.build(initialValue) }, r.blocks.order} {
		if v := step(); v != nil {
			return illegal, v
		}
		if ctx.Err() != nil {
			return undecided, nil
		}
	}
	return legal, nil
}

// unmentioned stands for an initial value that no op of the history mentions.
const unmentioned = ^history.Ref(0)

// initialRef finds the model's initial value among the values of the history,
// whose heap is read-only.
func (r *register) initialRef() history.Ref {
	var scratch history.Heap // makes the Refs of scalars that hold themselves
	switch x := r.model.Initial; x.Kind() {
	case history.KindNil:
		return 0
	case history.KindBool:
		return scratch.AddBool(x.Bool())
	case history.KindInt:
		if n, _ := x.Int(); n == int64(int32(n)) {
			return scratch.AddInt(n)
		}
	}
	for _, row := range r.rows {
		for _, value := range r.mentions(row) {
			if r.h.Heap.Value(value).Equal(r.model.Initial) {
				return value
			}
		}
	}
	return unmentioned
}

// mentions returns the values that an op writes, expects or reads.
func (r *register) mentions(row int32) []history.Ref {
	switch r.function(int(row)) {
	case models.RegisterRead:
		if t, res := r.outcome(int(row)); t == history.Ok {
			return []history.Ref{r.out(res)}
		}
		return nil
	case models.RegisterCAS:
		old, made := r.pair(row)
		return []history.Ref{old, made}
	}
	return []history.Ref{r.in(int(row))}
}

// version returns the version of a value.
func (r *register) version(value history.Ref) *version {
	id := int(r.numbers.of(value))
	for id >= len(r.versions) {
		r.versions = append(r.versions, version{writer: nobody, next: nobody, firstRes: never, lastInv: -1, reader: nobody})
	}
	return &r.versions[id]
}

// pair returns what the cas at a row expected and what it left.
func (r *register) pair(row int32) (old, made history.Ref) {
	old, made, _ = r.h.Heap.Pair(r.in(int(row)))
	return old, made
}

// collect notes who wrote and who read each value.
func (r *register) collect() {
	for _, row := range r.rows {
		t, res := r.outcome(int(row))
		switch r.function(int(row)) {
		case models.RegisterRead:
			if t == history.Ok {
				v := r.version(r.out(res))
				v.firstRes, v.lastInv = min(v.firstRes, res), row
				v.observedBy(row)
			}
		case models.RegisterWrite:
			r.wrote(r.in(int(row)), row)
		case models.RegisterCAS:
			old, made := r.pair(row)
			r.wrote(made, row)
			r.cas = append(r.cas, row)
			if t == history.Ok {
				r.version(old).observedBy(row)
			}
		}
	}
}

// writes counts the plain writes, each of which may begin a block.
func (r *register) writes(rows []int32) int {
	n := 0
	for _, row := range rows {
		if r.function(int(row)) == models.RegisterWrite {
			n++
		}
	}
	return n
}

func (r *register) wrote(value history.Ref, row int32) {
	v := r.version(value)
	v.twice = v.twice || v.writer != nobody
	if v.writer == nobody {
		v.writer = row
	}
}

// crashed reports whether nobody knows if the op at a row happened.
func (r *register) crashed(row int32) bool {
	_, res := r.outcome(int(row))
	return res == never
}

// keepObserved finds the crashed ops that must have happened, since what they
// wrote was observed, and marks what a crashed cas must have found in turn. It
// is false when an observed value has several writers.
func (r *register) keepObserved() bool {
	clear := true
	for i := range r.versions {
		for v := &r.versions[i]; v.reader != nobody; {
			if v.twice {
				clear = false
				break
			}
			w := v.writer
			if w < 0 || r.function(int(w)) != models.RegisterCAS || !r.crashed(w) {
				break
			}
			old, _ := r.pair(w)
			v = r.version(old)
			if v.reader != nobody {
				break // it has its own turn, or had it
			}
			v.reader = w
		}
	}
	return clear
}

// garbage finds an observed value that nobody wrote, the one first observed.
func (r *register) garbage() *violation {
	first := int32(never)
	for i := range r.versions {
		if v := &r.versions[i]; v.reader != nobody && v.writer == nobody {
			first = min(first, v.reader)
		}
	}
	if first == never {
		return nil
	}
	return &violation{kind: garbageRead, rows: []int32{first}, value: r.observes(first)}
}

// observes returns the value that a read returned or that a cas found.
func (r *register) observes(row int32) history.Ref {
	if r.function(int(row)) == models.RegisterCAS {
		old, _ := r.pair(row)
		return old
	}
	_, res := r.outcome(int(row))
	return r.out(res)
}

// happened reports whether an op that writes must have happened: it is ok, or
// what it wrote was observed and nobody else wrote it.
func (r *register) happened(row int32) bool {
	if !r.crashed(row) {
		return true
	}
	made := r.in(int(row))
	if r.function(int(row)) == models.RegisterCAS {
		_, made = r.pair(row)
	}
	v := r.version(made)
	return v.reader != nobody && !v.twice
}

// link chains each value to the one that a cas replaced it with. Two of them
// cannot both have found it.
func (r *register) link() *violation {
	for _, row := range r.cas {
		if !r.happened(row) {
			continue
		}
		r.kept++
		old, _ := r.pair(row)
		v := r.version(old)
		if v.next != nobody {
			return &violation{kind: casConflict, rows: []int32{v.next, row}, value: old}
		}
		v.next = row
	}
	return nil
}

// build makes the blocks: a plain write, or the initial value, with everything
// that follows from it by reads and by chains of cas. In any legal order the ops
// of a block stand together, since each of its values is written once.
func (r *register) build(initialValue history.Ref) *violation {
	chained := 0
	for i := -1; i < len(r.rows); i++ {
		head, value := initial, initialValue
		if i >= 0 {
			head = r.rows[i]
			if r.function(int(head)) != models.RegisterWrite || !r.happened(head) {
				continue
			}
			value = r.in(int(head))
		}
		n, v := r.chain(head, value)
		if v != nil {
			return v
		}
		chained += n
	}
	if chained < r.kept {
		return r.circle()
	}
	return nil
}

// chain walks one block by ranks: head, reads of its value, the cas that
// replaced it, reads of that value… No op may complete before one of a lower
// rank was invoked. It returns how many cas the block has.
func (r *register) chain(head int32, value history.Ref) (cas int, bad *violation) {
	b := block{first: -1, last: -1, head: head}
	if head >= 0 {
		_, b.first = r.outcome(int(head))
		b.last = head
	}
	for {
		v := r.version(value)
		if v.twice {
			break // unobserved, so nothing follows
		}
		if v.firstRes < b.last {
			return 0, &violation{kind: outOfRank, block: b, value: value}
		}
		b.first, b.last = min(b.first, v.firstRes), max(b.last, v.lastInv)
		c := v.next
		if c == nobody {
			break
		}
		_, res := r.outcome(int(c))
		if res < b.last {
			return 0, &violation{kind: outOfRank, block: b, value: value, rows: []int32{c}}
		}
		b.first, b.last = min(b.first, res), max(b.last, c)
		cas++
		_, value = r.pair(c)
	}
	r.blocks.add(b)
	return cas, nil
}

// circle finds cas that feed each other and that nothing feeds.
func (r *register) circle() *violation {
	seen := map[int32]bool{}
	for _, start := range r.cas {
		if !r.happened(start) || seen[start] {
			continue
		}
		at := map[int32]int{}
		var path []int32
		for row := start; row >= 0 && r.function(int(row)) == models.RegisterCAS; {
			if from, again := at[row]; again {
				return &violation{kind: casCircle, rows: path[from:]}
			}
			if seen[row] {
				break
			}
			seen[row] = true
			at[row] = len(path)
			path = append(path, row)
			old, _ := r.pair(row)
			row = r.version(old).writer
		}
	}
	panic("linear: cas that no block reaches, yet no circle of them")
}
