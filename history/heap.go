package history

import (
	"fmt"
	"math"
)

// Ref is a value at rest: a kind in the top four bits and below it either the
// datum itself or its place in a [Heap]. Scalars are canonical: two Refs of one
// heap that are nil, booleans, numbers, strings or keywords are the same datum
// if and only if they are equal as integers. Compare collections with
// [Heap.Equal]. The zero Ref is nil.
type Ref uint64

const (
	kindBits   = 4
	kindShift  = 64 - kindBits
	payload    = 1<<kindShift - 1
	lenBits    = 23
	maxLen     = 1<<lenBits - 1
	offShift   = lenBits + 1 // one bit is left for masked
	maskedBit  = 1 << lenBits
	maxInline  = 1<<(kindShift-1) - 1
	minInline  = -1 << (kindShift - 1)
	maxStrings = math.MaxUint32
)

// Forms that exist only at rest, numbered on from the kinds.
const (
	refWide Kind = KindTagged + 1 + iota // an int that does not fit a Ref
	refInts                              // a vector of ints of 32 bits
	refTxn                               // a vector of micro-ops
)

func makeRef(k Kind, p uint64) Ref { return Ref(uint64(k)<<kindShift | p&payload) }

func makeSpan(k Kind, off, n int) Ref { return makeRef(k, uint64(off)<<offShift|uint64(n)) }

func (r Ref) form() Kind { return Kind(r >> kindShift) }

// IsNil reports whether r is nil.
func (r Ref) IsNil() bool { return r == 0 }

func (r Ref) off() int     { return int(r & payload >> offShift) }
func (r Ref) count() int   { return int(r & maxLen) }
func (r Ref) masked() bool { return r&maskedBit != 0 }

// Kind returns the kind of the value.
func (r Ref) Kind() Kind {
	switch k := r.form(); k {
	case refWide:
		return KindInt
	case refInts, refTxn:
		return KindVector
	default:
		return k
	}
}

// KeyID numbers the distinct keys of a heap's micro-ops from 0.
type KeyID uint32

// F numbers the distinct function names of a heap from 0: those of ops and of
// micro-ops.
type F uint16

// MicroOp is one step of a transaction.
type MicroOp struct {
	F     F
	Key   KeyID
	Value Ref // what a write wrote or a read returned; nil for a read not yet made
}

// Heap stores values in flat arrays. The zero Heap is empty and ready.
type Heap struct {
	strs   []string
	strIDs map[string]uint32
	wide   []uint64 // ints beyond 60 bits, and floats by their bits
	wideID map[wideKey]uint32
	cells  []Ref   // elements of collections
	ints   []int32 // elements of vectors of small ints

	fNames []string
	fIDs   map[string]F
	reads  []bool             // by F: a micro-op whose value comes with the completion
	verbFs [len(verbs)]uint32 // F + 1 of each verb, 0 when it has none yet

	keys           []Ref
	keyIDs         map[Ref]KeyID
	smallKeys      []KeyID // by key, for ints from smallKey: the number + 1
	smallKey       Ref
	collectionKeys map[string]KeyID
	mopF           []F
	mopKey         []KeyID
	mopVal         []Ref
}

type wideKey struct {
	kind Kind
	bits uint64
}

// AddInt stores an integer.
func (h *Heap) AddInt(n int64) Ref {
	if n >= minInline && n <= maxInline {
		return makeRef(KindInt, uint64(n))
	}
	return h.addWide(refWide, uint64(n))
}

// AddFloat stores a floating-point number.
func (h *Heap) AddFloat(f float64) Ref { return h.addWide(KindFloat, math.Float64bits(f)) }

func (h *Heap) addWide(k Kind, bits uint64) Ref {
	key := wideKey{k, bits}
	id, ok := h.wideID[key]
	if !ok {
		if h.wideID == nil {
			h.wideID = map[wideKey]uint32{}
		}
		id = uint32(len(h.wide))
		h.wide = append(h.wide, bits)
		h.wideID[key] = id
	}
	return makeRef(k, uint64(id))
}

// AddBool stores a boolean.
func (h *Heap) AddBool(b bool) Ref {
	if b {
		return makeRef(KindBool, 1)
	}
	return makeRef(KindBool, 0)
}

// AddString stores a string; equal strings are stored once.
func (h *Heap) AddString(s []byte) Ref { return makeRef(KindString, uint64(h.intern(s))) }

// AddKeyword stores a keyword, given without its colon.
func (h *Heap) AddKeyword(s []byte) Ref { return makeRef(KindKeyword, uint64(h.intern(s))) }

func (h *Heap) intern(s []byte) uint32 {
	if id, ok := h.strIDs[string(s)]; ok {
		return id
	}
	return h.addString(string(s))
}

func (h *Heap) internString(s string) uint32 {
	if id, ok := h.strIDs[s]; ok {
		return id
	}
	return h.addString(s)
}

func (h *Heap) addString(s string) uint32 {
	if h.strIDs == nil {
		h.strIDs = map[string]uint32{}
	}
	if len(h.strs) >= maxStrings {
		panic("history: more than 2^32 distinct strings")
	}
	id := uint32(len(h.strs))
	h.strs = append(h.strs, s)
	h.strIDs[s] = id
	return id
}

// AddSeq stores a collection of the given kind (vector, list, set or map; a map
// alternates keys and values) whose elements are already in the heap. It copies
// elems. Collections of more than 8,388,607 elements are refused.
func (h *Heap) AddSeq(k Kind, elems []Ref) (Ref, error) {
	if len(elems) > maxLen {
		return 0, fmt.Errorf("a collection of %d elements is too large: at most %d", len(elems), maxLen)
	}
	if k == KindVector && len(elems) > 0 {
		if r, ok := h.addInts(elems); ok {
			return r, nil
		}
		if h.isTxn(elems) {
			return h.addTxn(elems), nil
		}
	}
	off := len(h.cells)
	h.cells = append(h.cells, elems...)
	return makeSpan(k, off, len(elems)), nil
}

// AddTagged stores a value behind a tag.
func (h *Heap) AddTagged(tag []byte, v Ref) Ref {
	return h.addTagged(h.AddString(tag), v)
}

func (h *Heap) addTagged(name, v Ref) Ref {
	off := len(h.cells)
	h.cells = append(h.cells, name, v)
	return makeSpan(KindTagged, off, 2)
}

func (h *Heap) addInts(elems []Ref) (Ref, bool) {
	for _, e := range elems {
		if e.form() != KindInt || inlineInt(e) != int64(int32(inlineInt(e))) {
			return 0, false
		}
	}
	off := len(h.ints)
	for _, e := range elems {
		h.ints = append(h.ints, int32(inlineInt(e)))
	}
	return makeSpan(refInts, off, len(elems)), true
}

// inlineInt sign-extends the integer that r itself holds.
func inlineInt(r Ref) int64 { return int64(r<<kindBits) >> kindBits }

// mopVerbs are the functions of micro-ops. A vector of [f k v] triples with
// these is a transaction, and takes the compact form.
var mopVerbs = map[string]bool{}

func init() {
	for _, verb := range verbs {
		mopVerbs[verb] = true
	}
}

func (h *Heap) isTxn(elems []Ref) bool {
	for _, e := range elems {
		if e.form() != KindVector || e.count() != 3 {
			return false
		}
		f := h.cells[e.off()]
		if k := f.form(); (k != KindKeyword && k != KindString) || !mopVerbs[h.strs[f&payload]] {
			return false
		}
	}
	return true
}

// addTxn moves freshly added [f k v] vectors into the micro-op columns and gives
// their cells back when nothing else was added in between.
func (h *Heap) addTxn(elems []Ref) Ref {
	off, first := len(h.mopF), elems[0].off()
	contiguous := first+3*len(elems) == len(h.cells)
	for i, e := range elems {
		at := e.off()
		contiguous = contiguous && at == first+3*i
		h.mopF = append(h.mopF, h.InternF(h.strs[h.cells[at]&payload]))
		h.mopKey = append(h.mopKey, h.internKey(h.cells[at+1]))
		h.mopVal = append(h.mopVal, h.cells[at+2])
	}
	if contiguous {
		h.cells = h.cells[:first]
	}
	return makeSpan(refTxn, off, len(elems))
}

func (h *Heap) internKey(k Ref) KeyID {
	if uint64(k-h.smallKey) < uint64(len(h.smallKeys)) {
		if id := h.smallKeys[k-h.smallKey]; id != 0 {
			return id - 1
		}
	}
	if !isScalar(k) {
		return h.internCollectionKey(k)
	}
	id, ok := h.keyIDs[k]
	if !ok {
		if h.keyIDs == nil {
			h.keyIDs = map[Ref]KeyID{}
		}
		id = h.newKey(k)
		h.keyIDs[k] = id
	}
	h.rememberSmallKey(k, id)
	return id
}

// rememberSmallKey spares the map where keys are ints that are as dense as those
// of a generator, from a little below the first one on.
func (h *Heap) rememberSmallKey(k Ref, id KeyID) {
	if len(h.smallKeys) == 0 {
		if k.form() != KindInt || inlineInt(k) < 0 {
			return
		}
		h.smallKey = makeRef(KindInt, uint64(max(0, inlineInt(k)-512)))
	}
	n := uint64(k - h.smallKey)
	if n >= uint64(4*len(h.keys)+1024) {
		return
	}
	for uint64(len(h.smallKeys)) <= n {
		h.smallKeys = append(h.smallKeys, 0)
	}
	h.smallKeys[n] = id + 1
}

// internCollectionKey finds keys such as [:table 5] by their text, since equal
// collections have different Refs.
func (h *Heap) internCollectionKey(k Ref) KeyID {
	text := h.Value(k).String()
	id, ok := h.collectionKeys[text]
	if !ok {
		if h.collectionKeys == nil {
			h.collectionKeys = map[string]KeyID{}
		}
		id = h.newKey(k)
		h.collectionKeys[text] = id
	}
	return id
}

func (h *Heap) newKey(k Ref) KeyID {
	h.keys = append(h.keys, k)
	return KeyID(len(h.keys) - 1)
}

func isScalar(r Ref) bool {
	switch r.form() {
	case KindNil, KindBool, KindInt, KindFloat, KindString, KindKeyword, refWide:
		return true
	}
	return false
}

// InternF returns the number of a function's name.
func (h *Heap) InternF(name string) F {
	if f, ok := h.fIDs[name]; ok {
		return f
	}
	if h.fIDs == nil {
		h.fIDs = map[string]F{}
	}
	if len(h.fNames) > math.MaxUint16 {
		panic("history: more than 65,536 distinct functions")
	}
	f := F(len(h.fNames))
	h.fNames = append(h.fNames, name)
	h.fIDs[name] = f
	h.reads = append(h.reads, name == "r" || name == "read")
	return f
}

// LookupF returns the number of a function's name; ok is false when no op has it.
func (h *Heap) LookupF(name string) (f F, ok bool) {
	f, ok = h.fIDs[name]
	return f, ok
}

// FName returns the name behind a number.
func (h *Heap) FName(f F) string { return h.fNames[f] }

// Fs returns how many distinct function names there are.
func (h *Heap) Fs() int { return len(h.fNames) }

// Keys returns how many distinct micro-op keys there are.
func (h *Heap) Keys() int { return len(h.keys) }

// Key returns the datum behind a key's number.
func (h *Heap) Key(id KeyID) Ref { return h.keys[id] }
