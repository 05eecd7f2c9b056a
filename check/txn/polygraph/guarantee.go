package polygraph

import "checker/models/consistency"

// Guarantee is a consistency model as this package understands it: which
// schedules it allows.
type Guarantee struct {
	// Snapshot is whether a transaction starts and commits at two points: it reads
	// what was committed when it starts. Otherwise it happens at one.
	Snapshot bool
	// Overwrites is whether two transactions that write a key may overlap. It
	// matters only with Snapshot: snapshot isolation forbids it, prefix
	// consistency does not.
	Overwrites bool
	// Session is whether a transaction starts after those before it in its session
	// have committed.
	Session bool
	// Realtime is whether it starts after all have committed that had ended when
	// it was invoked.
	Realtime bool
}

var guarantees = map[string]Guarantee{
	"serializable":                      {},
	"strong-session-serializable":       {Session: true},
	"strict-serializable":               {Session: true, Realtime: true},
	"snapshot-isolation":                {Snapshot: true},
	"strong-session-snapshot-isolation": {Snapshot: true, Session: true},
	"strong-snapshot-isolation":         {Snapshot: true, Session: true, Realtime: true},
	"prefix":                            {Snapshot: true, Overwrites: true},
}

// Models names the consistency models that this package decides, as
// models/consistency does, from strong to weak.
func Models() []string {
	var names []string
	for _, m := range consistency.All() {
		if _, known := guarantees[m.Name]; known {
			names = append(names, m.Name)
		}
	}
	return names
}

// Of returns the guarantee of a consistency model, by name or synonym; ok is
// false when this package does not decide it.
func Of(model string) (g Guarantee, ok bool) {
	m, err := consistency.Parse(model)
	if err != nil {
		return g, false
	}
	g, ok = guarantees[m.Name]
	return g, ok
}
