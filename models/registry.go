package models

import (
	"fmt"
	"strconv"
	"strings"

	"checker/history"
	"checker/models/consistency"
)

// All returns the models that come with the harness, in the order of its tables.
func All() []Model {
	return []Model{
		Register(), CASRegister(), MultiRegister(), MaxRegister(), TestAndSet(), KV(), Set(), Counter(),
		Log(), Queue(), FIFOQueue(), PriorityQueue(), Stack(), Mutex(), OwnedMutex(), ReentrantMutex(),
		Semaphore(), FencedLock(), Bank(), UniqueIDs(),
	}
}

// Parse finds a model by its name. NAME=VALUE sets the initial value, which is
// nil, true, false, a whole number or else a string: "multi-register=0".
func Parse(text string) (Model, error) {
	name, initial, set := strings.Cut(text, "=")
	var names []string
	for _, m := range All() {
		if m.Name == name {
			if set {
				m.Initial = parseScalar(initial)
			}
			return m, nil
		}
		names = append(names, m.Name)
	}
	return Model{}, fmt.Errorf("no model is called %q%s", name, consistency.DidYouMean(name, names))
}

func parseScalar(s string) history.Value {
	switch s {
	case "nil", "null":
		return history.Nil
	case "true", "false":
		return history.Bool(s == "true")
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return history.Int(n)
	}
	return history.String(strings.Trim(s, `"`))
}

// Usage shows how the ops of a model look: "read → value, write value, cas [a b]".
func (m *Model) Usage() string {
	ops := make([]string, len(m.Functions))
	for i, fn := range m.Functions {
		ops[i] = fn.Name + [...]string{"", " value", " [a b]"}[fn.Args]
		if fn.Result {
			ops[i] += " → result"
		}
	}
	return strings.Join(ops, ", ")
}
