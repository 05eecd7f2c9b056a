package docker

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"time"

	"github.com/moby/moby/client"
)

// Swept is what a sweep did.
type Swept struct {
	Runs    []string // whose objects were removed
	Kept    []string // runs that live, or of which nobody here can tell
	Objects int      // containers, volumes and networks that were removed
}

// Sweep removes what runs left behind whose harness is provably dead. With all it
// removes those, too, of which that cannot be told: runs that were left up, and
// those of other machines that use the same engine. Runs that live stay.
func (e *Engine) Sweep(ctx context.Context, all bool) (Swept, error) {
	var s Swept
	owners, err := e.owners(ctx)
	if err != nil {
		return s, err
	}
	runs := make([]string, 0, len(owners))
	for run := range owners {
		runs = append(runs, run)
	}
	sort.Strings(runs)
	me, _ := owner()
	var errs []error
	for _, run := range runs {
		if dead := provablyDead(owners[run]); !dead && (!all || owners[run] == me || livesHere(owners[run])) {
			s.Kept = append(s.Kept, run)
			continue
		}
		n, err := e.remove(ctx, run)
		errs = append(errs, err)
		s.Objects += n
		s.Runs = append(s.Runs, run)
	}
	return s, errors.Join(errs...)
}

// ofRun selects the objects of a run, or of any.
func ofRun(run string) client.Filters {
	label := labelRun
	if run != "" {
		label += "=" + run
	}
	return make(client.Filters).Add("label", label)
}

// owners returns who owns each run of which there is an object.
func (e *Engine) owners(ctx context.Context) (map[string]string, error) {
	found := map[string]string{}
	note := func(labels map[string]string) { found[labels[labelRun]] = labels[labelOwner] }
	containers, err := e.api.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: ofRun("")})
	if err != nil {
		return nil, err
	}
	for _, c := range containers.Items {
		note(c.Labels)
	}
	networks, err := e.api.NetworkList(ctx, client.NetworkListOptions{Filters: ofRun("")})
	if err != nil {
		return nil, err
	}
	for _, n := range networks.Items {
		note(n.Labels)
	}
	volumes, err := e.api.VolumeList(ctx, client.VolumeListOptions{Filters: ofRun("")})
	if err != nil {
		return nil, err
	}
	for _, v := range volumes.Items {
		note(v.Labels)
	}
	return found, nil
}

// remove removes every object of a run, and counts them.
func (e *Engine) remove(ctx context.Context, run string) (n int, err error) {
	containers, err := e.api.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: ofRun(run)})
	if err != nil {
		return 0, err
	}
	ended := make(chan error, len(containers.Items))
	for _, c := range containers.Items {
		go func() {
			ended <- retry(ctx, func() error {
				_, err := e.api.ContainerRemove(ctx, c.ID, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
				return err
			})
		}()
	}
	var errs []error
	for range containers.Items {
		errs = append(errs, <-ended)
	}
	networks, err := e.api.NetworkList(ctx, client.NetworkListOptions{Filters: ofRun(run)})
	errs = append(errs, err)
	for _, net := range networks.Items {
		errs = append(errs, retry(ctx, func() error {
			_, err := e.api.NetworkRemove(ctx, net.ID, client.NetworkRemoveOptions{})
			return err
		}))
	}
	volumes, err := e.api.VolumeList(ctx, client.VolumeListOptions{Filters: ofRun(run)})
	errs = append(errs, err)
	for _, v := range volumes.Items {
		errs = append(errs, retry(ctx, func() error {
			_, err := e.api.VolumeRemove(ctx, v.Name, client.VolumeRemoveOptions{Force: true})
			return err
		}))
	}
	return len(containers.Items) + len(networks.Items) + len(volumes.Items), errors.Join(errs...)
}

// retry tries a removal a few times: an engine that is still busy with the object,
// or with what uses it, refuses.
func retry(ctx context.Context, remove func() error) error {
	var err error
	for range 20 {
		if err = remove(); err == nil || isGone(err) {
			return nil
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ctx.Err(), err)
		}
	}
	return err
}
