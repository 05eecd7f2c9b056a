package runner

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"checker/rundir"
	"checker/targets"
	"checker/workloads"
)

// Plan is a run in which nothing is left open but what the seed draws.
type Plan struct {
	Target   targets.Target
	Workload workloads.Workload
	Promise  targets.Promise
	Config   rundir.Config
	Seed     uint64
	Beyond   []string       // families of faults under which the target promises nothing
	Schedule []rundir.Entry // ops and faults to execute; nil to draw them

	ScheduleFile string // where the schedule is from

	stopped *rundir.Stop // why the run to be judged ended early
}

// String says what is run in one line.
func (p Plan) String() string {
	faults := "without faults"
	if len(p.Config.Nemesis) > 0 {
		faults = "under " + strings.Join(p.Config.Nemesis, ", ")
	}
	bugs := ""
	if len(p.Config.Bugs) > 0 {
		bugs = " with " + strings.Join(p.Config.Bugs, ", ")
	}
	return fmt.Sprintf("%s (%s)%s, %d nodes, %s, %d clients, %s for %s",
		p.Config.Target, p.Config.Env, bugs, p.Config.Nodes, p.Config.Workload, p.Config.Concurrency, faults, time.Duration(p.Config.TimeLimitNS))
}

// Reproduce is the command line that runs the plan again. It leaves out what is
// the default anyway.
func (p Plan) Reproduce() string {
	c := p.Config
	words := []string{"checker run --target", c.Target}
	flag := func(name, value string, isDefault bool) {
		if !isDefault {
			words = append(words, "--"+name, Quote(value))
		}
	}
	d := p.Target.Describe()
	flag("env", c.Env, c.Env == d.Environments[0])
	flag("image", c.Image, c.Image == "")
	for _, b := range c.Bugs {
		flag("bug", b, false)
	}
	flag("workload", c.Workload, c.Workload == p.defaultWorkload(d))
	flag("nemesis", strings.Join(nemesisOf(c), ","), c.Scheduled || len(c.NemesisMoves) == 0 && slices.Equal(c.Nemesis, p.defaultFamilies(d)))
	flag("nemesis-interval", time.Duration(c.NemesisIntervalNS).String(), c.Scheduled || time.Duration(c.NemesisIntervalNS) == defaultInterval(p.bugs(d)))
	if len(c.Endpoints) > 0 {
		flag("endpoints", strings.Join(c.Endpoints, ","), false)
	}
	for _, verb := range sortedKeys(c.FaultCommands) {
		flag("fault-command", verb+"="+c.FaultCommands[verb], false)
	}
	flag("nodes", strconv.Itoa(c.Nodes), c.Nodes == cmp.Or(p.Promise.Nodes, DefaultNodes) || len(c.Endpoints) > 0)
	flag("concurrency", strconv.Itoa(c.Concurrency), c.Concurrency == DefaultConcurrency)
	flag("rate", strconv.FormatFloat(c.Rate, 'g', -1, 64), c.Scheduled || c.Rate == DefaultRate)
	flag("time-limit", time.Duration(c.TimeLimitNS).String(), time.Duration(c.TimeLimitNS) == DefaultTimeLimit)
	flag("ops", strconv.Itoa(c.Ops), c.Scheduled || c.Ops == 0)
	flag("consistency-models", strings.Join(c.ConsistencyModels, ","), slices.Equal(c.ConsistencyModels, p.Promise.ConsistencyModels))
	for _, name := range sortedKeys(c.Settings) {
		flag("set", name+"="+c.Settings[name], p.isDefaultSetting(d, name))
	}
	flag("schedule", p.ScheduleFile, !c.Scheduled)
	if c.StopOnAnomaly {
		words = append(words, "--stop-on-anomaly")
	}
	return strings.Join(words, " ") + " --seed " + strconv.FormatUint(p.Seed, 10)
}

func (p Plan) bugs(d targets.Description) []targets.Bug {
	var bugs []targets.Bug
	for _, name := range p.Config.Bugs {
		b, _ := d.Bug(name)
		bugs = append(bugs, b)
	}
	return bugs
}

func (p Plan) defaultWorkload(d targets.Description) string {
	if bugs := p.bugs(d); len(bugs) > 0 && bugs[0].Workload != "" {
		return bugs[0].Workload
	}
	return d.Workloads[0]
}

func (p Plan) defaultFamilies(d targets.Description) []string {
	return Spec{}.allFamilies(p.Promise, p.bugs(d))
}

func (p Plan) isDefaultSetting(d targets.Description, name string) bool {
	for _, b := range p.bugs(d) {
		if value, ok := b.Settings[name]; ok {
			return p.Config.Settings[name] == value
		}
	}
	d.Settings = append(slices.Clone(d.Settings), p.Workload.Settings...)
	defaults, err := d.CheckSettings(nil)
	return err == nil && defaults[name] == p.Config.Settings[name]
}

// nemesisOf is how the faults of a run are asked for: family by family, of some their
// moves.
func nemesisOf(c rundir.Config) []string {
	if len(c.Nemesis) == 0 {
		return []string{"none"}
	}
	var asked []string
	for _, family := range c.Nemesis {
		moves := slices.DeleteFunc(slices.Clone(c.NemesisMoves), func(m string) bool { return !strings.HasPrefix(m, family+":") })
		if len(moves) == 0 {
			moves = []string{family}
		}
		asked = append(asked, moves...)
	}
	return asked
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// Quote makes a word safe for a shell.
func Quote(word string) string {
	safe := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_=.,:/+", r)
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !safe(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// PlanOf makes the plan of an earlier run again, from its run.json and, if it was
// given a schedule, that.
func PlanOf(run rundir.Run, dir *rundir.Dir, known []targets.Target, all []workloads.Workload) (Plan, error) {
	spec := SpecOf(run, known, all)
	if run.Config.Scheduled {
		var err error
		if spec.Schedule, err = dir.ReadSchedule(); err != nil {
			return Plan{}, err
		}
		spec.ScheduleFile = dir.SchedulePath()
	}
	return spec.Resolve()
}

// SpecOf asks for an earlier run again, but for the schedule that it was given.
func SpecOf(run rundir.Run, known []targets.Target, all []workloads.Workload) Spec {
	c := run.Config
	spec := Spec{
		Targets: known, Workloads: all,
		Target: c.Target, Env: c.Env, Image: c.Image, Workload: c.Workload, Nemesis: nemesisOf(c),
		NemesisInterval: time.Duration(c.NemesisIntervalNS), Nodes: c.Nodes, Endpoints: c.Endpoints, FaultCommands: c.FaultCommands, Concurrency: c.Concurrency,
		Rate: c.Rate, TimeLimit: time.Duration(c.TimeLimitNS), Ops: c.Ops, Seed: run.Seed,
		ConsistencyModels: c.ConsistencyModels, Bugs: c.Bugs, Settings: c.Settings,
		StopOnAnomaly: c.StopOnAnomaly,
	}
	return spec
}
