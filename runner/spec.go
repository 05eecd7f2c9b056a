package runner

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"checker/check/recovery"
	"checker/models/consistency"
	"checker/nemesis"
	"checker/rundir"
	"checker/targets"
	"checker/workloads"
)

// The defaults of a run.
const (
	DefaultNodes           = 5
	DefaultConcurrency     = 10
	DefaultRate            = 100
	DefaultTimeLimit       = 60 * time.Second
	DefaultNemesisInterval = 5 * time.Second
)

// The most and the least that make sense; beyond lies a slip of the keyboard.
const (
	maxNodes       = 99
	maxConcurrency = math.MaxInt16
	minRate        = 0.001 // ops/s
	maxRate        = 1e9   // ops/s: time is counted in ns
)

// Spec is what a user asks for. Empty fields stand for defaults.
type Spec struct {
	Targets   []targets.Target     // to choose from
	Workloads []workloads.Workload // to choose from

	Target            string
	Env               string
	Image             string // of the database's containers; "" is what the target builds
	Workload          string
	Nemesis           []string          // families, or their moves as family:move, or "none", or "all"; nil is all
	NemesisInterval   time.Duration     // the default stands for what the bugs need
	Nodes             int               // the default stands for what the target takes
	Endpoints         []string          // of nodes that run already, for the environment none
	FaultCommands     map[string]string // that strike them, by verb
	Concurrency       int
	Rate              float64 // ops/s; 0 is as fast as possible
	TimeLimit         time.Duration
	Ops               int // most client ops before the final phases; 0 is no limit
	Seed              uint64
	StopOnAnomaly     bool // end the run at the first anomaly that shows while it goes on
	ConsistencyModels []string
	Bugs              []string
	Settings          map[string]string
	Schedule          []rundir.Entry // instead of drawing ops and faults; families follow from it
	ScheduleFile      string         // where the schedule is from
}

// DefaultSpec returns the spec of a run with nothing asked for.
func DefaultSpec(t []targets.Target, w []workloads.Workload) Spec {
	return Spec{
		Targets: t, Workloads: w,
		Nodes: DefaultNodes, Concurrency: DefaultConcurrency, Rate: DefaultRate,
		TimeLimit: DefaultTimeLimit, NemesisInterval: DefaultNemesisInterval,
	}
}

// Resolve fills in what follows from the target, the workload and the bugs, and
// refuses what contradicts itself or does not exist.
func (s Spec) Resolve() (Plan, error) {
	p := Plan{Seed: s.Seed, Schedule: s.Schedule, ScheduleFile: s.ScheduleFile}
	if err := s.checkNumbers(); err != nil {
		return p, err
	}
	var err error
	if p.Target, err = s.target(); err != nil {
		return p, err
	}
	d := p.Target.Describe()
	bugs, err := s.bugs(d)
	if err != nil {
		return p, err
	}
	if p.Workload, err = s.workload(d, bugs); err != nil {
		return p, err
	}
	settings, err := s.settings(d, p.Workload, bugs)
	if err != nil {
		return p, err
	}
	if p.Promise, err = p.Target.Promise(p.Workload.Name, settings); err != nil {
		return p, err
	}
	if s.Nodes, err = s.nodes(d, p.Promise); err != nil {
		return p, err
	}
	given, err := s.given()
	if err != nil {
		return p, err
	}
	s.NemesisInterval = s.interval(bugs)
	p.Config = rundir.Config{
		Target: d.Name, Workload: p.Workload.Name,
		NemesisIntervalNS: int64(s.NemesisInterval),
		Nodes:             s.Nodes, Concurrency: s.Concurrency, Rate: s.Rate,
		TimeLimitNS: int64(s.TimeLimit), Ops: s.Ops,
		Bugs: s.Bugs, Settings: settings, Scheduled: s.Schedule != nil, StopOnAnomaly: s.StopOnAnomaly,
	}
	if p.Config.Env, err = s.environment(d); err != nil {
		return p, err
	}
	p.Config.Endpoints, p.Config.FaultCommands = s.Endpoints, s.FaultCommands
	if p.Config.Image, err = s.image(d, p.Config.Env); err != nil {
		return p, err
	}
	if p.Config.Env == targets.None {
		p.Promise.FaultModel = except(p.Promise.FaultModel, except(p.Promise.FaultModel, given))
	}
	if p.Config.Nemesis, err = s.families(p.Promise, bugs); err != nil {
		return p, err
	}
	if p.Schedule != nil {
		if p.Config.Nemesis, err = p.scheduledFamilies(); err != nil {
			return p, err
		}
	} else if p.Config.NemesisMoves, err = s.moves(); err != nil {
		return p, err
	}
	p.Beyond = append(except(p.Config.Nemesis, p.Promise.FaultModel), p.lasting()...)
	p.Config.ConsistencyModels, err = s.models(p)
	return p, err
}

// NodeCount is how many nodes the run is going to have, as far as the spec can be
// resolved.
func (s Spec) NodeCount() int {
	if p, err := s.Resolve(); err == nil {
		return p.Config.Nodes
	}
	return s.Nodes
}

// nodes are those asked for. A target that takes only so many gets them by default.
func (s Spec) nodes(d targets.Description, promise targets.Promise) (int, error) {
	if n := len(s.Endpoints); n > 0 {
		if s.Nodes != DefaultNodes && s.Nodes != n || promise.Nodes > 0 && promise.Nodes != n {
			return 0, fmt.Errorf("%d endpoints are given, and %s takes %d nodes: give one for each node", n, d.Name, cmp.Or(promise.Nodes, s.Nodes))
		}
		return n, nil
	}
	switch {
	case promise.Nodes == 0:
		return s.Nodes, nil
	case s.Nodes != DefaultNodes && s.Nodes != promise.Nodes:
		return 0, fmt.Errorf("%s takes %d nodes with these settings, not %d: leave --nodes out", d.Name, promise.Nodes, s.Nodes)
	}
	return promise.Nodes, nil
}

// image refuses one where no container is made of it.
func (s Spec) image(d targets.Description, env string) (string, error) {
	switch {
	case s.Image == "":
	case !d.Images:
		return "", fmt.Errorf("%s takes no --image: its nodes are what checker itself brings along", d.Name)
	case env != "docker":
		return "", fmt.Errorf("--image is for containers, and the environment is %s: give --env docker with it", env)
	}
	return s.Image, nil
}

// given are the families of faults that the user's commands do.
func (s Spec) given() ([]string, error) {
	switch {
	case s.Env == targets.None && len(s.Endpoints) == 0:
		return nil, errors.New("the environment none needs --endpoints: the addresses of nodes that run already")
	case s.Env != targets.None && len(s.Endpoints)+len(s.FaultCommands) > 0:
		return nil, errors.New("--endpoints and --fault-command are for nodes that run already: give --env none with them")
	}
	return targets.CommandFamilies(s.FaultCommands)
}

// ParseConcurrency reads a number of clients, or a multiple of the nodes such as 2n.
func ParseConcurrency(s string, nodes int) (int, error) {
	factor := 1
	digits, perNode := strings.CutSuffix(s, "n")
	if perNode {
		factor = nodes
	}
	if perNode && digits == "" {
		digits = "1"
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n > math.MaxInt32 || n < math.MinInt32 {
		return 0, fmt.Errorf("--concurrency %q: expected a number such as 10, or 2n for twice the nodes", s)
	}
	return n * factor, nil
}

func (s Spec) checkNumbers() error {
	switch {
	case s.Nodes < 1 || s.Nodes > maxNodes:
		return fmt.Errorf("%d nodes: expected 1 to %d", s.Nodes, maxNodes)
	case s.Concurrency < 1 || s.Concurrency > maxConcurrency:
		return fmt.Errorf("a concurrency of %d: expected 1 to %d", s.Concurrency, maxConcurrency)
	case s.Rate != 0 && !(s.Rate >= minRate && s.Rate <= maxRate):
		return fmt.Errorf("a rate of %v ops/s: expected 0 (as fast as possible), or from %v to %v", s.Rate, minRate, maxRate)
	case s.TimeLimit <= 0:
		return fmt.Errorf("a time limit of %v: expected more than nothing", s.TimeLimit)
	case s.NemesisInterval <= 0:
		return fmt.Errorf("a nemesis interval of %v: expected more than nothing", s.NemesisInterval)
	case s.Ops < 0:
		return fmt.Errorf("%d ops: expected 0 (no limit) or more", s.Ops)
	}
	return nil
}

func (s Spec) target() (targets.Target, error) {
	var names []string
	for _, t := range s.Targets {
		name := t.Describe().Name
		if s.Target == "" || s.Target == name {
			return t, nil
		}
		names = append(names, name)
	}
	return nil, unknown("target", s.Target, names)
}

func (s Spec) environment(d targets.Description) (string, error) {
	if s.Env == "" {
		return d.Environments[0], nil
	}
	if !slices.Contains(d.Environments, s.Env) {
		return "", fmt.Errorf("%s does not run in %q: expected one of %s", d.Name, s.Env, strings.Join(d.Environments, ", "))
	}
	return s.Env, nil
}

func (s Spec) bugs(d targets.Description) ([]targets.Bug, error) {
	var bugs []targets.Bug
	for _, name := range s.Bugs {
		b, ok := d.Bug(name)
		if !ok {
			var known []string
			for _, b := range d.Bugs {
				known = append(known, b.Name)
			}
			return nil, unknown("planted bug", name, known)
		}
		bugs = append(bugs, b)
	}
	return bugs, nil
}

// workload is the one asked for, else what exposes the first bug, else the
// target's first.
func (s Spec) workload(d targets.Description, bugs []targets.Bug) (workloads.Workload, error) {
	name := s.Workload
	if name == "" && len(bugs) > 0 {
		name = bugs[0].Workload
	}
	if name == "" {
		name = d.Workloads[0]
	}
	var known []string
	for _, w := range s.Workloads {
		if w.Name == name {
			return w, nil
		}
		known = append(known, w.Name)
	}
	return workloads.Workload{}, unknown("workload", name, known)
}

// settings completes those asked for with what the bugs need and the defaults.
func (s Spec) settings(d targets.Description, w workloads.Workload, bugs []targets.Bug) (map[string]string, error) {
	given := map[string]string{}
	for _, b := range bugs {
		for name, value := range b.Settings {
			given[name] = value
		}
	}
	for name, value := range s.Settings {
		given[name] = value
	}
	d.Settings = append(slices.Clone(d.Settings), w.Settings...)
	full, err := d.CheckSettings(given)
	if err != nil {
		return nil, fmt.Errorf("%w: `checker list targets` and `checker list workloads` show the settings", err)
	}
	return full, nil
}

// families are those asked for; all are those of the fault model or, with a bug
// planted, those that expose it.
func (s Spec) families(promise targets.Promise, bugs []targets.Bug) ([]string, error) {
	families := []string{}
	for _, asked := range s.Nemesis {
		name, _, _ := strings.Cut(asked, ":")
		switch {
		case (name == "none" || name == "all") && len(s.Nemesis) > 1:
			return nil, fmt.Errorf("the nemesis %s and others contradict each other: expected none, all or a list of %s", name, strings.Join(nemesis.FamilyNames(), ", "))
		case name == "none":
			return families, nil
		case name == "all":
			return s.allFamilies(promise, bugs), nil
		case !slices.Contains(nemesis.FamilyNames(), name):
			return nil, unknown("nemesis", name, append([]string{"none", "all"}, nemesis.FamilyNames()...))
		case !slices.Contains(families, name):
			families = append(families, name)
		}
	}
	if s.Nemesis == nil {
		return s.allFamilies(promise, bugs), nil
	}
	return families, nil
}

// moves are those asked for by name.
func (s Spec) moves() ([]string, error) {
	var moves []string
	for _, asked := range s.Nemesis {
		family, move, named := strings.Cut(asked, ":")
		switch known := nemesis.MoveNames(family); {
		case !named:
			continue
		case slices.Contains(s.Nemesis, family):
			return nil, fmt.Errorf("the nemesis %s and %s contradict each other: the family has all its moves", family, asked)
		case !slices.Contains(known, move):
			return nil, unknown("move of the nemesis "+family, move, known)
		case !slices.Contains(moves, asked):
			moves = append(moves, asked)
		}
	}
	return moves, nil
}

func (s Spec) allFamilies(promise targets.Promise, bugs []targets.Bug) []string {
	var exposing []string
	for _, b := range bugs {
		exposing = append(exposing, except(b.Faults, exposing)...)
	}
	if len(exposing) > 0 {
		return exposing
	}
	return slices.Clone(promise.FaultModel)
}

// interval is the one asked for. The default stands for that of the first bug that
// has one.
func (s Spec) interval(bugs []targets.Bug) time.Duration {
	if s.NemesisInterval == DefaultNemesisInterval {
		return defaultInterval(bugs)
	}
	return s.NemesisInterval
}

func defaultInterval(bugs []targets.Bug) time.Duration {
	for _, b := range bugs {
		if b.Interval > 0 {
			return b.Interval
		}
	}
	return DefaultNemesisInterval
}

// models are the consistency models asked for, else those promised.
func (s Spec) models(p Plan) ([]string, error) {
	models := s.ConsistencyModels
	if len(models) == 0 {
		models = p.Promise.ConsistencyModels
	}
	if len(models) == 0 {
		return nil, fmt.Errorf("%s promises no consistency model for %s with these settings: say which to check with --consistency-models %s",
			p.Config.Target, p.Workload.Name, strings.Join(p.Workload.ConsistencyModels, ","))
	}
	names := make([]string, len(models))
	for i, name := range models {
		m, err := consistency.Parse(name)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(p.Workload.ConsistencyModels, m.Name) {
			return nil, fmt.Errorf("the workload %s cannot be checked for %s: expected one of %s", p.Workload.Name, m.Name, strings.Join(p.Workload.ConsistencyModels, ", "))
		}
		names[i] = m.Name
	}
	return names, nil
}

// scheduledFamilies are the families of the faults in the schedule. An error is
// an entry that this plan cannot execute.
func (p Plan) scheduledFamilies() ([]string, error) {
	does := map[string]bool{}
	for _, f := range p.Workload.Functions {
		does[f.F] = true
	}
	struck := map[string]bool{}
	for _, e := range p.Schedule {
		family := nemesis.Verb(e.F).Family()
		switch {
		case e.Thread >= p.Config.Concurrency:
			return nil, fmt.Errorf("the schedule has %q, and there are %d clients, counted from 0: give the concurrency that it was recorded with", e, p.Config.Concurrency)
		case e.Thread >= 0 && !does[e.F]:
			return nil, fmt.Errorf("the schedule has %q, and the workload %s has no op %s", e, p.Workload.Name, e.F)
		case e.Thread < 0 && family == "" && e.F != recovery.PhaseF:
			return nil, fmt.Errorf("the schedule has %q, and no nemesis does %s", e, e.F)
		case family != "":
			struck[family] = true
		}
	}
	families := []string{}
	for _, name := range nemesis.FamilyNames() {
		if struck[name] {
			families = append(families, name)
		}
	}
	return families, nil
}

// lasting are the verbs of faults that no fault model has, whatever their family.
func (p Plan) lasting() []string {
	verbs := []string{}
	note := func(verb string) {
		if nemesis.Verb(verb).Lasts() && !slices.Contains(verbs, verb) {
			verbs = append(verbs, verb)
		}
	}
	for _, move := range p.Config.NemesisMoves {
		note(strings.Replace(move, ":", "-", 1))
	}
	for _, e := range p.Schedule {
		note(e.F)
	}
	return verbs
}

// unknown is the error for a name that is not in a registry.
func unknown(kind, name string, known []string) error {
	return fmt.Errorf("unknown %s %q%s expected one of %s", kind, name, cmp.Or(consistency.DidYouMean(name, known), ":"), strings.Join(known, ", "))
}

// except returns the elements of list that are not in without.
func except(list, without []string) []string {
	var rest []string
	for _, e := range list {
		if !slices.Contains(without, e) {
			rest = append(rest, e)
		}
	}
	return rest
}
