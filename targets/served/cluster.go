package served

import (
	"context"
	"net"
	"slices"
	"sync"
	"time"

	"checker/targets"
	"checker/targets/docker"
	"checker/targets/refdb/server"
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
func ready(ctx context.Context, n docker.Node) error {
	_, err := leads(ctx, n.Address)
	return err
}

func leads(ctx context.Context, address string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, leadersWithin)
	defer cancel()
	c, err := server.Dial(ctx, net.JoinHostPort(address, Port))
	if err != nil {
		return false, err
	}
	defer c.Close()
	return c.Leads(time.Now().Add(leadersWithin))
}

// Primaries are the nodes that take themselves for the leader. Who does not answer
// in time is none.
func (c *cluster) Primaries(ctx context.Context) ([]string, error) {
	names := c.Nodes()
	yes := make([]bool, len(names))
	var all sync.WaitGroup
	for i, node := range names {
		all.Go(func() { yes[i], _ = leads(ctx, c.Address(node)) })
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
	return &client{cluster: c, session: uint64(cfg.Process) + 1, home: home, leader: home, conns: make([]*server.Conn, len(c.Nodes()))}, nil
}
