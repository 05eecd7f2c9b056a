package etcd

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"

	"checker/targets"
	"checker/targets/docker"
)

// cluster is the nodes and what clients need to know.
type cluster struct {
	*docker.Environment
	words  vocabulary
	habits habits

	watchers map[string]*clientv3.Client // by node, to ask who leads
}

// habitsOf reads the settings.
func habitsOf(settings map[string]string) habits {
	hold, _ := time.ParseDuration(settings[holdSetting]) // not every workload has it, and those offer what can be read
	return habits{local: settings[readsSetting] == localReads, guarded: settings[guardSetting] != unguarded, hold: hold}
}

func open(ctx context.Context, program string, cfg targets.Config) (targets.Cluster, error) {
	image, err := docker.ImageFor(ctx, cfg.Image, recipe(cfg.Settings[versionSetting]))
	if err != nil {
		return nil, err
	}
	env, err := docker.Open(ctx, docker.Spec{
		Target: "etcd", Nodes: cfg.Nodes, Image: image, Data: dataFolder,
		Command: command(cfg.Image), Ready: ready, Program: program, Seed: cfg.Seed, Disks: slices.Contains(cfg.Faults, "disk"), Log: cfg.Log, LeaveUp: cfg.LeaveUp,
	})
	if err != nil {
		return nil, err
	}
	c := &cluster{Environment: env, words: vocabularies[cfg.Workload], habits: habitsOf(cfg.Settings), watchers: map[string]*clientv3.Client{}}
	for _, node := range env.Nodes() {
		if c.watchers[node], err = c.dial(node); err != nil {
			return nil, fmt.Errorf("%w; %w", err, c.Close())
		}
	}
	return c, nil
}

// ready asks for the health of a server, which includes that it knows a leader and
// can read through it.
func ready(ctx context.Context, n docker.Node) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+n.Address+":"+clientPort+"/health", nil)
	if err != nil {
		return err
	}
	r, err := http.DefaultClient.Do(q)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(r.Body, 200))
		return fmt.Errorf("%s: %s", r.Status, text)
	}
	return nil
}

// reconnect keeps the pauses between attempts to connect short. They would grow to
// two minutes while a node is down, and its clients not notice that it is back.
var reconnect = grpc.ConnectParams{
	Backoff:           backoff.Config{BaseDelay: 50 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 500 * time.Millisecond},
	MinConnectTimeout: 2 * time.Second,
}

// dial connects to one node, without retries.
func (c *cluster) dial(node string) (*clientv3.Client, error) {
	return clientv3.New(clientv3.Config{
		Endpoints:            []string{c.Address(node) + ":" + clientPort},
		Logger:               zap.NewNop(),
		MaxUnaryRetries:      1, // attempts: 0 would be a hundred
		DialKeepAliveTime:    2 * time.Second,
		DialKeepAliveTimeout: 5 * time.Second, // longer than an op, which a paused node may yet execute
		DialOptions:          []grpc.DialOption{grpc.WithDisableRetry(), grpc.WithConnectParams(reconnect)},
	})
}

// OpenClient opens the session of a process.
func (c *cluster) OpenClient(_ context.Context, cfg targets.ClientConfig) (targets.Client, error) {
	kv, err := c.dial(cfg.Node)
	if err != nil {
		return nil, err
	}
	return &client{kv: kv, words: c.words, habits: c.habits, process: cfg.Process}, nil
}

// Primaries are the nodes that take themselves for the leader. Who does not answer
// in time is none.
func (c *cluster) Primaries(ctx context.Context) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	names := c.Nodes()
	leads := make([]bool, len(names))
	var all sync.WaitGroup
	for i, node := range names {
		all.Go(func() {
			w := c.watchers[node]
			s, err := w.Status(ctx, w.Endpoints()[0])
			leads[i] = err == nil && s.Leader == s.Header.MemberId
		})
	}
	all.Wait()
	var primaries []string
	for i, node := range names {
		if leads[i] {
			primaries = append(primaries, node)
		}
	}
	return primaries, nil
}

// Close ends the connections and removes the nodes.
func (c *cluster) Close() error {
	for _, w := range c.watchers {
		if w != nil {
			w.Close() // an error would be that it is closed
		}
	}
	return c.Environment.Close()
}
