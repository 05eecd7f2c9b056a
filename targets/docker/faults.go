package docker

import (
	"context"
	"fmt"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"checker/internal/prng"
	"checker/nemesis"
	"checker/nemesis/agent"
)

var (
	_ nemesis.ClientPartitioner = (*Environment)(nil)
	_ nemesis.Killer            = (*Environment)(nil)
	_ nemesis.Pauser            = (*Environment)(nil)
	_ nemesis.Counters          = (*Environment)(nil)
	_ nemesis.Clocks            = (*Environment)(nil)
	_ nemesis.Shaper            = (*Environment)(nil)
	_ nemesis.Disks             = (*Environment)(nil)
)

// healWithin is how long nodes may take to hear each other again.
const healWithin = 10 * time.Second

func (e *Environment) pod(node string) (*pod, error) {
	p, ok := e.byName[node]
	if !ok {
		return nil, fmt.Errorf("there is no node %q", node)
	}
	return p, nil
}

// CutsClients says that Cut can keep a node from hearing its clients.
func (e *Environment) CutsClients() {}

// Cut cuts these links and no others: the receiver does not hear the sender.
func (e *Environment) Cut(ctx context.Context, links []nemesis.Link) error {
	if err := e.can(agent.CanPartition); err != nil {
		return err
	}
	unheard := map[string][]string{}
	for _, l := range links {
		if l.To == nemesis.ClientName {
			continue // whom its node does not hear
		}
		to, err := e.pod(l.To)
		if err != nil {
			return err
		}
		if l.From == nemesis.ClientName {
			unheard[l.To] = append(unheard[l.To], to.gateway)
			continue
		}
		from, err := e.pod(l.From)
		if err != nil {
			return err
		}
		unheard[l.To] = append(unheard[l.To], from.Address)
	}
	e.strikes.Lock()
	defer e.strikes.Unlock()
	return e.each(func(p *pod) error {
		_, err := p.agent.Ask(ctx, agent.Request{Do: agent.Deafen, Peers: unheard[p.Name]})
		return err
	})
}

// Heal takes all cuts away, and returns when every node answers every other.
func (e *Environment) Heal(ctx context.Context) error {
	if err := e.Cut(ctx, nil); err != nil {
		return err
	}
	if e.can(agent.CanPing) != nil {
		return nil
	}
	return e.each(func(p *pod) error {
		r, err := p.agent.Ask(ctx, agent.Request{Do: agent.Ping, Peers: e.others(p), Patience: healWithin})
		if err == nil && len(r.Silent) > 0 {
			err = fmt.Errorf("healed, and yet %v did not answer within %s", r.Silent, healWithin)
		}
		return err
	})
}

// others are the addresses of all nodes but one.
func (e *Environment) others(p *pod) []string {
	var all []string
	for _, q := range e.pods {
		if q != p {
			all = append(all, q.Address)
		}
	}
	return all
}

// Shape disturbs packets on these links, each at its receiver.
func (e *Environment) Shape(ctx context.Context, links []nemesis.Link, f nemesis.PacketFaults) error {
	if err := e.can(agent.CanShape); err != nil {
		return err
	}
	wires := map[string][]agent.Wire{}
	for _, l := range links {
		from, err := e.pod(l.From)
		if err != nil {
			return err
		}
		if _, err := e.pod(l.To); err != nil {
			return err
		}
		seed := prng.Derive(e.spec.Seed, "docker/faults/"+l.From+">"+l.To)
		wires[l.To] = append(wires[l.To], agent.Wire{From: from.Address, Seed: seed})
	}
	q := agent.Request{Do: agent.Shape, Trouble: agent.Trouble{
		Delay: f.Delay, Jitter: f.Jitter,
		Loss: f.Loss.Probability(), Duplicate: f.Duplicate.Probability(), Corrupt: f.Corrupt.Probability(),
		Reorder: f.Reorder.Probability(), HoldUp: f.HoldUp(),
		Rate: int64(f.Rate), Queue: nemesis.QueueLength,
	}}
	e.strikes.Lock()
	defer e.strikes.Unlock()
	return e.each(func(to *pod) error {
		q := q
		q.Wires = wires[to.Name]
		_, err := to.agent.Ask(ctx, q)
		return err
	})
}

// Unshape lets all packets pass as they are.
func (e *Environment) Unshape(ctx context.Context) error {
	return e.Shape(ctx, nil, nemesis.PacketFaults{})
}

// counts sums what all agents have counted.
func (e *Environment) counts(ctx context.Context) (nemesis.PacketCounts, nemesis.DiskCounts, error) {
	e.strikes.Lock()
	defer e.strikes.Unlock()
	counts := make(chan agent.Counts, len(e.pods))
	err := e.each(func(p *pod) error {
		r, err := p.agent.Ask(ctx, agent.Request{Do: agent.Count})
		if err == nil {
			counts <- *r.Counts
		}
		return err
	})
	close(counts)
	var packets nemesis.PacketCounts
	var disks nemesis.DiskCounts
	for c := range counts {
		packets.Cut += c.Cut
		packets.Delayed += c.Delayed
		packets.Lost += c.Lost
		packets.Duplicated += c.Duplicated
		packets.Reordered += c.Reordered
		packets.Corrupted += c.Corrupted
		packets.Throttled += c.Throttled
		packets.Overrun += c.Overrun
		disks.Failed += c.Disk.Failed
		disks.Refused += c.Disk.Refused
		disks.Flipped += c.Disk.Flipped
		disks.Delayed += c.Disk.Delayed
	}
	return packets, disks, err
}

// PacketCounts counts the packets that were dropped or disturbed at all nodes.
func (e *Environment) PacketCounts(ctx context.Context) (nemesis.PacketCounts, error) {
	packets, _, err := e.counts(ctx)
	return packets, err
}

// Kill kills every process of the database and returns when its container has ended.
func (e *Environment) Kill(ctx context.Context, node string) (bool, error) {
	p, err := e.pod(node)
	if err != nil {
		return false, err
	}
	p.turns.Lock()
	defer p.turns.Unlock()
	return p.kill(ctx)
}

// kill kills; p.turns is held.
func (p *pod) kill(ctx context.Context) (bool, error) {
	p.noteExit(ctx)
	p.up = false
	r, err := p.agent.Ask(ctx, agent.Request{Do: agent.Kill})
	if err != nil {
		return r.Did, err
	}
	ended := p.env.engine.api.ContainerWait(ctx, p.database, client.ContainerWaitOptions{Condition: container.WaitConditionNotRunning})
	select {
	case err = <-ended.Error:
	case <-ended.Result:
	}
	return r.Did, err
}

// Start starts the database unless it runs. It does not wait until it is ready.
func (e *Environment) Start(ctx context.Context, node string) (bool, error) {
	p, err := e.pod(node)
	if err != nil {
		return false, err
	}
	p.turns.Lock()
	defer p.turns.Unlock()
	p.noteExit(ctx)
	running, _, err := p.state(ctx)
	if err != nil || running {
		return false, err
	}
	err = p.run(ctx)
	return err == nil, err
}

// Pause freezes every process of the database.
func (e *Environment) Pause(ctx context.Context, node string) (bool, error) {
	return e.did(ctx, node, agent.Request{Do: agent.Pause})
}

// Resume lets them go on.
func (e *Environment) Resume(ctx context.Context, node string) (bool, error) {
	return e.did(ctx, node, agent.Request{Do: agent.Resume})
}

func (e *Environment) did(ctx context.Context, node string, q agent.Request) (bool, error) {
	r, err := e.ask(ctx, node, q)
	return r.Did, err
}

// ask asks the agent of a node, while nobody else starts or ends the database.
func (e *Environment) ask(ctx context.Context, node string, q agent.Request) (agent.Reply, error) {
	p, err := e.pod(node)
	if err != nil {
		return agent.Reply{}, err
	}
	p.turns.Lock()
	defer p.turns.Unlock()
	return p.agent.Ask(ctx, q)
}

// Bump moves a node's wall clock.
func (e *Environment) Bump(ctx context.Context, node string, delta time.Duration) error {
	return e.move(ctx, node, agent.Request{Do: agent.Bump, Delta: delta})
}

// Strobe moves a node's wall clock to and fro.
func (e *Environment) Strobe(ctx context.Context, node string, s nemesis.Strobe) error {
	return e.move(ctx, node, agent.Request{Do: agent.Strobe, Delta: s.Delta, Period: s.Period, Length: s.For})
}

// Steady ends a strobe of a node's wall clock.
func (e *Environment) Steady(ctx context.Context, node string) error {
	return e.move(ctx, node, agent.Request{Do: agent.Steady})
}

// Drift makes a node's wall clock run fast or slow.
func (e *Environment) Drift(ctx context.Context, node string, ppm int64) error {
	return e.move(ctx, node, agent.Request{Do: agent.Drift, PPM: ppm})
}

// Reset sets a node's wall clock right.
func (e *Environment) Reset(ctx context.Context, node string) error {
	return e.move(ctx, node, agent.Request{Do: agent.Reset})
}

// Offset is how far a node's wall clock is ahead of the truth.
func (e *Environment) Offset(ctx context.Context, node string) (time.Duration, error) {
	if err := e.can(agent.CanSkew); err != nil {
		return 0, err
	}
	r, err := e.ask(ctx, node, agent.Request{Do: agent.Offset})
	return r.Offset, err
}

func (e *Environment) move(ctx context.Context, node string, q agent.Request) error {
	if err := e.can(agent.CanSkew); err != nil {
		return err
	}
	_, err := e.ask(ctx, node, q)
	return err
}
