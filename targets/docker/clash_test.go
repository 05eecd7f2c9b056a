package docker

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"checker/nemesis"
	"checker/targets"
)

// setUpAfter sets nodes up as Open does, but that something else happens before the
// first object is made, and expects that to fail.
func setUpAfter(t *testing.T, engine *Engine, target string, before func(e *Environment)) error {
	t.Helper()
	spec, err := victimSpec(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	spec.Target = target
	own, err := Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	e := &Environment{engine: own, spec: spec, byName: map[string]*pod{}}
	if err := e.name(); err != nil {
		t.Fatal(err)
	}
	before(e)
	failed := e.setUp(t.Context())
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	if n := objects(t, engine, e.run); n != 0 {
		t.Errorf("%d objects are left", n)
	}
	if failed == nil {
		t.Fatal("it was set up")
	}
	return failed
}

// TestNamesThatAreTaken: a set-up that meets somebody else's container or network under
// a name of its own says which, and leaves that alone and nothing behind.
func TestNamesThatAreTaken(t *testing.T) {
	engine := requireEngine(t)
	t.Run("container", func(t *testing.T) {
		var foreign string
		err := setUpAfter(t, engine, "taken", func(e *Environment) {
			made, err := engine.api.ContainerCreate(t.Context(), client.ContainerCreateOptions{
				Name: e.run + "-n2-agent", Config: &container.Config{Image: e.spec.Image, Cmd: []string{"/victim"}},
			})
			if err != nil {
				t.Fatal(err)
			}
			foreign = made.ID
			t.Cleanup(func() {
				_, err := engine.api.ContainerRemove(context.Background(), foreign, client.ContainerRemoveOptions{Force: true})
				if err != nil {
					t.Error(err)
				}
			})
		})
		if !strings.Contains(err.Error(), "n2: the agent's container:") || !strings.Contains(err.Error(), "-n2-agent") || !strings.Contains(err.Error(), "in use") {
			t.Errorf("it says %q", err)
		}
		if _, err := engine.api.ContainerInspect(t.Context(), foreign, client.ContainerInspectOptions{}); err != nil {
			t.Errorf("the other container: %v", err)
		}
	})
	t.Run("network", func(t *testing.T) {
		var foreign string
		err := setUpAfter(t, engine, "taken", func(e *Environment) {
			made, err := engine.api.NetworkCreate(t.Context(), e.run, client.NetworkCreateOptions{Driver: "bridge"})
			if err != nil {
				t.Fatal(err)
			}
			foreign = made.ID
			t.Cleanup(func() {
				if _, err := engine.api.NetworkRemove(context.Background(), foreign, client.NetworkRemoveOptions{}); err != nil {
					t.Error(err)
				}
			})
		})
		if !strings.Contains(err.Error(), "the network of the run") || !strings.Contains(err.Error(), "there is one called checker-taken-") || !strings.Contains(err.Error(), "run again") {
			t.Errorf("it says %q", err)
		}
		if _, err := engine.api.NetworkInspect(t.Context(), foreign, client.NetworkInspectOptions{}); err != nil {
			t.Errorf("the other network: %v", err)
		}
	})
}

// TestNothingIsPublished: nodes are reached at their addresses, so no port of the
// machine can be taken.
func TestNothingIsPublished(t *testing.T) {
	e := nodes(t)
	for _, p := range e.pods {
		for _, id := range []string{p.owner, p.database} {
			seen, err := e.engine.api.ContainerInspect(t.Context(), id, client.ContainerInspectOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if host := seen.Container.HostConfig; len(host.PortBindings) > 0 || host.PublishAllPorts {
				t.Errorf("%s publishes %v", seen.Container.Name, host.PortBindings)
			}
		}
	}
}

// TestAgentWithoutCapabilities: nodes are set up all the same, and each fault that
// cannot be done says which capability is missing, and why.
func TestAgentWithoutCapabilities(t *testing.T) {
	requireEngine(t)
	spec, err := victimSpec(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	spec.Target = "weak"
	given := agentCapabilities
	agentCapabilities = []string{"KILL"}
	defer func() { agentCapabilities = given }()
	e, err := Open(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}()
	for what, c := range map[string]struct {
		err  error
		says string
	}{
		"partition": {e.Cut(t.Context(), []nemesis.Link{{From: "n1", To: "n2"}}), "partitions by nftables: "},
		"packet":    {e.Shape(t.Context(), []nemesis.Link{{From: "n1", To: "n2"}}, nemesis.PacketFaults{Rate: nemesis.Mbit}), "packet faults by a queue: "},
		"bump":      {e.Bump(t.Context(), "n1", 1), "wall clocks by the vDSO: the capability SYS_PTRACE is missing"},
		"offset":    {second(e.Offset(t.Context(), "n1")), "wall clocks by the vDSO: the capability SYS_PTRACE is missing"},
		"power":     {second2(e.PowerOff(t.Context(), "n1", nemesis.KeepNothing)), "without disks"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.says) {
			t.Errorf("%s: %v", what, c.err)
		}
	}
	if killed, err := e.Kill(t.Context(), "n1"); err != nil || !killed {
		t.Errorf("what it can do: %v, %v", killed, err)
	}
	if !slices.ContainsFunc(e.Capabilities(), func(c targets.Capability) bool { return !c.Available && strings.Contains(c.Detail, "SYS_PTRACE") }) {
		t.Errorf("%+v", e.Capabilities())
	}
}
