package docker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/moby/moby/client"

	"checker/nemesis/agent"
	"checker/targets"
)

// Spec is what an environment is to be.
type Spec struct {
	Target  string // for names
	Nodes   int    // how many, called n1, n2 and so on
	Image   string // of the database
	Data    string // the folder of its data: a volume
	Command func(n Node, all []Node) Command
	Ready   func(ctx context.Context, n Node) error   // is the database ready? nil when it is
	Program string                                    // the agent; "" is this program
	Disks   bool                                      // the data is on disks that can be faulty
	Seed    uint64                                    // of the agents' randomness
	Log     func(node string) (io.WriteCloser, error) // where a node's log goes in the end; nil for nowhere
	LeaveUp bool                                      // Close leaves the nodes as they are
}

// Node is a node and its address in the network of the run, which can also be
// reached from here.
type Node struct{ Name, Address string }

// Command starts the database.
type Command struct {
	Args []string
	Env  []string // KEY=VALUE
}

// Environment is the nodes of a run.
type Environment struct {
	engine *Engine
	spec   Spec
	run    string
	labels map[string]string
	pods   []*pod
	disks  string // the program that keeps a database from its data until the disk is there; "" for volumes as they are
	noDisk string // why there are no disks, though there should be
	byName map[string]*pod
	closed bool

	strikes sync.Mutex // over Cut, Heal and the counters
}

// readyWithin is how long a database may take to be ready.
const readyWithin = 60 * time.Second

// closeWithin is how long removing everything may take.
const closeWithin = 60 * time.Second

// Open sweeps, sets the nodes up, all at a time, and waits until they are ready. It
// undoes everything when it fails.
func Open(ctx context.Context, spec Spec) (env *Environment, err error) {
	engine, err := Connect(ctx)
	if err != nil {
		return nil, err
	}
	e := &Environment{engine: engine, spec: spec, byName: map[string]*pod{}}
	living.Store(e, nil)
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic during set-up: %v", p)
		}
		if err != nil {
			e.spec.LeaveUp = false
			err = errors.Join(err, e.Close())
		}
	}()
	// What cannot be removed, such as a network of which the engine says that it is in
	// use when nothing uses it, is no reason not to run: `checker clean` tells of it.
	_, _ = engine.Sweep(ctx, false)
	if err := e.name(); err != nil {
		return nil, err
	}
	if err := e.setUp(ctx); err != nil {
		return nil, err
	}
	return e, nil
}

// name gives the run its identity.
func (e *Environment) name() error {
	me, err := owner()
	if err != nil {
		return err
	}
	now := time.Now()
	e.run = "checker-" + e.spec.Target + "-" + strconv.FormatInt(now.UnixMicro(), 36) + strconv.FormatInt(int64(os.Getpid()), 36)
	if e.spec.LeaveUp {
		me = "left up" // by a process that is going to end
	}
	e.labels = map[string]string{labelRun: e.run, labelOwner: me, labelStarted: now.UTC().Format(time.RFC3339)}
	return nil
}

func (e *Environment) setUp(ctx context.Context) error {
	program, err := theProgram(e.spec.Program)
	if err != nil {
		return err
	}
	agentImage, err := e.engine.Image(ctx, Recipe{
		Name:       "agent",
		Dockerfile: "FROM scratch\nCOPY checker /checker\n",
		Files:      map[string]string{"checker": program},
	})
	if err != nil {
		return err
	}
	if err := e.createNetwork(ctx); err != nil {
		return fmt.Errorf("the network of the run: %w", err)
	}
	for i := range e.spec.Nodes {
		p := &pod{env: e, Node: Node{Name: "n" + strconv.Itoa(i+1)}}
		e.pods = append(e.pods, p)
		e.byName[p.Name] = p
	}
	if e.spec.Disks {
		e.disks = program
	}
	if err := e.each(func(p *pod) error { return p.startAgent(ctx, agentImage) }); err != nil {
		return err
	}
	if err := e.insertDisks(ctx); err != nil {
		return err
	}
	if err := e.each(func(p *pod) error { return p.startDatabase(ctx) }); err != nil {
		return err
	}
	return e.each(func(p *pod) error { return p.awaitReady(ctx) })
}

// createNetwork makes the network of the run. An older engine makes a second one of the
// same name without a word, and then knows neither by it.
func (e *Environment) createNetwork(ctx context.Context) error {
	found, err := e.engine.api.NetworkList(ctx, client.NetworkListOptions{Filters: make(client.Filters).Add("name", "^"+e.run+"$")})
	if err != nil {
		return err
	}
	if len(found.Items) > 0 {
		return fmt.Errorf("there is one called %s already, with the id %.12s: run again for another name", e.run, found.Items[0].ID)
	}
	_, err = e.engine.api.NetworkCreate(ctx, e.run, client.NetworkCreateOptions{Driver: "bridge", Labels: e.labels})
	return err
}

// each does something to every pod, all at a time.
func (e *Environment) each(do func(*pod) error) error {
	errs := make([]error, len(e.pods))
	var all sync.WaitGroup
	for i, p := range e.pods {
		all.Go(func() {
			if err := do(p); err != nil {
				errs[i] = fmt.Errorf("%s: %w", p.Name, err)
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

func (e *Environment) nodes() []Node {
	all := make([]Node, len(e.pods))
	for i, p := range e.pods {
		all[i] = p.Node
	}
	return all
}

// Nodes names the nodes.
func (e *Environment) Nodes() []string {
	names := make([]string, len(e.pods))
	for i, p := range e.pods {
		names[i] = p.Name
	}
	return names
}

// Address returns the address of a node.
func (e *Environment) Address(node string) string { return e.byName[node].Address }

// Capabilities says what every agent can do, and the engine.
func (e *Environment) Capabilities() []targets.Capability {
	all := []targets.Capability{{Name: "containers", Available: true, Detail: "Docker " + e.engine.Version + ", API " + e.engine.API}}
	for _, c := range e.pods[0].agent.Report() {
		all = append(all, targets.Capability(c))
	}
	return all
}

// Can returns an error unless every agent can do something.
func (e *Environment) can(name string) error {
	for _, p := range e.pods {
		if ok, why := p.agent.Report().Can(name); !ok {
			return fmt.Errorf("%s: %s: %s", p.Name, name, why)
		}
	}
	return nil
}

// Close collects the logs and removes everything, whatever the state of the run.
func (e *Environment) Close() error {
	if e.closed {
		return nil
	}
	e.closed = true
	living.Delete(e)
	ctx, cancel := context.WithTimeout(context.Background(), closeWithin)
	defer cancel()
	defer e.engine.Close()
	errs := []error{e.collectLogs(ctx)}
	if e.spec.LeaveUp {
		return errors.Join(append(errs, e.each(func(p *pod) error {
			_, err := p.agent.Ask(ctx, agent.Request{Do: agent.Restore})
			return err
		}))...)
	}
	for _, p := range e.pods {
		p.hangUp()
	}
	if e.run != "" {
		_, err := e.engine.remove(ctx, e.run)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// living are the environments that are to be removed yet.
var living sync.Map

// Abandon removes the environments of this process as fast as it can, and collects
// nothing: the process is about to end.
func Abandon(ctx context.Context) error {
	var errs []error
	living.Range(func(e, _ any) bool {
		if env := e.(*Environment); env.run != "" && !env.spec.LeaveUp {
			_, err := env.engine.remove(ctx, env.run)
			errs = append(errs, err)
		}
		return true
	})
	return errors.Join(errs...)
}

// LeftUp are the commands to enter a node that was left up, and to remove them all.
func (e *Environment) LeftUp() []string {
	var lines []string
	for _, p := range e.pods {
		lines = append(lines, fmt.Sprintf("docker exec -it %s sh", p.databaseName()))
	}
	return append(lines, "checker clean --all")
}
