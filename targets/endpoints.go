package targets

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// None is the environment of nodes that run already: checker is told where, and does
// nothing to them but what commands of the user's do.
const None = "none"

// FaultCommands are the verbs for which there can be a command, with the family of each.
var FaultCommands = []struct{ Verb, Family string }{
	{"kill", "kill"}, {"start", "kill"}, {"pause", "pause"}, {"resume", "pause"},
}

// CommandFamilies returns the families of faults that commands can do whole, each with
// what undoes it. An error is a verb that is not known, or alone.
func CommandFamilies(commands map[string]string) ([]string, error) {
	have := map[string]int{}
	known := 0
	var families, verbs []string
	for _, c := range FaultCommands {
		verbs = append(verbs, c.Verb)
		if commands[c.Verb] == "" {
			continue
		}
		known++
		if have[c.Family]++; have[c.Family] == 2 {
			families = append(families, c.Family)
		}
	}
	if known != len(commands) || known != 2*len(families) {
		return nil, fmt.Errorf("fault commands come in pairs, kill with start and pause with resume: expected VERB=COMMAND with a verb of %s", strings.Join(verbs, ", "))
	}
	return families, nil
}

// Endpoints are nodes that run already, n1 and so on.
type Endpoints struct {
	addresses []string
	commands  map[string]string
}

// Running returns the nodes of a configuration whose environment is [None].
func Running(cfg Config) *Endpoints { return &Endpoints{cfg.Endpoints, cfg.FaultCommands} }

// Nodes names the nodes.
func (e *Endpoints) Nodes() []string {
	names := make([]string, len(e.addresses))
	for i := range names {
		names[i] = "n" + strconv.Itoa(i+1)
	}
	return names
}

// Address returns where a node is, as the user said it.
func (e *Endpoints) Address(node string) string {
	i, err := strconv.Atoi(strings.TrimPrefix(node, "n"))
	if err != nil || i < 1 || i > len(e.addresses) {
		return ""
	}
	return e.addresses[i-1]
}

// Capabilities says what commands there are.
func (e *Endpoints) Capabilities() []Capability {
	var all []Capability
	for _, c := range FaultCommands {
		all = append(all, Capability{Name: "command " + c.Verb, Available: e.commands[c.Verb] != "", Detail: e.commands[c.Verb]})
	}
	return all
}

// Close leaves everything as it is.
func (*Endpoints) Close() error { return nil }

// Kill has the command kill a node.
func (e *Endpoints) Kill(ctx context.Context, node string) (bool, error) {
	return e.command(ctx, "kill", node)
}

// Start has the command start a node. It also strikes nodes that are up.
func (e *Endpoints) Start(ctx context.Context, node string) (bool, error) {
	return e.command(ctx, "start", node)
}

// Pause has the command freeze a node.
func (e *Endpoints) Pause(ctx context.Context, node string) (bool, error) {
	return e.command(ctx, "pause", node)
}

// Resume has the command let a node go on. It also strikes nodes that are not paused.
func (e *Endpoints) Resume(ctx context.Context, node string) (bool, error) {
	return e.command(ctx, "resume", node)
}

// command runs the user's command in a shell, which finds NODE and ADDRESS in its
// environment. That it succeeds is taken for the fault's effect.
func (e *Endpoints) command(ctx context.Context, verb, node string) (bool, error) {
	text := e.commands[verb]
	if text == "" {
		return false, fmt.Errorf("there is no command to %s %s", verb, node)
	}
	cmd := exec.CommandContext(ctx, "sh", "-c", text)
	cmd.Env = append(os.Environ(), "NODE="+node, "ADDRESS="+e.Address(node))
	out, err := cmd.CombinedOutput()
	if err != nil {
		return false, fmt.Errorf("the command to %s %s: %w: %s", verb, node, err, strings.TrimSpace(string(out)))
	}
	return true, nil
}
