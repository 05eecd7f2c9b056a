package reports

import (
	"fmt"
	"strings"

	"checker/history"
	"checker/rundir"
)

// setup is what was run and by what.
type setup struct {
	Config       []fact
	Settings     []fact
	Plan         string
	Guarantee    string
	FaultModel   string
	Beyond       string
	Versions     []fact
	Capabilities []capability
	Skipped      []skippedFault
	SkippedMore  int
	Schedule     *fileExcerpt
	Logs         []fileExcerpt
}

// maxSkipped bounds the list of faults that were skipped.
const maxSkipped = 50

// skippedFault is a fault that the environment could not do.
type skippedFault struct{ When, What, Why string }

// fileExcerpt is what is shown of a file of the run directory.
type fileExcerpt struct{ Name, Size, Head, Tail, Left string }

type capability struct{ Name, Available, Detail string }

// setup tells of a run; it is nil without one.
func (p *page) setup() *setup {
	s := newSetup(p.in.Run)
	if s == nil {
		return nil
	}
	skipped := p.skipped()
	s.Skipped = skipped[:min(len(skipped), maxSkipped)]
	s.SkippedMore = len(skipped) - len(s.Skipped)
	if p.in.Schedule.Size > 0 {
		shown := newExcerpt(p.in.Schedule)
		s.Schedule = &shown
	}
	for _, e := range p.in.Logs {
		s.Logs = append(s.Logs, newExcerpt(e))
	}
	return s
}

func newExcerpt(e rundir.Excerpt) fileExcerpt {
	shown := fileExcerpt{Name: line(e.Name, foldWord), Size: count(int(e.Size)) + " bytes",
		Head: visible(e.Head, 2*scheduleBytes), Tail: visible(e.Tail, 2*scheduleBytes)}
	if left := e.Size - int64(len(e.Head)+len(e.Tail)); left > 0 {
		shown.Left = count(int(left)) + " bytes left out"
	}
	return shown
}

// skipped lists the faults that were to be injected and could not be, with the
// reason that the history has.
func (p *page) skipped() []skippedFault {
	var all []skippedFault
	if p.view == nil {
		return nil
	}
	v := p.view
	for i := range v.Len() {
		if v.Process(i) != history.Nemesis || v.Pair(i) < 0 || v.Pair(i) > i {
			continue
		}
		reason := v.Error(i)
		if reason.IsNil() || reason.Kind() != history.KindString {
			continue
		}
		if why, ok := strings.CutPrefix(v.Text(reason), "skipped: "); ok {
			o := v.operation(i)
			all = append(all, skippedFault{v.about(o.start), line(v.FName(v.F(i))+" "+v.valueText(o.inv), foldWord), line(why, foldValue)})
		}
	}
	return all
}

// newSetup tells what run.json holds.
func newSetup(r *rundir.Run) *setup {
	if r == nil {
		return nil
	}
	s := &setup{
		Config:     configFacts(*r),
		Plan:       visible(r.Plan, 4*foldText),
		Guarantee:  visible(r.Guarantee, foldText),
		FaultModel: orNone(r.FaultModel),
		Versions:   versionFacts(*r),
	}
	if len(r.Beyond) > 0 {
		s.Beyond = orNone(r.Beyond)
	}
	for _, key := range sortedKeys(r.Config.Settings) {
		s.Settings = append(s.Settings, fact{line(key, foldWord), line(r.Config.Settings[key], foldValue)})
	}
	for _, c := range r.Capabilities {
		s.Capabilities = append(s.Capabilities, capability{line(c.Name, foldWord), yesNo(c.Available), line(c.Detail, foldValue)})
	}
	return s
}

func configFacts(r rundir.Run) []fact {
	c := r.Config
	rate := "as fast as possible"
	if c.Rate > 0 {
		rate = short(c.Rate) + " ops/s over all clients"
	}
	facts := []fact{
		{"name", line(r.Name, foldWord)},
		{"seed", fmt.Sprint(r.Seed)},
		{"target", line(c.Target, foldWord)},
		{"environment", line(c.Env, foldWord)},
		{"workload", line(c.Workload, foldWord)},
		{"nodes", fmt.Sprint(c.Nodes)},
		{"concurrency", plural(c.Concurrency, "client thread")},
		{"rate", rate},
		{"time limit", duration(c.TimeLimitNS)},
		{"nemesis", orNone(c.Nemesis)},
		{"nemesis interval", duration(c.NemesisIntervalNS)},
		{"consistency models", orNone(c.ConsistencyModels)},
		{"planted bugs", orNone(c.Bugs)},
	}
	if c.Ops > 0 {
		facts = append(facts, fact{"most client ops", count(c.Ops)})
	}
	origin := "drawn from the seed"
	if c.Scheduled {
		origin = "read from a schedule"
	}
	return append(facts, fact{"ops and faults", origin})
}

func versionFacts(r rundir.Run) []fact {
	return []fact{
		{"checker", line(r.Versions.Checker, foldWord)},
		{"build", line(r.Versions.Build, foldWord)},
		{"Go", line(r.Versions.Go, foldWord)},
		{"target", line(r.Versions.Target, foldWord)},
		{"status", line(r.Status, foldWord)},
		{"began", line(r.Start, foldWord)},
		{"ended", line(r.End, foldWord)},
		{"ran for", runTime(r)},
	}
}

func orNone(words []string) string {
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(lines(words, foldWord), ", ")
}
