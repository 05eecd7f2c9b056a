package etcd

import (
	"context"
	"errors"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/client/v3/concurrency"

	"checker/history"
)

// leaseSeconds is how long a lock outlives the last sign of its holder.
const leaseSeconds = 2

// begin sees to it that there is a session whose lease the client takes for valid.
// The client renews it in the background.
func (c *client) begin(ctx context.Context) error {
	if c.session != nil {
		select {
		case <-c.session.Done():
		default:
			return nil
		}
	}
	granted, err := c.kv.Grant(ctx, leaseSeconds)
	if err != nil {
		return err
	}
	c.session, err = concurrency.NewSession(c.kv, concurrency.WithLease(granted.ID))
	c.held = map[string]*concurrency.Mutex{}
	return err
}

// acquire makes the process holder, if there is none, by etcd's own recipe. The
// token is the revision of that moment.
func (c *client) acquire(ctx context.Context, op history.Op) (history.Op, error) {
	key, _, keyed := op.Value.Pair()
	if !keyed {
		return refused(op, "an acquire takes [k nil]"), nil
	}
	if err := c.begin(ctx); err != nil {
		return refused(op, "no lease: "+err.Error()), nil // the lock has not been asked for
	}
	m := concurrency.NewMutex(c.session, locks+key.String())
	switch err := m.TryLock(ctx); {
	case errors.Is(err, concurrency.ErrLocked):
		return refused(op, "somebody else holds it"), nil
	case err != nil:
		return op, err
	}
	c.held[key.String()] = m
	return ok(op, history.Vector(key, history.Int(m.Header().Revision))), nil
}

// release gives the lock back, if the server still takes the process for its holder.
func (c *client) release(ctx context.Context, op history.Op) (history.Op, error) {
	key, _, _ := op.Value.Pair()
	m := c.held[key.String()]
	if m == nil {
		return refused(op, "the client has not acquired it"), nil
	}
	r, err := c.kv.Txn(ctx).If(m.IsOwner()).Then(clientv3.OpDelete(m.Key())).Commit()
	if err != nil {
		return op, err
	}
	delete(c.held, key.String())
	if !r.Succeeded {
		return refused(op, "its lease was over"), nil
	}
	return ok(op, op.Value), nil
}

// addLocked adds an element to a set that is one value, as clients do who trust in a
// lock: acquire it, read the set, write it with the element, release. The client
// looks whether its lease is over by what it knows; with the guard the server looks
// whether the lock is still held, in the same transaction.
func (c *client) addLocked(ctx context.Context, op history.Op) (history.Op, error) {
	element, isNumber := op.Value.Int()
	if !isNumber {
		return refused(op, "an add takes a number"), nil
	}
	if err := c.begin(ctx); err != nil {
		return refused(op, "no lease: "+err.Error()), nil
	}
	m := concurrency.NewMutex(c.session, locks+elements)
	if err := m.Lock(ctx); err != nil {
		return refused(op, "no lock: "+err.Error()), nil
	}
	// A lock that cannot be given back is the session's still: its next op has it at
	// once, and if there is none, the lease runs out.
	defer m.Unlock(ctx)
	set, err := c.resource(ctx)
	if err != nil {
		return refused(op, "the set was not read: "+err.Error()), nil
	}
	select {
	case <-time.After(c.hold):
	case <-c.session.Done():
		return refused(op, "the lease ran out before the set was written"), nil
	case <-ctx.Done():
		return refused(op, "no time was left to write the set"), nil
	}
	txn := c.kv.Txn(ctx)
	if c.guarded {
		txn = txn.If(m.IsOwner())
	}
	r, err := txn.Then(clientv3.OpPut(resources, formatList(append(set, element)))).Commit()
	switch {
	case err != nil:
		return op, err
	case !r.Succeeded:
		return refused(op, "the lock was somebody else's by then"), nil
	}
	return ok(op, op.Value), nil
}

// resource reads the set that the lock guards.
func (c *client) resource(ctx context.Context, more ...clientv3.OpOption) ([]int64, error) {
	r, err := c.kv.Get(ctx, resources, more...)
	if err != nil || len(r.Kvs) == 0 {
		return nil, err
	}
	return parseList(r.Kvs[0].Value)
}

// readLocked reads the set without the lock: one value is never seen half-written.
func (c *client) readLocked(ctx context.Context, op history.Op) (history.Op, error) {
	set, err := c.resource(ctx, c.readOptions()...)
	return ok(op, history.Ints(set...)), err
}

// seize takes a lock, whoever holds it, as happens when a lease runs out. The token
// is the revision.
func (c *client) seize(ctx context.Context, op history.Op) (history.Op, error) {
	key, _, keyed := op.Value.Pair()
	if !keyed {
		return refused(op, "an acquire takes [k nil]"), nil
	}
	r, err := c.kv.Put(ctx, locks+key.String(), c.process.String())
	if err != nil {
		return op, err
	}
	return ok(op, history.Vector(key, history.Int(r.Header.Revision))), nil
}

// writeFenced writes what a lock guards, under a token. With the guard the server
// looks whether the token is the latest, in the same transaction.
func (c *client) writeFenced(ctx context.Context, op history.Op) (history.Op, error) {
	key, v, _ := op.Value.Pair()
	token, value, isWrite := v.Pair()
	revision, isToken := token.Int()
	if !isWrite || !isToken {
		return refused(op, "a guarded write takes [k [token v]]"), nil
	}
	txn := c.kv.Txn(ctx)
	if c.guarded {
		txn = txn.If(clientv3.Compare(clientv3.ModRevision(locks+key.String()), "=", revision))
	}
	r, err := txn.Then(clientv3.OpPut(resources+key.String(), value.String())).Commit()
	switch {
	case err != nil:
		return op, err
	case !r.Succeeded:
		return refused(op, "the token is not the latest"), nil
	}
	return ok(op, op.Value), nil
}
