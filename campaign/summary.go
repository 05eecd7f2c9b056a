package campaign

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"checker/check"
)

// SummarySchema names the form of [Summary].
const SummarySchema = "checker/campaign-summary/1"

// mostFailing is how many runs that are not valid a summary tells of for each cell:
// those of the first seeds.
const mostFailing = 10

// Summary is summary.json: what came out of a campaign. It is made from the results
// alone, whatever their order, and has no time in it.
type Summary struct {
	Schema       string        `json:"schema"`
	Name         string        `json:"name"`
	Verdict      check.Verdict `json:"verdict"`
	Summary      string        `json:"summary"` // one sentence
	Seeds        string        `json:"seeds"`
	UntilAnomaly bool          `json:"until_anomaly"`
	Runs         Runs          `json:"runs"`
	Cells        []CellSummary `json:"cells"`

	Failed bool `json:"failed"` // a run failed that no anomaly outweighs
}

// Runs counts runs by what came of them. Planned are those of all seeds; with
// UntilAnomaly, those up to the first seed of a cell that shows an anomaly.
type Runs struct {
	Planned int `json:"planned"`
	Valid   int `json:"valid"`
	Invalid int `json:"invalid"`
	Unknown int `json:"unknown"` // vacuous and failed ones included
	Vacuous int `json:"vacuous"` // too little happened to judge
	Failed  int `json:"failed"`  // the harness or the target failed
}

// Done is how many runs there were.
func (r Runs) Done() int { return r.Valid + r.Invalid + r.Unknown }

func (r *Runs) add(o Runs) {
	r.Planned += o.Planned
	r.Valid += o.Valid
	r.Invalid += o.Invalid
	r.Unknown += o.Unknown
	r.Vacuous += o.Vacuous
	r.Failed += o.Failed
}

// CellSummary is what came out of a cell. Its verdict is valid when the cell showed
// what was expected of it.
type CellSummary struct {
	Name       string         `json:"name"`
	Expect     string         `json:"expect,omitempty"`
	Verdict    check.Verdict  `json:"verdict"`
	Reason     string         `json:"reason"`
	Runs       Runs           `json:"runs"`
	Anomalies  map[string]int `json:"anomalies"` // runs that show it, by type
	OpsOK      int            `json:"ops_ok"`
	FaultsBit  int            `json:"faults_bit"`
	DurationNS int64          `json:"duration_ns"` // of the runs' own time
	Failing    []Failing      `json:"failing"`     // the first seeds that are not valid
}

// Failing is a run that is not valid.
type Failing struct {
	Seed      uint64        `json:"seed"`
	Verdict   check.Verdict `json:"verdict"`
	Summary   string        `json:"summary"`
	Anomalies []string      `json:"anomaly_types"`
	Error     string        `json:"error,omitempty"`
	Reproduce string        `json:"reproduce"`
}

// Summarise reads the log of a folder and sums it up.
func Summarise(f *Folder) (Summary, error) {
	_, d, err := Open(f.path)
	if err != nil {
		return Summary{}, err
	}
	x, err := newIndex(d)
	if err != nil {
		return Summary{}, err
	}
	last, err := f.lastWanted(d, x)
	if err != nil {
		return Summary{}, err
	}
	s := Summary{Schema: SummarySchema, Name: d.Name, Seeds: d.Seeds, UntilAnomaly: d.UntilAnomaly}
	for i, c := range d.Cells {
		cell := CellSummary{Name: c.Name, Expect: c.Expect, Anomalies: map[string]int{}, Failing: []Failing{}}
		for position := range last[i] + 1 {
			if d.wants(position*len(d.Cells)+i, x.seeds) {
				cell.Runs.Planned++
			}
		}
		s.Cells = append(s.Cells, cell)
	}
	seen := newBits(d.runs(x.seeds))
	_, err = f.readLog(func(r Result) error {
		cell, number, err := x.run(r)
		if err != nil || seen.has(number) || number/len(d.Cells) > last[cell] {
			return err
		}
		seen.add(number)
		s.Cells[cell].take(r)
		return nil
	})
	s.conclude()
	return s, err
}

// shard parses what was written by us.
func (d Document) shard() Shard {
	s, _ := ParseShard(d.Shard)
	return s
}

// lastWanted is, for each cell, the position of the last seed that counts: with
// UntilAnomaly the first that shows an anomaly. Later ones may have been run, by
// another worker or in another shard, and would make the summary depend on it.
func (f *Folder) lastWanted(d Document, x index) ([]int, error) {
	last := make([]int, len(d.Cells))
	for i := range last {
		last[i] = x.seeds.Len() - 1
	}
	if !d.UntilAnomaly {
		return last, nil
	}
	_, err := f.readLog(func(r Result) error {
		cell, number, err := x.run(r)
		if err == nil && r.Verdict == check.Invalid {
			last[cell] = min(last[cell], number/len(d.Cells))
		}
		return err
	})
	return last, err
}

// take counts a run in.
func (c *CellSummary) take(r Result) {
	switch {
	case r.Verdict == check.Valid && r.Error == "":
		c.Runs.Valid++
	case r.Verdict == check.Invalid:
		c.Runs.Invalid++
	default:
		c.Runs.Unknown++
	}
	if r.Vacuous {
		c.Runs.Vacuous++
	}
	if r.Error != "" {
		c.Runs.Failed++
	}
	for _, a := range r.Anomalies {
		c.Anomalies[a]++
	}
	c.OpsOK += r.OpsOK
	c.FaultsBit += r.FaultsBit
	c.DurationNS += r.DurationNS
	if r.Verdict == check.Valid && r.Error == "" {
		return
	}
	failing := Failing{Seed: r.Seed, Verdict: r.Verdict, Summary: r.Summary, Anomalies: r.Anomalies, Error: r.Error,
		Reproduce: fmt.Sprintf("checker run --target %s --seed %d", c.Name, r.Seed)}
	at, _ := slices.BinarySearchFunc(c.Failing, failing, func(a, b Failing) int {
		return cmp.Or(cmp.Compare(b.Verdict, a.Verdict), cmp.Compare(a.Seed, b.Seed))
	})
	c.Failing = slices.Insert(c.Failing, at, failing)
	c.Failing = c.Failing[:min(len(c.Failing), mostFailing)]
}

// conclude draws the verdicts from the counts.
func (s *Summary) conclude() {
	var verdicts []check.Verdict
	var amiss []string
	for i := range s.Cells {
		c := &s.Cells[i]
		c.Verdict, c.Reason = c.judge()
		if c.Runs.Planned == 0 {
			continue // it has no run in this shard
		}
		verdicts = append(verdicts, c.Verdict)
		s.Runs.add(c.Runs)
		s.Failed = s.Failed || c.Runs.Failed > 0
		if c.Verdict != check.Valid {
			amiss = append(amiss, fmt.Sprintf("%s (%s)", c.Name, c.Reason))
		}
	}
	s.Verdict = check.Worst(verdicts...)
	s.Failed = s.Failed && s.Verdict != check.Invalid
	runs := fmt.Sprintf("%d runs of %d cells", s.Runs.Done(), len(s.Cells))
	if s.Runs.Done() < s.Runs.Planned {
		runs = fmt.Sprintf("%d of %d planned runs of %d cells", s.Runs.Done(), s.Runs.Planned, len(s.Cells))
	}
	if len(amiss) == 0 {
		s.Summary = fmt.Sprintf("valid: %s showed what was expected", runs)
		return
	}
	s.Summary = fmt.Sprintf("%v: %d of the cells did not show what was expected in %s: %s", s.Verdict, len(amiss), runs, amiss[0])
	if len(amiss) > 1 {
		s.Summary += fmt.Sprintf(" and %d more", len(amiss)-1)
	}
}

// judge says whether a cell showed what was expected. Too little to say so is
// unknown, never valid.
func (c CellSummary) judge() (check.Verdict, string) {
	r := c.Runs
	undecided := r.Unknown - r.Vacuous
	switch {
	case r.Planned == 0:
		return check.Unknown, "no run of it is in this shard"
	case c.Expect == ExpectAnomaly && r.Invalid > 0:
		return check.Valid, fmt.Sprintf("found as expected, as %s, first by seed %d", strings.Join(sortedKeys(c.Anomalies), ", "), c.Failing[0].Seed)
	case c.Expect == ExpectAnomaly:
		return check.Unknown, fmt.Sprintf("the anomaly expected was not found in %d runs", r.Done())
	case r.Invalid > 0:
		return check.Invalid, fmt.Sprintf("%d of %d runs show %s, first seed %d", r.Invalid, r.Done(), strings.Join(sortedKeys(c.Anomalies), ", "), c.Failing[0].Seed)
	case r.Failed > 0:
		return check.Unknown, fmt.Sprintf("%d of %d runs failed: %s", r.Failed, r.Done(), c.firstError())
	case undecided > 0:
		return check.Unknown, fmt.Sprintf("%d of %d runs could not be decided", undecided, r.Done())
	case r.Valid == 0:
		return check.Unknown, fmt.Sprintf("none of %d runs was valid: too little happened", r.Done())
	case r.Vacuous > 0 && c.Expect != ExpectSilent:
		return check.Unknown, fmt.Sprintf("too little happened in %d of %d runs", r.Vacuous, r.Done())
	case r.Vacuous > 0:
		return check.Valid, fmt.Sprintf("%d runs valid; too little happened in %d more", r.Valid, r.Vacuous)
	}
	return check.Valid, fmt.Sprintf("%d runs valid", r.Valid)
}

func (c CellSummary) firstError() string {
	for _, f := range c.Failing {
		if f.Error != "" {
			return f.Error
		}
	}
	return ""
}
