package micro

import (
	"math"
	"runtime"
	"sync"
)

// part is a range of transactions that one goroutine reads.
type part struct {
	from, to int32
	keys     []keyRange
	writes   []int32 // micro-ops whose values have no number by arithmetic
	reads    []int32
	odd      []int32 // list reads that are no prefix of the longest
}

// keyRange is what is known of the values of one key.
type keyRange struct {
	least, most int64 // of whole numbers written
	writes      int32
	size        int32 // of the longest list
	longest     int32 // the micro-op that first read it, or -1
	sparse      bool  // something else than a whole number was written
}

// smallPart is how many transactions are not worth a goroutine.
const smallPart = 4096

// split divides n transactions into as many parts as there are processors.
func split(n int) []*part {
	count := max(1, min(runtime.GOMAXPROCS(0), n/smallPart))
	parts := make([]*part, count)
	for i := range parts {
		parts[i] = &part{from: int32(n * i / count), to: int32(n * (i + 1) / count)}
	}
	return parts
}

// each calls f for all parts at once. Of several errors it returns that of the
// first part.
func (r *reader) each(f func(*part) error) error {
	errs := make([]error, len(r.parts))
	var working sync.WaitGroup
	for i, p := range r.parts[1:] {
		working.Go(func() { errs[i+1] = f(p) })
	}
	errs[0] = f(r.parts[0])
	working.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// merge adds what another part knows of a key, whose transactions come later.
func (k *keyRange) merge(later keyRange) {
	k.least, k.most = min(k.least, later.least), max(k.most, later.most)
	k.writes += later.writes
	k.sparse = k.sparse || later.sparse
	if later.longest >= 0 && (k.longest < 0 || later.size > k.size) {
		k.longest, k.size = later.longest, later.size
	}
}

// dense reports whether the whole numbers written lie so close together that
// each can have a number of its own, used or not.
func (k *keyRange) dense() bool {
	if k.writes == 0 {
		return false
	}
	span := uint64(k.most) - uint64(k.least)
	return span < 4*uint64(k.writes)+16 && span < math.MaxInt32
}
