package docker

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"checker/internal/prng"
	"checker/nemesis"
	"checker/nemesis/agent"
)

// diskCapabilities are those that a file system of ours needs beside the others:
// mounting, entering the mounts of the database, and doing as the database's user
// would.
var diskCapabilities = []string{"SYS_ADMIN", "SYS_CHROOT", "CHOWN", "FOWNER", "FSETID", "MKNOD"}

// giveDisk gives the agent's container the volume of the data, and what it needs to
// put a disk in front of it.
func (p *pod) giveDisk(host *container.HostConfig) {
	host.CapAdd = slices.Concat(agentCapabilities, diskCapabilities)
	host.Devices = []container.DeviceMapping{{PathOnHost: "/dev/fuse", PathInContainer: "/dev/fuse", CgroupPermissions: "rwm"}}
	host.SecurityOpt = []string{"apparmor=unconfined"} // which forbids mounts otherwise
	host.Mounts = append(host.Mounts, p.volume(agent.BackingFolder))
}

// insertDisks puts a disk in front of every volume, or notes why that cannot be.
func (e *Environment) insertDisks(ctx context.Context) error {
	if e.disks == "" {
		return nil
	}
	if err := e.can(agent.CanImpair); err != nil {
		e.disks, e.noDisk = "", err.Error()
		return nil
	}
	return e.each(func(p *pod) error {
		seed := prng.Derive(e.spec.Seed, "docker/disk/"+p.Name)
		_, err := p.agent.Ask(ctx, agent.Request{Do: agent.Insert, Seed: seed})
		return err
	})
}

// behindGate has the database wait for its disk.
func (p *pod) behindGate(c Command) Command {
	if p.env.disks != "" {
		c.Args = append([]string{agent.GatePath, "agent", "--gate", p.env.spec.Data, "--"}, c.Args...)
	}
	return c
}

// placeGate copies this program into the container of the database.
func (p *pod) placeGate(ctx context.Context) error {
	if p.env.disks == "" {
		return nil
	}
	content, err := os.ReadFile(p.env.disks)
	if err != nil {
		return err
	}
	reader, writer := io.Pipe()
	defer reader.Close()
	go func() {
		archive := tar.NewWriter(writer)
		err := archive.WriteHeader(&tar.Header{Name: agent.GatePath[1:], Mode: 0o755, Size: int64(len(content))})
		if err == nil {
			_, err = archive.Write(content)
		}
		writer.CloseWithError(errors.Join(err, archive.Close()))
	}()
	_, err = p.env.engine.api.CopyToContainer(ctx, p.database, client.CopyToContainerOptions{DestinationPath: "/", Content: reader})
	return err
}

// attachDisk opens the gate.
func (p *pod) attachDisk(ctx context.Context) error {
	if p.env.disks == "" {
		return nil
	}
	if _, err := p.agent.Ask(ctx, agent.Request{Do: agent.Attach, Folder: p.env.spec.Data}); err != nil {
		return p.explain(err.Error())
	}
	return nil
}

// canImpair returns an error unless there are disks.
func (e *Environment) canImpair() error {
	switch {
	case e.disks != "":
		return nil
	case e.noDisk != "":
		return fmt.Errorf("disk faults: %s", e.noDisk)
	}
	return errors.New("disk faults: the nodes were set up without disks that can be faulty")
}

// PowerOff kills the database, and has its disk forget what was not synced.
func (e *Environment) PowerOff(ctx context.Context, node string, keep nemesis.Keep) (killed bool, lost uint64, err error) {
	if err := e.canImpair(); err != nil {
		return false, 0, err
	}
	p, err := e.pod(node)
	if err != nil {
		return false, 0, err
	}
	p.turns.Lock()
	defer p.turns.Unlock()
	// First, or a sync that is under way would come to its end before the process does.
	if _, err := p.agent.Ask(ctx, agent.Request{Do: agent.Cut}); err != nil {
		return false, 0, err
	}
	if killed, err = p.kill(ctx); err != nil {
		return killed, 0, err
	}
	r, err := p.agent.Ask(ctx, agent.Request{Do: agent.Lose, Keep: string(keep)})
	return killed, r.Lost, err
}

// Impair makes the disks of these nodes faulty, and those of all others well.
func (e *Environment) Impair(ctx context.Context, nodes []string, f nemesis.DiskFaults) error {
	if err := e.canImpair(); err != nil {
		return err
	}
	for _, node := range nodes {
		if _, err := e.pod(node); err != nil {
			return err
		}
	}
	damage := agent.Damage{
		Read: f.Read.Probability(), Write: f.Write.Probability(), Sync: f.Sync.Probability(),
		SlowRead: f.SlowRead, SlowWrite: f.SlowWrite, SlowSync: f.SlowSync,
		Flip: f.Flip.Probability(), Full: f.Full, Left: f.Left,
	}
	return e.each(func(p *pod) error {
		q := agent.Request{Do: agent.Impair}
		if slices.Contains(nodes, p.Name) {
			q.Damage = damage
		}
		_, err := p.agent.Ask(ctx, q)
		return err
	})
}

// Damage flips bits of a node's files, or cuts one short, while its database is down.
func (e *Environment) Damage(ctx context.Context, node string, f nemesis.DiskFaults) ([]nemesis.Harm, error) {
	if err := errors.Join(e.canImpair(), e.can(agent.CanDamage)); err != nil {
		return nil, err
	}
	p, err := e.pod(node)
	if err != nil {
		return nil, err
	}
	q := agent.Request{Do: agent.Rot, Bits: f.Bits, Seed: prng.Derive(e.spec.Seed, fmt.Sprintf("docker/damage/%s/%d", node, p.damaged))}
	if f.Bytes > 0 {
		q.Do, q.Bytes = agent.CutOff, f.Bytes
	}
	p.damaged++
	r, err := e.ask(ctx, node, q)
	var harm []nemesis.Harm
	for _, h := range r.Harm {
		harm = append(harm, nemesis.Harm{File: h.File, Amount: uint64(h.Amount)})
	}
	return harm, err
}

// Repair makes all disks well, and mends files that were damaged.
func (e *Environment) Repair(ctx context.Context) error {
	if err := e.Impair(ctx, nil, nemesis.DiskFaults{}); err != nil {
		return err
	}
	return e.each(func(p *pod) error {
		if p.damaged == 0 {
			return nil
		}
		_, err := e.ask(ctx, p.Name, agent.Request{Do: agent.Mend})
		return err
	})
}

// DiskCounts counts what the disks of all nodes did.
func (e *Environment) DiskCounts(ctx context.Context) (nemesis.DiskCounts, error) {
	_, disks, err := e.counts(ctx)
	return disks, err
}
