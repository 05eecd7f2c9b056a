package targets

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sort"
	"strings"
	"time"

	"checker/history"
)

// Target is a database that can be put under test.
type Target interface {
	// Describe says what the target is and what it offers.
	Describe() Description
	// Promise says what the target guarantees for a workload under settings. An
	// error is a workload that it does not offer, or a setting that it does not
	// know, with a hint.
	Promise(workload string, settings map[string]string) (Promise, error)
	// Open sets the nodes up and starts them. It undoes everything when it fails.
	Open(ctx context.Context, cfg Config) (Cluster, error)
}

// Description is what a target says of itself. The registries print it.
type Description struct {
	Name         string
	Summary      string   // one sentence
	Version      string   // of the database
	Environments []string // where it can run; the first is the default
	Images       bool     // another image of the database may be given, such as the official one
	Workloads    []string // what it can run; the first is the default
	Settings     []Setting
	Bugs         []Bug
	Protocol     bool // it offers protocol events, when it is simulated

	// Unhealthy matches lines that no healthy node writes to its log: panics, failed
	// assertions, damaged data. "" is for what has no logs.
	Unhealthy string
}

// Setting is a choice that --set makes.
type Setting struct {
	Name    string
	Summary string
	Values  []string // allowed values, the default first; nil for free text
	Default string   // when Values is nil
}

// Bug is a planted bug: a switch that makes the target wrong in a known way.
type Bug struct {
	Name     string
	Summary  string            // one sentence
	Source   string            // the paper or incident it is after
	Faults   []string          // nemesis families that expose it
	Anomaly  string            // what a checker should find
	Workload string            // what shows it best
	Settings map[string]string // configuration that it needs
	Interval time.Duration     // of the nemesis; 0 is the default
	SimOnly  string            // why real nodes do not show it, as far as is known; "" where they do
}

// Promise is a guarantee and the faults under which it is given.
type Promise struct {
	ConsistencyModels []string
	FaultModel        []string // nemesis families
	Summary           string   // one sentence
	Nodes             int      // that it takes, no more and no less; 0 is any number
	Voters            int      // nodes that vote, at first, in each group of them; 0 is all
	Transactions      bool     // the protocol events tell of transactions
}

// Config is what a target needs to know to set nodes up.
type Config struct {
	Env           string
	Image         string // of the database's containers; "" is what the target builds
	Nodes         int
	Threads       int // clients at a time
	Seed          uint64
	Workload      string
	Settings      map[string]string
	Bugs          []string
	Faults        []string                                  // the families of faults that are to come
	Trace         io.Writer                                 // messages and protocol events, a JSON object a line; nil for none
	Protocol      func(*ProtocolEvent)                      // hears of the same protocol events as they happen, which are not to be kept; nil for nobody
	Log           func(node string) (io.WriteCloser, error) // where the log of a node's database goes; nil for nowhere
	Endpoints     []string                                  // where the nodes are that run already; nil unless Env is None
	FaultCommands map[string]string                         // the user's commands to strike them, by verb
	LeaveUp       bool                                      // Close leaves real nodes as they are
}

// Cluster is a set of running nodes.
type Cluster interface {
	// Nodes names the nodes in a fixed order.
	Nodes() []string
	// Capabilities says what the environment can and cannot do.
	Capabilities() []Capability
	// Close stops the nodes and removes what was set up.
	Close() error
}

// UnorderedExit begins the line that an environment adds to the log of a node whose
// database ended though nobody had killed it.
const UnorderedExit = "checker: the database ended unordered"

// Capability is something that an environment can or cannot do.
type Capability struct {
	Name      string
	Available bool
	Detail    string // why not, or how
}

// ClientConfig says for whom a client is opened.
type ClientConfig struct {
	Process history.Process
	Thread  int    // the client's slot; the same one talks to the same node
	Node    string // the node to talk to first
}

// Client executes the ops of one process, one at a time. Invoke returns the
// completion: the op with type ok, fail or info, its value, and its error if it
// has one. Fail is for what certainly did not happen; whatever is uncertain,
// every unexpected error included, is info.
type Client interface {
	Invoke(ctx context.Context, op history.Op) history.Op
	// Close ends the session; its node may be gone.
	Close() error
}

// Preparer is a client with something to do before the first op of a run, such as
// creating tables, and after the last. Each is called once, on a client of its own.
type Preparer interface {
	// Setup makes ready what the ops need.
	Setup(ctx context.Context) error
	// Teardown takes it away again.
	Teardown(ctx context.Context) error
}

// Real is a cluster whose clients block.
type Real interface {
	Cluster
	// OpenClient opens the session of a process.
	OpenClient(ctx context.Context, cfg ClientConfig) (Client, error)
}

// AsyncClient executes the ops of one process on virtual time. Invoke calls done
// at most once, from within a step of the cluster, with the completion. After
// Close it never does.
type AsyncClient interface {
	Invoke(op history.Op, done func(history.Op))
	Close()
}

// Simulated is a cluster on virtual time.
type Simulated interface {
	Cluster
	// OpenAsync opens the session of a process.
	OpenAsync(cfg ClientConfig) AsyncClient
	// Now is the virtual time in ns since the start.
	Now() int64
	// At calls f at a virtual time not before now, after what was already due
	// at that moment.
	At(t int64, f func())
	// Step executes the next event; it is false when there is none.
	Step() bool
	// Err is why the simulation cannot go on, or nil.
	Err() error
}

// CheckSettings returns the settings completed with their defaults. An error
// names one that is unknown or has a value that is not allowed.
func (d Description) CheckSettings(given map[string]string) (map[string]string, error) {
	full := map[string]string{}
	for _, s := range d.Settings {
		value, ok := given[s.Name]
		switch {
		case !ok && s.Values != nil:
			value = s.Values[0]
		case !ok:
			value = s.Default
		case s.Values != nil && !slices.Contains(s.Values, value):
			return nil, fmt.Errorf("setting %s of %s cannot be %q: expected one of %s", s.Name, d.Name, value, strings.Join(s.Values, ", "))
		}
		full[s.Name] = value
	}
	names := make([]string, 0, len(given))
	for name := range given {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if _, ok := full[name]; !ok {
			return nil, fmt.Errorf("%s has no setting %q", d.Name, name)
		}
	}
	return full, nil
}

// Bug returns the planted bug of that name.
func (d Description) Bug(name string) (Bug, bool) {
	for _, b := range d.Bugs {
		if b.Name == name {
			return b, true
		}
	}
	return Bug{}, false
}
