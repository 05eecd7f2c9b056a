package polygraph

import (
	"errors"
	"fmt"
	"math"
)

// Never is the end of a transaction that is not known to have ended.
const Never int32 = math.MaxInt32

// Nobody is the writer of what a key held at first.
const Nobody int32 = -1

// Problem is what is known of a history: transactions that committed, and per key
// who wrote it and who read whose version. It says nothing of values: that every
// read is of a version that a committed transaction installed, and that
// transactions see their own writes, is for the caller to find out. It must not
// change once it was used.
type Problem struct {
	Txns []Txn
	Keys []Key

	flat *columns // see columns
}

// Txn is a transaction that committed.
type Txn struct {
	Session  int32 // its session; a negative one is in none
	Inv, End int32 // positions in the history, all distinct; End may be Never
}

// Key is an object.
type Key struct {
	Writers []int32    // the transactions that wrote it; each installed one version
	Reads   []Read     // of versions that other transactions installed
	Prefix  []int32    // writers of the first versions, in version order, if known
	Order   [][2]int32 // the former's version came before the latter's
}

// Read says that transaction Txn read the version of Writer, or Nobody's.
type Read struct {
	Txn, Writer int32
}

// ErrMalformed is what the error of [Solve] is when a problem names what it does
// not have.
var ErrMalformed = errors.New("malformed problem")

// columns returns the problem in flat arrays, or what is wrong with it.
func (p *Problem) columns() (*columns, error) {
	if p.flat == nil {
		if err := p.validate(); err != nil {
			return nil, err
		}
		p.flat = newColumns(p)
	}
	return p.flat, nil
}

func (p *Problem) validate() error {
	n := int32(len(p.Txns))
	is := make([]int32, n) // the key that a transaction was last seen to write, from 1
	in := make([]int32, n) // the same of prefixes
	for k, key := range p.Keys {
		mark := int32(k) + 1
		for _, w := range key.Writers {
			if w < 0 || w >= n || is[w] == mark {
				return fmt.Errorf("%w: key %d: writer %d is no transaction, or there twice", ErrMalformed, k, w)
			}
			is[w] = mark
		}
		writes := func(w int32) bool { return w >= 0 && w < n && is[w] == mark }
		for _, r := range key.Reads {
			if r.Txn < 0 || r.Txn >= n || r.Txn == r.Writer || r.Writer != Nobody && !writes(r.Writer) {
				return fmt.Errorf("%w: key %d: transaction %d reads what %d did not write", ErrMalformed, k, r.Txn, r.Writer)
			}
		}
		for _, w := range key.Prefix {
			if !writes(w) || in[w] == mark {
				return fmt.Errorf("%w: key %d: %d in the prefix is no writer, or there twice", ErrMalformed, k, w)
			}
			in[w] = mark
		}
		for _, pair := range key.Order {
			if !writes(pair[0]) || !writes(pair[1]) || pair[0] == pair[1] {
				return fmt.Errorf("%w: key %d: an order of %v, which are not two of its writers", ErrMalformed, k, pair)
			}
		}
	}
	return nil
}
