package campaign

import (
	"fmt"
	"slices"
	"strings"

	"checker/check"
)

// ComparisonSchema names the form of [Comparison].
const ComparisonSchema = "checker/campaign-comparison/1"

// Comparison says which cells of two campaigns differ.
type Comparison struct {
	Schema  string   `json:"schema"`
	Cells   int      `json:"cells"` // in both
	Changes []Change `json:"changes"`
}

// Change is a cell of which the two campaigns say different things.
type Change struct {
	Name   string      `json:"name"`
	Before *ChangeSide `json:"before"` // null: it is new
	After  *ChangeSide `json:"after"`  // null: it is gone
	Worse  bool        `json:"worse"`  // its verdict is, or it shows types of anomaly that it did not
}

// ChangeSide is one of the two.
type ChangeSide struct {
	Verdict   check.Verdict `json:"verdict"`
	Anomalies []string      `json:"anomaly_types"`
	First     *uint64       `json:"first_seed"` // that shows an anomaly; null for none
	Reason    string        `json:"reason"`
}

func side(c CellSummary) *ChangeSide {
	s := &ChangeSide{Verdict: c.Verdict, Anomalies: sortedKeys(c.Anomalies), Reason: c.Reason}
	for _, f := range c.Failing {
		if f.Verdict == check.Invalid {
			s.First = &f.Seed
			break
		}
	}
	return s
}

func (s *ChangeSide) equal(o *ChangeSide) bool {
	return s.Verdict == o.Verdict && slices.Equal(s.Anomalies, o.Anomalies) &&
		(s.First == nil) == (o.First == nil) && (s.First == nil || *s.First == *o.First)
}

// Compare compares two summaries, cell by cell: verdicts, types of anomaly, and the
// first seed that shows one.
func Compare(before, after Summary) Comparison {
	c := Comparison{Schema: ComparisonSchema, Changes: []Change{}}
	old := map[string]CellSummary{}
	for _, cell := range before.Cells {
		old[cell.Name] = cell
	}
	for _, cell := range after.Cells {
		b, both := old[cell.Name]
		delete(old, cell.Name)
		now := side(cell)
		if !both {
			c.Changes = append(c.Changes, Change{Name: cell.Name, After: now, Worse: now.Verdict == check.Invalid})
			continue
		}
		c.Cells++
		if was := side(b); !was.equal(now) {
			fresh := slices.ContainsFunc(now.Anomalies, func(a string) bool { return !slices.Contains(was.Anomalies, a) })
			c.Changes = append(c.Changes, Change{cell.Name, was, now, now.Verdict > was.Verdict || fresh && cell.Expect != ExpectAnomaly})
		}
	}
	for _, cell := range before.Cells {
		if gone, is := old[cell.Name]; is {
			c.Changes = append(c.Changes, Change{Name: cell.Name, Before: side(gone)})
		}
	}
	return c
}

// Worse reports whether some cell has become worse.
func (c Comparison) Worse() bool {
	return slices.ContainsFunc(c.Changes, func(ch Change) bool { return ch.Worse })
}

// String tells each change on a line, and how many there are.
func (c Comparison) String() string {
	var b strings.Builder
	for _, ch := range c.Changes {
		mark := "  "
		if ch.Worse {
			mark = "! "
		}
		fmt.Fprintf(&b, "%s%s: %v -> %v\n", mark, ch.Name, ch.Before, ch.After)
	}
	fmt.Fprintf(&b, "%d cells in both; %d changed, are new or gone\n", c.Cells, len(c.Changes))
	return b.String()
}

// String tells one side.
func (s *ChangeSide) String() string {
	if s == nil {
		return "absent"
	}
	text := s.Verdict.String()
	if len(s.Anomalies) > 0 {
		text += " (" + strings.Join(s.Anomalies, ", ")
		if s.First != nil {
			text += fmt.Sprintf(", first seed %d", *s.First)
		}
		text += ")"
	}
	return text
}
