package simulated

import (
	"math/rand/v2"
	"time"

	"checker/internal/prng"
	"checker/sim"
	"checker/targets/refdb"
)

// How an operator changes the members: one step at a time, this far apart.
const (
	minChangePause = 100 * time.Millisecond
	maxChangePause = 900 * time.Millisecond
)

// operatorSession is the session of the operator, beyond that of any process.
const operatorSession = 1 << 62

// operator changes the members of the group for as long as the simulation goes
// on, as the setting members=churn asks for. Each change is a request like any
// client's: asked of every node, answered by the leader. Half of them take a
// member out, half bring one back, as a learner first.
type operator struct {
	cluster *Cluster
	host    *sim.Host
	rng     *rand.Rand
	seq     uint64
}

func (c *Cluster) addOperator() {
	host := c.world.AddHost("operator")
	host.Boot(func(h *sim.Host) sim.Program {
		o := &operator{cluster: c, host: h, rng: prng.New(c.seed, "operator")}
		o.pause()
		return o
	})
	host.Start()
}

func (o *operator) pause() {
	mono, _ := o.host.Clock()
	o.host.SetDeadline(mono + int64(minChangePause) + o.rng.Int64N(int64(maxChangePause-minChangePause)))
}

// Timer asks for the next change.
func (o *operator) Timer() {
	ops := [...]refdb.Op{refdb.Remove, refdb.Remove, refdb.AddLearner, refdb.Promote}
	id := 1 + o.rng.IntN(len(o.cluster.nodes))
	o.seq++
	r := refdb.Request{Client: operatorSession, Seq: o.seq, Attempt: 1,
		Command: refdb.Command{Op: ops[o.rng.IntN(len(ops))], Key: int64(id)}}
	for _, node := range o.cluster.nodes {
		o.host.Send(node, packetOverhead, &request{r})
	}
	o.pause()
}

// Receive ignores the answer: the operator's next wish depends on none.
func (o *operator) Receive(*sim.Host, any) {}

// DiskDone never happens: an operator has no use for its disk.
func (o *operator) DiskDone(uint64, error) {}
