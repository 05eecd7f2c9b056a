package etcd

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	clientv3 "go.etcd.io/etcd/client/v3"

	"checker/history"
)

func (c *client) read(ctx context.Context, op history.Op) (history.Op, error) {
	key, _, keyed := op.Value.Pair()
	if !keyed {
		return refused(op, "a read of a register takes [k nil]"), nil
	}
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
	return ok(op, history.Vector(key, value)), nil
}

func (c *client) write(ctx context.Context, op history.Op) (history.Op, error) {
	key, value, keyed := op.Value.Pair()
	if !keyed {
		return refused(op, "a write of a register takes [k v]"), nil
	}
	_, err := c.kv.Put(ctx, registers+key.String(), value.String())
	return ok(op, op.Value), err
}

func (c *client) cas(ctx context.Context, op history.Op) (history.Op, error) {
	key, change, _ := op.Value.Pair()
	before, after, isChange := change.Pair()
	if !isChange {
		return refused(op, "a compare-and-set takes [k [old new]]"), nil
	}
	name := registers + key.String()
	r, err := c.kv.Txn(ctx).If(clientv3.Compare(clientv3.Value(name), "=", before.String())).Then(clientv3.OpPut(name, after.String())).Commit()
	switch {
	case err != nil:
		return op, err
	case !r.Succeeded:
		return refused(op, "the register holds something else"), nil
	}
	return ok(op, op.Value), nil
}

// add puts an element into the set: a key for each.
func (c *client) add(ctx context.Context, op history.Op) (history.Op, error) {
	_, err := c.kv.Put(ctx, elements+op.Value.String(), "")
	return ok(op, op.Value), err
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
	return ok(op, history.Ints(all...)), nil
}

// parseList reads a list as it is kept: numbers with blanks between.
func parseList(text []byte) ([]int64, error) {
	var list []int64
	for _, word := range strings.Fields(string(text)) {
		n, err := strconv.ParseInt(word, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("the list is %q: %w", text, err)
		}
		list = append(list, n)
	}
	return list, nil
}

// formatList writes a list as it is kept.
func formatList(list []int64) string {
	var text []byte
	for i, n := range list {
		if i > 0 {
			text = append(text, ' ')
		}
		text = strconv.AppendInt(text, n, 10)
	}
	return string(text)
}
