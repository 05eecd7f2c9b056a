package campaign

import (
	"fmt"
	"strconv"
	"strings"
)

// mostSeeds bounds a campaign, in which every run costs a bit of memory.
const mostSeeds = 1_000_000_000

// Seeds are ranges of seeds, in their order.
type Seeds struct {
	ranges []seedRange
	count  int
	text   string
}

type seedRange struct{ first, last uint64 }

// ParseSeeds reads 1000 (the seeds 1 to 1000), a range such as 1-1000, or several
// of these with commas between, in which a lone number is that seed.
func ParseSeeds(text string) (Seeds, error) {
	s := Seeds{text: text}
	parts := strings.Split(text, ",")
	for _, part := range parts {
		from, to, isRange := strings.Cut(part, "-")
		first, err := strconv.ParseUint(from, 10, 64)
		last := first
		if err == nil && isRange {
			last, err = strconv.ParseUint(to, 10, 64)
		}
		if err == nil && !isRange && len(parts) == 1 {
			first = 1
		}
		if err != nil || last < first || last-first >= mostSeeds || s.count+int(last-first)+1 > mostSeeds {
			return s, fmt.Errorf("seeds %q: expected how many, such as 1000, or ranges such as 1-1000 or 7,12-20", text)
		}
		for _, r := range s.ranges {
			if first <= r.last && r.first <= last {
				return s, fmt.Errorf("seeds %q: %s repeats seeds", text, part)
			}
		}
		s.ranges = append(s.ranges, seedRange{first, last})
		s.count += int(last-first) + 1
	}
	return s, nil
}

// Len returns how many seeds there are.
func (s Seeds) Len() int { return s.count }

// At returns the seed of a position from 0 on.
func (s Seeds) At(i int) uint64 {
	for _, r := range s.ranges {
		n := int(r.last-r.first) + 1
		if i < n {
			return r.first + uint64(i)
		}
		i -= n
	}
	panic(fmt.Sprintf("seed %d of %d", i, s.count))
}

// Index returns the position of a seed.
func (s Seeds) Index(seed uint64) (int, bool) {
	before := 0
	for _, r := range s.ranges {
		if seed >= r.first && seed <= r.last {
			return before + int(seed-r.first), true
		}
		before += int(r.last-r.first) + 1
	}
	return 0, false
}

// String returns the text that the seeds were read from.
func (s Seeds) String() string { return s.text }
