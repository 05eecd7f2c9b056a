package atomic

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// doubt is how long a participant did not know the outcome of what it had voted yes to.
type doubt struct {
	txn, participant string
	from, to         int64
}

func (d doubt) length() time.Duration { return time.Duration(d.to - d.from) }

// doubts are all that have ended.
type doubts []doubt

func (d *doubts) add(one doubt) { *d = append(*d, one) }

// describe tells how long they were.
func (d doubts) describe() string {
	if len(d) == 0 {
		return ""
	}
	sorted := slices.Clone(d)
	slices.SortStableFunc(sorted, func(a, b doubt) int { return int(min(max(int64(a.length()-b.length()), -1), 1)) })
	at := func(q float64) time.Duration { return sorted[int(q*float64(len(sorted)-1))].length() }
	longest := sorted[len(sorted)-1]
	return fmt.Sprintf("in doubt %d times: half of them up to %v, 99 %% up to %v, the longest %v (%s in %s)",
		len(d), round(at(0.5)), round(at(0.99)), round(longest.length()), longest.txn, longest.participant)
}

func round(d time.Duration) time.Duration { return d.Round(10 * time.Microsecond) }

// seconds writes a time since the start of the run.
func seconds(ns int64) string { return strconv.FormatFloat(float64(ns)/1e9, 'f', 6, 64) + "s" }
