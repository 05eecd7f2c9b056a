package simulated

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"checker/internal/prng"
	"checker/sim"
	"checker/targets"
	"checker/targets/refdb"
	"checker/targets/refdb/sharded"
)

// Cluster is the reference database on simulated machines.
type Cluster struct {
	world      *sim.World
	nodes      []*sim.Host
	clients    []*sim.Host // by thread
	names      []string
	nodeConfig refdb.Config
	vocabulary vocabulary
	shards     *sharded.Config // nil for one group that holds everything
	words      txnWords        // of a cluster with shards
	groups     [sharded.MaxShards]string
	seed       uint64
	hardware   hardware
	trace      *tracer
	observe    func(*targets.ProtocolEvent)
	told       targets.ProtocolEvent      // the latest
	digests    [sharded.MaxShards]digests // of the one group, or by shard
	messages   boxes[message]
	parcels    boxes[shardMessage]
	said       []sharded.Message // places for what parcels say
	requests   boxes[request]
	replies    boxes[reply]
	err        error
}

// open starts the nodes.
func open(cfg targets.Config, nodeConfig refdb.Config, shards *sharded.Config) (*Cluster, error) {
	if cfg.Nodes < 1 || cfg.Nodes > maxNodes {
		return nil, fmt.Errorf("%d nodes: expected 1 to %d", cfg.Nodes, maxNodes)
	}
	c := &Cluster{
		world:      sim.New(prng.Derive(cfg.Seed, "world")),
		nodeConfig: nodeConfig,
		vocabulary: vocabularies[cfg.Workload],
		shards:     shards,
		words:      txnVocabularies[cfg.Workload],
		seed:       cfg.Seed,
		observe:    cfg.Protocol,
	}
	for i := range c.groups {
		c.groups[i] = sharded.ShardID(i).String()
	}
	c.hardware = drawHardware(prng.New(cfg.Seed, "hardware"))
	if cfg.Settings[linksSetting] == linksSlow {
		c.hardware.link = slowLink
	}
	c.world.Network().SetLatency(c.hardware.link)
	if cfg.Trace != nil {
		c.trace = &tracer{out: cfg.Trace}
		c.world.Observe(c.trace)
	}
	for i := range cfg.Nodes {
		id := refdb.NodeID(i + 1)
		host := c.world.AddHost(id.String())
		if c.shards != nil {
			host.Boot(c.bootShards(id))
		} else {
			host.Boot(c.boot(id))
		}
		host.Disk().SetLatency(c.hardware.sync)
		c.nodes = append(c.nodes, host)
		c.names = append(c.names, host.Name())
		c.nodeConfig.Peers = append(c.nodeConfig.Peers, id)
	}
	for thread := range cfg.Threads {
		c.clients = append(c.clients, c.addClient(thread))
	}
	for _, h := range c.nodes {
		h.Start()
	}
	return c, c.err
}

// Nodes names the nodes.
func (c *Cluster) Nodes() []string { return c.names }

// Capabilities says that everything simulated is possible, and on what hardware.
func (c *Cluster) Capabilities() []targets.Capability {
	list := []targets.Capability{{Name: "hardware", Available: true, Detail: c.hardware.String()}}
	for _, family := range faultModel {
		list = append(list, targets.Capability{Name: family, Available: true, Detail: "simulated"})
	}
	return append(list, targets.Capability{Name: "membership", Detail: "--set members=dynamic makes it possible"})
}

// Capabilities says that the group can change, too.
func (d *dynamic) Capabilities() []targets.Capability {
	list := d.Cluster.Capabilities()
	list[len(list)-1] = targets.Capability{Name: "membership", Available: true, Detail: "simulated"}
	return list
}

// Close ends the simulation.
func (c *Cluster) Close() error { return nil }

// Now is the virtual time.
func (c *Cluster) Now() int64 { return c.world.Now() }

// At calls f at a virtual time.
func (c *Cluster) At(t int64, f func()) { c.world.At(t, f) }

// Step executes the next event.
func (c *Cluster) Step() bool { return c.err == nil && c.world.Step() }

// Err is why the simulation stopped, or nil.
func (c *Cluster) Err() error { return errors.Join(c.err, c.trace.failed()) }

// Events is how many events were executed.
func (c *Cluster) Events() uint64 { return c.world.Events() }

// fail stops the simulation; the first reason stays.
func (c *Cluster) fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

func (c *Cluster) node(name string) (*sim.Host, error) {
	for _, h := range c.nodes {
		if h.Name() == name {
			return h, nil
		}
	}
	return nil, fmt.Errorf("there is no node %q", name)
}

// clientRand is the randomness of one process's client.
func (c *Cluster) clientRand(name string) *rand.Rand { return prng.New(c.seed, "client/"+name) }
