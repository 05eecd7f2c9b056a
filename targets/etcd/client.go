package etcd

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	clientv3 "go.etcd.io/etcd/client/v3"

	"checker/history"
)

// Where values are kept.
const (
	registers = "register/"
	elements  = "set/"
	locks     = "lock/"
)

// client is the session of a process.
type client struct {
	kv      *clientv3.Client
	local   bool
	process history.Process
	session session // for locks
}

// Close ends the session.
func (c *client) Close() error { return c.kv.Close() }

// Invoke executes an op.
func (c *client) Invoke(ctx context.Context, op history.Op) history.Op {
	var err error
	done := op
	switch key, value, keyed := op.Value.Pair(); {
	case op.F == "read" && keyed:
		done, err = c.read(ctx, op, key)
	case op.F == "write" && keyed:
		_, err = c.kv.Put(ctx, registers+key.String(), value.String())
		done.Type = history.Ok
	case op.F == "cas" && keyed:
		done, err = c.cas(ctx, op, key, value)
	case op.F == "add":
		_, err = c.kv.Put(ctx, elements+op.Value.String(), "")
		done.Type = history.Ok
	case op.F == "read":
		done, err = c.readSet(ctx, op)
	case op.F == "acquire" && keyed:
		done, err = c.acquire(ctx, op, key)
	case op.F == "release" && keyed:
		done, err = c.release(ctx, op, key)
	default:
		op.Type, op.Error = history.Fail, history.String("the client does not know this op")
		return op
	}
	if err != nil {
		return failed(op, err)
	}
	return done
}

func (c *client) readOptions(more ...clientv3.OpOption) []clientv3.OpOption {
	if c.local {
		return append(more, clientv3.WithSerializable())
	}
	return more
}

func (c *client) read(ctx context.Context, op history.Op, key history.Value) (history.Op, error) {
	r, err := c.kv.Get(ctx, registers+key.String(), c.readOptions()...)
	if err != nil {
		return op, err
	}
	value := history.Nil
	if len(r.Kvs) > 0 {
		n, err := strconv.ParseInt(string(r.Kvs[0].Value), 10, 64)
		if err != nil {
			return op, fmt.Errorf("the register holds %q: %w", r.Kvs[0].Value, err)
		}
		value = history.Int(n)
	}
	op.Type, op.Value = history.Ok, history.Vector(key, value)
	return op, nil
}

func (c *client) cas(ctx context.Context, op history.Op, key, change history.Value) (history.Op, error) {
	before, after, ok := change.Pair()
	if !ok {
		op.Type, op.Error = history.Fail, history.String("a compare-and-set takes [k [old new]]")
		return op, nil
	}
	name := registers + key.String()
	r, err := c.kv.Txn(ctx).If(clientv3.Compare(clientv3.Value(name), "=", before.String())).Then(clientv3.OpPut(name, after.String())).Commit()
	if err != nil {
		return op, err
	}
	op.Type = history.Ok
	if !r.Succeeded {
		op.Type = history.Fail
	}
	return op, nil
}

func (c *client) readSet(ctx context.Context, op history.Op) (history.Op, error) {
	r, err := c.kv.Get(ctx, elements, c.readOptions(clientv3.WithPrefix(), clientv3.WithKeysOnly())...)
	if err != nil {
		return op, err
	}
	all := make([]int64, len(r.Kvs))
	for i, kv := range r.Kvs {
		if all[i], err = strconv.ParseInt(strings.TrimPrefix(string(kv.Key), elements), 10, 64); err != nil {
			return op, fmt.Errorf("the set holds %q: %w", kv.Key, err)
		}
	}
	op.Type, op.Value = history.Ok, history.Ints(all...)
	return op, nil
}
