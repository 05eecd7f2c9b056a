package atomic

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// doubt is how long a participant did not know the outcome of what it had voted yes to.
type doubt struct {
	txn, participant string
	locks            string // that it held meanwhile, where the trace tells
	from, to         int64
}

func (d doubt) length() time.Duration { return time.Duration(d.to - d.from) }

// blocked tells from when to when nobody could have what is locked.
func (d doubt) blocked() string {
	text := fmt.Sprintf("%s in %s, for %v from %s", d.txn, d.participant, round(d.length()), seconds(d.from))
	if d.locks != "" {
		text += ", with its locks on " + strings.Join(strings.Fields(d.locks), ", ")
	}
	return text
}

// doubts are all that have ended.
type doubts []doubt

func (d *doubts) add(one doubt) { *d = append(*d, one) }

// A doubt that lasts longer than blockedAfter blocks others, and the longest mostBlocked of them are named.
const (
	blockedAfter = time.Second
	mostBlocked  = 3
)

// bounds part the distribution of doubts; the last part has no bound.
var bounds = [...]time.Duration{10 * time.Millisecond, 100 * time.Millisecond, time.Second, 10 * time.Second}

// describe tells how long they were: all in all, how many of each length, and which blocked others.
func (d doubts) describe() []string {
	if len(d) == 0 {
		return nil
	}
	sorted := slices.Clone(d)
	slices.SortStableFunc(sorted, func(a, b doubt) int { return cmp.Compare(a.length(), b.length()) })
	at := func(q float64) time.Duration { return sorted[int(q*float64(len(sorted)-1))].length() }
	longest := sorted[len(sorted)-1]
	notes := []string{fmt.Sprintf("in doubt %d times: half of them up to %v, 99 %% up to %v, the longest %v (%s in %s)",
		len(d), round(at(0.5)), round(at(0.99)), round(longest.length()), longest.txn, longest.participant)}
	if len(d) > 1 {
		notes = append(notes, "of these, "+distribution(sorted))
	}
	for i := len(sorted) - 1; i >= max(0, len(sorted)-mostBlocked) && sorted[i].length() > blockedAfter; i-- {
		notes = append(notes, "blocked by "+sorted[i].blocked())
	}
	return notes
}

// distribution counts doubts, which are sorted by length, between bounds.
func distribution(sorted doubts) string {
	var parts []string
	for _, bound := range bounds {
		n := 0
		for n < len(sorted) && sorted[n].length() <= bound {
			n++
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d up to %v", n, bound))
		}
		sorted = sorted[n:]
	}
	if len(sorted) > 0 {
		parts = append(parts, fmt.Sprintf("%d longer", len(sorted)))
	}
	return strings.Join(parts, ", ")
}

func round(d time.Duration) time.Duration { return d.Round(10 * time.Microsecond) }

// seconds writes a time since the start of the run.
func seconds(ns int64) string { return strconv.FormatFloat(float64(ns)/1e9, 'f', 6, 64) + "s" }
