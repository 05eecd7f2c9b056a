package etcd

import (
	"context"
	"fmt"

	clientv3 "go.etcd.io/etcd/client/v3"

	"checker/history"
)

// micro is a step of a transaction.
type micro struct {
	f     string // r, append or w
	key   string
	value int64
}

// parseMicros reads a transaction.
func parseMicros(v history.Value) ([]micro, error) {
	var all []micro
	for _, m := range v.Elems() {
		parts := m.Elems()
		if len(parts) != 3 {
			return nil, fmt.Errorf("%s is no step of a transaction", m)
		}
		n, isNumber := parts[2].Int()
		one := micro{f: parts[0].Text(), key: objects + parts[1].String(), value: n}
		switch {
		case one.f == "r":
		case (one.f == "append" || one.f == "w") && isNumber:
		default:
			return nil, fmt.Errorf("%s is no step of a transaction", m)
		}
		all = append(all, one)
	}
	return all, nil
}

// txn is a transaction under way: what is known of the keys that it touches. A
// register is a list of one.
type txn struct {
	values    map[string][]int64
	revisions map[string]int64 // of the keys whose former value matters, when last modified
	written   []string         // in order, each once
}

// transactions executes them the optimistic way, as etcd's documentation has it:
// read the keys at one revision, then write in an etcd transaction which compares
// that none of them was modified since. One that only reads ends with the first
// step, one that only overwrites begins with the second. Seen is how a value that is
// read appears in the history.
func transactions(seen func(list []int64) history.Value) method {
	return func(c *client, ctx context.Context, op history.Op) (history.Op, error) {
		return c.transact(ctx, op, seen)
	}
}

// seenList is a list that is read.
func seenList(list []int64) history.Value { return history.Ints(list...) }

// seenRegister is a register that is read: a list of one, or nil.
func seenRegister(list []int64) history.Value {
	if len(list) == 0 {
		return history.Nil
	}
	return history.Int(list[0])
}

func (c *client) transact(ctx context.Context, op history.Op, seen func([]int64) history.Value) (history.Op, error) {
	micros, err := parseMicros(op.Value)
	if err != nil {
		return refused(op, err.Error()), nil
	}
	t := &txn{values: map[string][]int64{}, revisions: map[string]int64{}}
	if err := t.fetch(ctx, c, former(micros)); err != nil {
		done := failed(op, err)
		done.Type = history.Fail // nothing has been written
		return done, nil
	}
	results := t.execute(op.Value.Elems(), micros, seen)
	if len(t.written) > 0 {
		committed, err := t.commit(ctx, c)
		switch {
		case err != nil:
			return op, err
		case !committed:
			return refused(op, "another transaction was faster"), nil
		}
	}
	return ok(op, history.Vector(results...)), nil
}

// former are the keys whose value before the transaction matters, each once: those
// that are read or appended to before they are overwritten.
func former(micros []micro) []string {
	var keys []string
	known := map[string]bool{}
	for _, m := range micros {
		if !known[m.key] && m.f != "w" {
			keys = append(keys, m.key)
		}
		known[m.key] = true
	}
	return keys
}

// fetch reads keys at one revision.
func (t *txn) fetch(ctx context.Context, c *client, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	gets := make([]clientv3.Op, len(keys))
	for i, key := range keys {
		gets[i] = clientv3.OpGet(key, c.readOptions()...)
	}
	r, err := c.kv.Txn(ctx).Then(gets...).Commit()
	if err != nil {
		return err
	}
	for i, key := range keys {
		t.revisions[key] = 0 // of a key that is not there
		for _, kv := range r.Responses[i].GetResponseRange().Kvs {
			if t.values[key], err = parseList(kv.Value); err != nil {
				return err
			}
			t.revisions[key] = kv.ModRevision
		}
	}
	return nil
}

// execute works out what is read and what is to be written. A transaction sees its
// own writes.
func (t *txn) execute(given []history.Value, micros []micro, seen func([]int64) history.Value) []history.Value {
	results := make([]history.Value, len(micros))
	changed := map[string]bool{}
	for i, m := range micros {
		results[i] = given[i]
		switch parts := given[i].Elems(); m.f {
		case "r":
			results[i] = history.Vector(parts[0], parts[1], seen(t.values[m.key]))
			continue
		case "append":
			t.values[m.key] = append(t.values[m.key], m.value)
		case "w":
			t.values[m.key] = []int64{m.value}
		}
		if !changed[m.key] {
			changed[m.key] = true
			t.written = append(t.written, m.key)
		}
	}
	return results
}

// commit writes, unless a key whose former value matters was modified.
func (t *txn) commit(ctx context.Context, c *client) (bool, error) {
	var same []clientv3.Cmp
	for key, revision := range t.revisions {
		same = append(same, clientv3.Compare(clientv3.ModRevision(key), "=", revision))
	}
	var puts []clientv3.Op
	for _, key := range t.written {
		puts = append(puts, clientv3.OpPut(key, formatList(t.values[key])))
	}
	r, err := c.kv.Txn(ctx).If(same...).Then(puts...).Commit()
	if err != nil {
		return false, err
	}
	return r.Succeeded, nil
}
