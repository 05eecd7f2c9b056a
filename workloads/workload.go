package workloads

import (
	"maps"
	"strings"
	"time"

	"checker/check"
	"checker/check/online"
	"checker/targets"
	"checker/workloads/gen"
)

// Workload is a kind of load with its judgement.
type Workload struct {
	Name              string
	Summary           string // one sentence
	Functions         []Function
	Needs             string                    // what a target must offer
	Model             string                    // of the recorded history, as `checker check -m` takes it
	ConsistencyModels []string                  // that it can be checked for, the default first
	Thresholds        map[string]int            // by function, the fewest ok ops for a verdict
	Further           map[string]map[string]int // by a setting such as accounts=dynamic, further thresholds that it has
	Settings          []targets.Setting
	New               func(Params) Instance
	_                 struct{}
}

// Least returns the fewest ok ops for a verdict, by function, with the settings given.
func (w Workload) Least(settings map[string]string) map[string]int {
	least := maps.Clone(w.Thresholds)
	for setting, further := range w.Further {
		if name, value, _ := strings.Cut(setting, "="); settings[name] == value {
			maps.Copy(least, further)
		}
	}
	return least
}

// Function is an op of a workload.
type Function struct {
	F       string
	Summary string // with its value, such as "[k v]"
}

// Params is what a workload needs to know of a run.
type Params struct {
	Seed     uint64
	Threads  int     // clients at a time
	Rate     float64 // ops/s in all that the run aims at; 0 is as fast as possible
	Duration time.Duration
	Settings map[string]string
	// ConsistencyModels are those to check for, where there are several; nil is the
	// workload's first.
	ConsistencyModels []string
	CheckSteps        int64 // most steps of a check that may need a search; 0 is no bound
}

// Instance is a workload made ready for one run.
type Instance struct {
	// Ops are the clients' ops under faults, without pace or end: the runner
	// adds both.
	Ops gen.Generator
	// Probe is the op that shows that a client is served again; each thread
	// repeats it until it is ok.
	Probe gen.Generator
	// Final are the last ops, when all is well again; nil for none.
	Final gen.Generator
	// Checks judge the history.
	Checks []check.Checker
	// Streams judge it while it is made, as far as that is possible, for runs that are
	// to end at the first anomaly. What they find, Checks find, too.
	Streams []*online.Stream
}

// All returns the workloads of checker itself, in the order of their table.
func All() []Workload {
	return []Workload{Register(), CASRegister(), Set(), Counter(),
		Lock(), LeasedLock(), FencedLock(), LockedSet(), Queue(), UniqueIDs(), Monotonic(), Bank(), Transfer(), Append(), WR(),
		LongFork(), Causal(), CausalReverse(), Sequential(), WriteSkew(), LostUpdate(), Hermitage()}
}
