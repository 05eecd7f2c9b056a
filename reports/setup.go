package reports

import (
	"fmt"
	"strings"

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
}

type capability struct{ Name, Available, Detail string }

// newSetup tells of a run; it is nil without one.
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
