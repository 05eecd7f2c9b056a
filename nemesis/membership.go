package nemesis

import (
	"context"
	"errors"
	"fmt"
)

// member asks for changes of the group. It first counts those that took effect since
// the change before was asked for.
func (n *Nemesis) member(ctx context.Context, f Fault, r *report) error {
	now, countErr := n.countChanges(ctx)
	n.changing.measure(now, r, func(c changes) { r.count("changed", uint64(c)) })
	err := n.askMembers(ctx, f, r)
	n.changing.next(f, now, err)
	return errors.Join(err, countErr)
}

func (n *Nemesis) askMembers(ctx context.Context, f Fault, r *report) error {
	if f.Verb == MemberRestore {
		clear(n.outside)
		return n.members.Restore(ctx)
	}
	asked, _, err := each(ctx, f.Nodes, func(ctx context.Context, node string) (bool, error) {
		if f.Verb != MemberAdd {
			if err := n.members.Remove(ctx, node); err != nil {
				return false, err
			}
			n.outside[node] = true
		}
		if f.Verb != MemberRemove {
			if err := n.members.Add(ctx, node); err != nil {
				return false, err
			}
			delete(n.outside, node)
		}
		return true, nil
	})
	r.nodes("asked", asked)
	return err
}

// changes counts those of the group.
type changes uint64

// Sub returns how many there were since an earlier reading.
func (c changes) Sub(earlier changes) changes { return c - earlier }

func (n *Nemesis) countChanges(ctx context.Context) (*changes, error) {
	count, err := n.members.MemberChanges(ctx)
	if err != nil {
		return nil, fmt.Errorf("changes of the group: %w", err)
	}
	c := changes(count)
	return &c, nil
}
