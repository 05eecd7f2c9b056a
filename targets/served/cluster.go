package served

import (
	"context"
	"net"
	"slices"
	"sync"
	"time"

	"checker/targets"
	"checker/targets/docker"
	"checker/targets/refdb/sharded/server"
)

// cluster is the nodes.
type cluster struct {
	*docker.Environment
	base Base
	cfg  targets.Config
}

// leadersWithin is how long a node may take to say whether it leads.
const leadersWithin = 100 * time.Millisecond

// ready asks a node anything.
func (c *cluster) ready(ctx context.Context, n docker.Node) error {
	_, err := c.leads(ctx, n.Address)
	return err
}

// conn is what connections to both kinds of nodes can do.
type conn interface {
	Leads(until time.Time) (bool, error)
	Close() error
}

func (c *cluster) leads(ctx context.Context, address string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, leadersWithin)
	defer cancel()
	dial := func() (conn, error) { return server.Dial(ctx, net.JoinHostPort(address, Port)) }
	if c.base.Transactional(c.cfg.Workload) {
		dial = func() (conn, error) { return server.DialShards(ctx, net.JoinHostPort(address, Port)) }
	}
	n, err := dial()
	if err != nil {
		return false, err
	}
	defer n.Close()
	return n.Leads(time.Now().Add(leadersWithin))
}

// Primaries are the nodes that take themselves for the leader. Who does not answer
// in time is none.
func (c *cluster) Primaries(ctx context.Context) ([]string, error) {
	names := c.Nodes()
	yes := make([]bool, len(names))
	var all sync.WaitGroup
	for i, node := range names {
		all.Go(func() { yes[i], _ = c.leads(ctx, c.Address(node)) })
	}
	all.Wait()
	var primaries []string
	for i, node := range names {
		if yes[i] {
			primaries = append(primaries, node)
		}
	}
	return primaries, nil
}

// OpenClient opens the session of a process.
func (c *cluster) OpenClient(_ context.Context, cfg targets.ClientConfig) (targets.Client, error) {
	home := slices.Index(c.Nodes(), cfg.Node)
	session := uint64(cfg.Process) + 1
	if c.base.Transactional(c.cfg.Workload) {
		t := &txnClient{line: newLine(c, server.DialShards), node: home}
		t.request.ID.Client = session
		return t, nil
	}
	return &client{line: newLine(c, server.Dial), session: session, home: home, leader: home}, nil
}
