package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"checker/check"
	"checker/check/atomic"
	"checker/check/bank"
	"checker/check/broadcast"
	"checker/check/causal"
	"checker/check/consensus"
	"checker/check/convergence"
	"checker/check/counter"
	"checker/check/kafka"
	"checker/check/linear"
	"checker/check/locks"
	"checker/check/logpattern"
	"checker/check/longfork"
	"checker/check/monotonic"
	"checker/check/precedence"
	"checker/check/queues"
	"checker/check/recovery"
	"checker/check/session"
	"checker/check/sets"
	"checker/check/txn"
	"checker/check/uniqueids"
	"checker/models"
	"checker/models/consistency"
)

// checkModel is what `checker check -m` takes: a kind of history and how it is
// judged. The names are elle-cli's.
type checkModel struct {
	name, summary, ops string
	guarantees         []string // that -c may ask for, the default first
	initial            bool     // NAME=VALUE says what an object holds at first
	checker            func(f *checkFlags, memory int64) (check.Checker, error)
}

func checkModels() []checkModel {
	var list []checkModel
	for _, m := range models.All() {
		switch m.Name {
		case "set":
			list = append(list, setModel("set", sets.Options{}, m), setModel("set-full", sets.Options{Full: true}, m))
		case "counter":
			list = append(list, checkModel{
				name: m.Name, summary: "a counter: is every read within what can have been added?", ops: m.Usage(),
				guarantees: []string{"linearizable"}, initial: true,
				checker: func(f *checkFlags, _ int64) (check.Checker, error) {
					m, err := models.Parse(f.model)
					if err != nil {
						return nil, err
					}
					first, ok := m.Initial.Int()
					if !ok {
						return nil, fmt.Errorf("--model %s: a counter begins with a whole number", f.model)
					}
					return counter.New(counter.Options{Initial: first}), nil
				},
			})
		default:
			list = append(list, linearModel(m))
		}
	}
	return slices.Concat(withFamily(list), transactions(), traceModels())
}

// withFamily adds the family to the models. One of the family that has the name of
// a model takes its place, and leaves to it what -c linearizable asks for.
func withFamily(list []checkModel) []checkModel {
	for _, member := range family() {
		i := slices.IndexFunc(list, func(m checkModel) bool { return m.name == member.name })
		if i < 0 {
			list = append(list, member)
			continue
		}
		model, own := list[i], member.checker
		member.guarantees, member.initial = model.guarantees, model.initial
		member.checker = func(f *checkFlags, memory int64) (check.Checker, error) {
			if len(f.models) > 0 {
				return model.checker(f, memory)
			}
			return own(f, memory)
		}
		list[i] = member
	}
	return list
}

func linearModel(m models.Model) checkModel {
	guarantees := []string{"linearizable"}
	switch {
	case m.Transactional:
		guarantees = []string{"strict-serializable", "linearizable"}
	case m.Type == models.TypeRegister:
		guarantees = session.Models()
	}
	return checkModel{
		name: m.Name, summary: m.Summary, ops: m.Usage(), guarantees: guarantees, initial: true,
		checker: func(f *checkFlags, memory int64) (check.Checker, error) {
			m, err := models.Parse(f.model)
			if err != nil {
				return nil, err
			}
			if weaker := f.properModels(); m.Type == models.TypeRegister && len(weaker) > 0 && !slices.Equal(weaker, guarantees[:1]) {
				return session.New(m, session.Options{Require: weaker, Memory: memory}), nil
			}
			return linear.New(m, f.linearOptions(memory)), nil
		},
	}
}

// properModels returns the consistency models that -c asks for by their proper names.
func (f *checkFlags) properModels() []string {
	var names []string
	for _, name := range f.models {
		if m, err := consistency.Parse(name); err == nil {
			names = append(names, m.Name)
		}
	}
	return names
}

// setModel judges sets by their elements, or with -c linearizable as one object.
func setModel(name string, o sets.Options, m models.Model) checkModel {
	summary := "a set and its last read: is anything lost, doubled or made up?"
	if o.Full {
		summary = "a set and all its reads: is anything lost, stale, doubled or made up?"
	}
	return checkModel{
		name: name, summary: summary, ops: m.Usage(), guarantees: []string{"linearizable"},
		checker: func(f *checkFlags, memory int64) (check.Checker, error) {
			if len(f.models) > 0 && !o.Full {
				return linear.New(m, f.linearOptions(memory)), nil
			}
			o.Linearizable = len(f.models) > 0
			return sets.New(o), nil
		},
	}
}

func (f *checkFlags) linearOptions(memory int64) linear.Options {
	o := linear.Options{Memory: memory}
	switch f.engine {
	case "search":
		o.Engine = linear.Search
	case "porcupine":
		o.Engine = linear.Porcupine
	}
	return o
}

func checkModelNames() []string {
	var names []string
	for _, m := range checkModels() {
		names = append(names, m.name)
	}
	return names
}

// checkGuarantees are what -c may ask for.
func checkGuarantees() []string {
	var names []string
	for _, m := range checkModels() {
		names = append(names, m.guarantees...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// findCheckModel finds a model by NAME or NAME=INITIAL.
func findCheckModel(text string) (checkModel, error) {
	name, _, initial := strings.Cut(text, "=")
	for _, m := range checkModels() {
		if m.name != name {
			continue
		}
		if initial && !m.initial {
			return checkModel{}, fmt.Errorf("%s has no initial value to set", name)
		}
		return m, nil
	}
	return checkModel{}, unknownName("model", name, checkModelNames())
}

// anomalyKinds are what every checker can find, by the name of the check.
func anomalyKinds() map[string][]check.Kind {
	return map[string][]check.Kind{
		"linearizable":  linear.Kinds(),
		"registers":     session.Kinds(),
		"set-full":      sets.Kinds(),
		"counter":       counter.Kinds(),
		"recovery":      recovery.Kinds(),
		"queue":         queues.Kinds(),
		"unique-ids":    uniqueids.Kinds(),
		"monotonic":     monotonic.Kinds(),
		"bank":          bank.Kinds(),
		"broadcast":     broadcast.Kinds(),
		"causal":        causal.Kinds(),
		"convergence":   convergence.Kinds(),
		"log-pattern":   logpattern.Kinds(),
		"kafka":         kafka.Kinds(),
		"lock":          locks.Kinds(),
		"long-fork":     longfork.Kinds(),
		"comments":      precedence.Kinds(),
		"consensus":     consensus.Kinds(),
		"transactions":  txn.Kinds(),
		"atomic-commit": atomic.Kinds(),
	}
}

func anomalyRows(*app) []row {
	kinds := anomalyKinds()
	var rows []row
	for _, checker := range slices.Sorted(maps.Keys(kinds)) {
		for _, k := range kinds[checker] {
			rows = append(rows, row{k.Name, k.Summary, []detail{{"found by", checker}, {"example", "\n" + k.Example}}})
		}
	}
	return rows
}

// glossary explains types of anomalies to the readers of a report.
func glossary() map[string]string {
	words := map[string]string{}
	for _, r := range anomalyRows(nil) {
		if words[r.Name] == "" {
			words[r.Name] = r.Summary
		}
	}
	return words
}
