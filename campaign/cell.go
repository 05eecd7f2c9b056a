package campaign

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"checker/runner"
	"checker/targets"
	"checker/workloads"
)

// Cell is one configuration of a campaign: a plan that lacks a seed.
type Cell struct {
	Name   string // the flags of `run` that differ from the default, the target first
	Expect string // ExpectNothing, ExpectSilent or ExpectAnomaly
	Title  string // of the block that it is of
	Source string // and where that was published
	Seeds  string // of the campaign's; "" for all
	Plan   runner.Plan
}

// all stands for every value that a registry has.
const all = "all"

// flags are those of `run` that make cells, each with how its text becomes part of
// a spec. Where a flag takes a list, a plus joins what goes together.
var flags = map[string]func(s *runner.Spec, text string) error{
	"target":   func(s *runner.Spec, text string) error { s.Target = text; return nil },
	"env":      func(s *runner.Spec, text string) error { s.Env = text; return nil },
	"workload": func(s *runner.Spec, text string) error { s.Workload = text; return nil },
	"nemesis":  func(s *runner.Spec, text string) error { s.Nemesis = strings.Split(text, "+"); return nil },
	"bug":      func(s *runner.Spec, text string) error { s.Bugs = strings.Split(text, "+"); return nil },
	"consistency-models": func(s *runner.Spec, text string) error {
		s.ConsistencyModels = strings.Split(text, "+")
		return nil
	},
	"nemesis-interval": func(s *runner.Spec, text string) (err error) {
		s.NemesisInterval, err = time.ParseDuration(text)
		return
	},
	"time-limit": func(s *runner.Spec, text string) (err error) { s.TimeLimit, err = time.ParseDuration(text); return },
	"nodes":      func(s *runner.Spec, text string) (err error) { s.Nodes, err = strconv.Atoi(text); return },
	"concurrency": func(s *runner.Spec, text string) (err error) {
		s.Concurrency, err = runner.ParseConcurrency(text, s.NodeCount())
		return
	},
	"rate": func(s *runner.Spec, text string) (err error) { s.Rate, err = strconv.ParseFloat(text, 64); return },
	"ops":  func(s *runner.Spec, text string) (err error) { s.Ops, err = strconv.Atoi(text); return },
}

// FlagNames returns the flags of `run` that make cells, sorted.
func FlagNames() []string { return sortedKeys(flags) }

// order is the order in which flags are applied and cells vary: the last varies
// fastest. Nodes go before concurrency, which may be a multiple of them.
var order = []string{"target", "env", "workload", "bug", "nemesis", "nemesis-interval", "nodes", "concurrency", "rate", "time-limit", "ops", "consistency-models"}

// Expand makes the cells of a matrix, in its order; cells that are the same are one.
// Left out are those in Except and, of a block that is expected to be silent, those
// for which the target promises nothing.
func (m Matrix) Expand(base runner.Spec) ([]Cell, error) {
	var cells []Cell
	seen := map[string]int{}
	for i, b := range m.Blocks {
		before, repeated := len(cells), false
		err := b.each(base, func(choice choice) error {
			if m.excepts(choice) {
				return nil
			}
			c, promised, err := choice.cell(base, b.Expect)
			c.Title, c.Source, c.Seeds = b.Title, b.Source, b.Seeds
			if err != nil || !promised {
				return err
			}
			if at, twice := seen[c.Name]; twice {
				if cells[at].Expect != c.Expect {
					return fmt.Errorf("the cell %q is there twice and expected to be %q and %q", c.Name, cells[at].Expect, c.Expect)
				}
				repeated = true
				return nil
			}
			seen[c.Name] = len(cells)
			cells = append(cells, c)
			return nil
		})
		if err != nil {
			return nil, err
		}
		if len(cells) == before && !repeated {
			return nil, fmt.Errorf("block %d of the matrix has no cell: every combination is left out or promised nothing", i+1)
		}
	}
	return cells, nil
}

// choice is one value for each flag and setting of a block.
type choice struct {
	flags map[string]string
	set   map[string]string
}

func (m Matrix) excepts(c choice) bool {
	return slices.ContainsFunc(m.Except, func(e map[string]string) bool {
		for name, value := range e {
			if cmp.Or(c.flags[name], c.set[name]) != value {
				return false
			}
		}
		return len(e) > 0
	})
}

// each calls do with every combination of the values of a block.
func (b Block) each(base runner.Spec, do func(choice) error) error {
	var axes []axis
	for _, name := range order {
		if list := b.Flags[name]; list != nil {
			axes = append(axes, axis{name: name, values: list})
		}
	}
	for _, name := range sortedKeys(b.Set) {
		axes = append(axes, axis{name: name, values: b.Set[name], setting: true})
	}
	if err := replaceAll(axes, base, b); err != nil {
		return err
	}
	return walk(axes, choice{map[string]string{}, map[string]string{}}, do)
}

type axis struct {
	name    string
	values  []string
	setting bool
}

func walk(axes []axis, c choice, do func(choice) error) error {
	if len(axes) == 0 {
		return do(c)
	}
	a := axes[0]
	into := c.flags
	if a.setting {
		into = c.set
	}
	for _, v := range a.values {
		into[a.name] = v
		if err := walk(axes[1:], c, do); err != nil {
			return err
		}
	}
	delete(into, a.name)
	return nil
}

// replaceAll puts what the registries have in the place of "all".
func replaceAll(axes []axis, base runner.Spec, b Block) error {
	d := describe(base.Targets, b.Flags["target"])
	for i, a := range axes {
		if len(a.values) != 1 || a.values[0] != all || a.name == "nemesis" {
			continue
		}
		values := valuesOf(a, d, base)
		if len(values) == 0 {
			return fmt.Errorf("%s cannot be all: there is no list of its values", a.name)
		}
		axes[i].values = values
	}
	return nil
}

func valuesOf(a axis, d targets.Description, base runner.Spec) []string {
	var values []string
	switch {
	case a.setting:
		settings := slices.Clone(d.Settings)
		for _, w := range base.Workloads {
			settings = append(settings, w.Settings...)
		}
		for _, s := range settings {
			if s.Name == a.name && values == nil {
				values = s.Values
			}
		}
	case a.name == "workload":
		values = d.Workloads
	case a.name == "bug":
		for _, b := range d.Bugs {
			values = append(values, b.Name)
		}
	case a.name == "target":
		for _, t := range base.Targets {
			values = append(values, t.Describe().Name)
		}
	}
	return values
}

// describe describes the first of the targets named, else the default.
func describe(known []targets.Target, names []string) targets.Description {
	for _, t := range known {
		if d := t.Describe(); len(names) == 0 || d.Name == names[0] {
			return d
		}
	}
	return targets.Description{}
}

// cell makes a cell of a choice, and says whether what it expects was promised.
func (c choice) cell(base runner.Spec, expect string) (Cell, bool, error) {
	spec := base
	spec.Settings = make(map[string]string, len(c.set))
	for name, value := range c.set {
		spec.Settings[name] = value
	}
	for _, name := range order {
		text, given := c.flags[name]
		if !given {
			continue
		}
		if err := flags[name](&spec, text); err != nil {
			return Cell{}, false, fmt.Errorf("%s %q: %w", name, text, err)
		}
	}
	if expect == ExpectSilent && !promises(spec) {
		return Cell{}, false, nil
	}
	plan, err := spec.Resolve()
	if err != nil {
		return Cell{}, false, err
	}
	plan.Seed = 0
	name := strings.TrimSuffix(strings.TrimPrefix(plan.Reproduce(), "checker run --target "), " --seed 0")
	return Cell{Name: name, Expect: expect, Plan: plan}, true, nil
}

// promises reports whether the target promises a consistency model for a workload
// that is known. What is unknown is left to be refused.
func promises(spec runner.Spec) bool {
	for _, t := range spec.Targets {
		d := t.Describe()
		if spec.Target != "" && spec.Target != d.Name {
			continue
		}
		known := slices.IndexFunc(spec.Workloads, func(w workloads.Workload) bool { return w.Name == spec.Workload })
		if spec.Workload == "" || known < 0 {
			return true
		}
		if !slices.Contains(d.Workloads, spec.Workload) {
			return false
		}
		d.Settings = append(slices.Clone(d.Settings), spec.Workloads[known].Settings...)
		full, err := d.CheckSettings(spec.Settings)
		if err != nil {
			return true
		}
		promise, err := t.Promise(spec.Workload, full)
		return err == nil && len(promise.ConsistencyModels) > 0
	}
	return true
}
