package docker

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"sync"
	"time"

	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/client"

	"checker/nemesis/agent"
	"checker/targets"
)

// agentCapabilities are those that faults need: rules of the network, other
// processes' memory and root folder, signals to any user's processes, raw sockets.
var agentCapabilities = []string{"NET_ADMIN", "SYS_PTRACE", "KILL", "DAC_OVERRIDE", "NET_RAW"}

// logTail is how many lines of a database's log an error shows, and logLimit how
// many are kept of a run.
const (
	logTail  = "12"
	logLimit = "200000"
)

// boundedLog has the engine keep the end of a log only.
var boundedLog = container.LogConfig{Type: "json-file", Config: map[string]string{"max-size": "16m", "max-file": "4"}}

// pod is a node: the container of the agent, and that of the database.
type pod struct {
	Node
	env      *Environment
	owner    string // the container of the agent
	database string // and of the database; "" until they are created
	line     net.Conn
	agent    *agent.Client
	said     tail // by the agent, on its standard error

	gateway string // from where the clients come

	damaged int // how often its files were

	turns sync.Mutex // over what starts and ends the database
	up    bool       // it was started, and nobody has ended it
	exits []string   // those that nobody ordered, as lines of the log
}

func (p *pod) databaseName() string { return p.env.run + "-" + p.Name }

func (p *pod) labels() map[string]string {
	l := maps.Clone(p.env.labels)
	l[labelNode] = p.Name
	return l
}

// startAgent starts the agent, waits for its report and learns the address.
func (p *pod) startAgent(ctx context.Context, image string) error {
	api := p.env.engine.api
	command := []string{"/checker", "agent"}
	if p.env.spec.LeaveUp {
		command = append(command, "--stay")
	}
	created, err := api.ContainerCreate(ctx, client.ContainerCreateOptions{
		Name: p.databaseName() + "-agent",
		Config: &container.Config{
			Image: image, Entrypoint: command, Hostname: p.Name, Labels: p.labels(),
			OpenStdin: true, StdinOnce: true, AttachStdin: true, AttachStdout: true, AttachStderr: true,
		},
		HostConfig: p.agentHost(),
	})
	if err != nil {
		return fmt.Errorf("the agent's container: %w", err)
	}
	p.owner = created.ID
	attached, err := api.ContainerAttach(ctx, p.owner, client.ContainerAttachOptions{Stream: true, Stdin: true, Stdout: true, Stderr: true})
	if err != nil {
		return fmt.Errorf("the agent's input: %w", err)
	}
	p.line = attached.Conn
	if _, err := api.ContainerStart(ctx, p.owner, client.ContainerStartOptions{}); err != nil {
		if p.env.disks != "" {
			err = fmt.Errorf("%w; disk faults need /dev/fuse and the capability SYS_ADMIN of the engine: without them, name other families to --nemesis", err)
		}
		return fmt.Errorf("the agent: %w", err)
	}
	frames, sink := io.Pipe()
	go func(r *bufio.Reader) {
		_, err := stdcopy.StdCopy(sink, &p.said, r)
		sink.CloseWithError(errors.Join(err, io.EOF))
	}(attached.Reader)
	if p.agent, err = agent.Connect(frames, p.line); err != nil {
		return fmt.Errorf("%w; it said: %s", err, p.said.String())
	}
	seen, err := api.ContainerInspect(ctx, p.owner, client.ContainerInspectOptions{})
	if err != nil {
		return err
	}
	settings := seen.Container.NetworkSettings
	if settings == nil || settings.Networks[p.env.run] == nil || !settings.Networks[p.env.run].IPAddress.IsValid() {
		return errors.New("the agent's container has no address")
	}
	p.Address = settings.Networks[p.env.run].IPAddress.String()
	p.gateway = settings.Networks[p.env.run].Gateway.String()
	return nil
}

// agentHost is what the agent's container is given of the machine.
func (p *pod) agentHost() *container.HostConfig {
	host := &container.HostConfig{
		NetworkMode: container.NetworkMode(p.env.run),
		CapDrop:     []string{"ALL"}, CapAdd: agentCapabilities,
		LogConfig: container.LogConfig{Type: "none"},
	}
	if p.env.disks != "" {
		p.giveDisk(host)
	}
	return host
}

// startDatabase creates and starts the container of the database, in the network
// and among the processes of the agent's.
func (p *pod) startDatabase(ctx context.Context) error {
	command := p.behindGate(p.env.spec.Command(p.Node, p.env.nodes()))
	join := "container:" + p.owner
	created, err := p.env.engine.api.ContainerCreate(ctx, client.ContainerCreateOptions{
		Name: p.databaseName(),
		Config: &container.Config{
			Image: p.env.spec.Image, Entrypoint: command.Args, Env: command.Env, Labels: p.labels(),
		},
		HostConfig: &container.HostConfig{
			LogConfig:   boundedLog,
			NetworkMode: container.NetworkMode(join), PidMode: container.PidMode(join),
			Mounts: []mount.Mount{p.volume(p.env.spec.Data)},
		},
	})
	if err != nil {
		return fmt.Errorf("the database's container: %w", err)
	}
	p.database = created.ID
	if err := p.placeGate(ctx); err != nil {
		return fmt.Errorf("the database's container: %w", err)
	}
	if err := p.run(ctx); err != nil {
		return fmt.Errorf("the database: %w", err)
	}
	return nil
}

// volume is where the data of the database is.
func (p *pod) volume(folder string) mount.Mount {
	return mount.Mount{
		Type: mount.TypeVolume, Source: p.databaseName(), Target: folder,
		VolumeOptions: &mount.VolumeOptions{Labels: p.labels()},
	}
}

// run starts the container of the database, and gives it its disk.
func (p *pod) run(ctx context.Context) error {
	if _, err := p.env.engine.api.ContainerStart(ctx, p.database, client.ContainerStartOptions{}); err != nil {
		return err
	}
	p.up = true
	return p.attachDisk(ctx)
}

// noteExit notes that the database has ended though nobody ended it.
func (p *pod) noteExit(ctx context.Context) {
	if !p.up {
		return
	}
	seen, err := p.env.engine.api.ContainerInspect(ctx, p.database, client.ContainerInspectOptions{})
	if err != nil || seen.Container.State.Running {
		return
	}
	p.up = false
	s := seen.Container.State
	how := fmt.Sprintf("with code %d", s.ExitCode)
	if s.OOMKilled {
		how += ", out of memory"
	}
	p.exits = append(p.exits, fmt.Sprintf("%s %s at %s\n", targets.UnorderedExit, how, s.FinishedAt))
}

// awaitReady waits until the database is ready. It gives up when it has ended.
func (p *pod) awaitReady(ctx context.Context) error {
	if p.env.spec.Ready == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	for {
		err := p.env.spec.Ready(ctx, p.Node)
		if err == nil {
			return nil
		}
		if running, _, failed := p.state(ctx); failed == nil && !running {
			return p.explain("the database has ended during set-up")
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return p.explain(fmt.Sprintf("the database is not ready after %s: %v", readyWithin, err))
		}
	}
}

// state says whether the database's container runs, and its exit code if not.
func (p *pod) state(ctx context.Context) (running bool, code int, err error) {
	seen, err := p.env.engine.api.ContainerInspect(ctx, p.database, client.ContainerInspectOptions{})
	if err != nil {
		return false, 0, err
	}
	return seen.Container.State.Running, seen.Container.State.ExitCode, nil
}

// explain is an error with the last lines of the database's log.
func (p *pod) explain(what string) error {
	ctx, cancel := context.WithTimeout(context.Background(), connectWithin)
	defer cancel()
	var log bytes.Buffer
	if err := p.readLog(ctx, &log, logTail); err != nil {
		fmt.Fprintf(&log, "(no log: %v)", err)
	}
	return fmt.Errorf("%s; its log ends with\n%s", what, bytes.TrimSpace(log.Bytes()))
}

func (p *pod) readLog(ctx context.Context, w io.Writer, lines string) error {
	log, err := p.env.engine.api.ContainerLogs(ctx, p.database, client.ContainerLogsOptions{ShowStdout: true, ShowStderr: true, Tail: lines})
	if err != nil {
		return err
	}
	defer log.Close()
	_, err = stdcopy.StdCopy(w, w, log)
	return err
}

// collectLogs hands the logs of all nodes on.
func (e *Environment) collectLogs(ctx context.Context) error {
	if e.spec.Log == nil {
		return nil
	}
	var errs []error
	for _, p := range e.pods {
		if p.database == "" {
			continue
		}
		file, err := e.spec.Log(p.Name)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		p.turns.Lock()
		p.noteExit(ctx)
		p.turns.Unlock()
		err = p.readLog(ctx, file, logLimit)
		for _, line := range p.exits {
			_, failed := io.WriteString(file, line)
			err = errors.Join(err, failed)
		}
		errs = append(errs, err, file.Close())
	}
	return errors.Join(errs...)
}

// hangUp ends the agent, by the end of its input.
func (p *pod) hangUp() {
	if p.line != nil {
		p.line.Close()
	}
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const tailSize = 4096

// Write adds to the end.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, b...)
	t.text = t.text[max(0, len(t.text)-tailSize):]
	return len(b), nil
}

// String is what was written last.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.TrimSpace(t.text))
}
