package etcd

import (
	"context"
	"errors"

	clientv3 "go.etcd.io/etcd/client/v3"

	"checker/history"
)

// leaseSeconds is how long a lock outlives the last sign of its holder.
const leaseSeconds = 2

// session is the lease under which a process holds locks, which the client renews in
// the background, as etcd's own recipe does.
type session struct {
	lease clientv3.LeaseID // 0 until there is one
	over  <-chan *clientv3.LeaseKeepAliveResponse
}

// begin sees to it that there is a lease that the client takes for valid.
func (c *client) begin(ctx context.Context) error {
	if c.session.lease != 0 && c.session.lives() {
		return nil
	}
	granted, err := c.kv.Grant(ctx, leaseSeconds)
	if err != nil {
		return err
	}
	renewed, err := c.kv.KeepAlive(context.WithoutCancel(ctx), granted.ID)
	if err != nil {
		return err
	}
	c.session = session{lease: granted.ID, over: renewed}
	return nil
}

// lives takes note of renewals. The channel closes when the lease is over.
func (s *session) lives() bool {
	for {
		select {
		case _, ok := <-s.over:
			if !ok {
				s.lease = 0
				return false
			}
		default:
			return true
		}
	}
}

// acquire makes the process holder, if there is none. The token is the revision, as
// etcd's documentation recommends.
func (c *client) acquire(ctx context.Context, op history.Op, key history.Value) (history.Op, error) {
	if err := c.begin(ctx); err != nil {
		op.Type, op.Error = history.Fail, history.String("no lease: "+err.Error())
		return op, nil // the lock has not been asked for
	}
	name := locks + key.String()
	r, err := c.kv.Txn(ctx).If(clientv3.Compare(clientv3.CreateRevision(name), "=", 0)).
		Then(clientv3.OpPut(name, c.process.String(), clientv3.WithLease(c.session.lease))).Commit()
	if err != nil {
		return op, err
	}
	op.Type = history.Fail
	if r.Succeeded {
		op.Type, op.Value = history.Ok, history.Vector(key, history.Int(r.Header.Revision))
	}
	return op, nil
}

// release gives the lock back, if the server still takes the process for its holder.
func (c *client) release(ctx context.Context, op history.Op, key history.Value) (history.Op, error) {
	if c.session.lease == 0 {
		return op, errors.Join(errNothingSent, errors.New("no lease"))
	}
	name := locks + key.String()
	r, err := c.kv.Txn(ctx).If(clientv3.Compare(clientv3.Value(name), "=", c.process.String())).Then(clientv3.OpDelete(name)).Commit()
	if err != nil {
		return op, err
	}
	op.Type = history.Ok
	if !r.Succeeded {
		op.Type = history.Fail
	}
	return op, nil
}
