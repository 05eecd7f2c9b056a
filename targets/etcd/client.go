package etcd

import (
	"context"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/client/v3/concurrency"

	"checker/history"
)

// Where values are kept.
const (
	registers = "register/"
	elements  = "set/"
	objects   = "object/" // of transactions: lists or registers
	locks     = "lock/"
	resources = "resource/" // that locks guard
)

// habits are how clients go about their ops, by the settings of the run.
type habits struct {
	local   bool          // reads are answered by the node itself
	guarded bool          // what a lock guards looks at the lock's revision
	hold    time.Duration // how long a lock is held over a read and a write
}

// client is the session of a process.
type client struct {
	habits
	kv      *clientv3.Client
	process history.Process
	words   vocabulary
	session *concurrency.Session          // the lease under which it holds locks; nil until there is one
	held    map[string]*concurrency.Mutex // by key, the locks that it has acquired
}

// method executes an op. An error is what the server or the connection said; the
// completion is then read off the table of errors.
type method func(*client, context.Context, history.Op) (history.Op, error)

// vocabulary is the ops of a workload.
type vocabulary map[string]method

// vocabularies by workload. Registers and locks have keys: read [k nil], write
// [k v], cas [k [old new]]. A set is one object: add v, read nil. Transactions are
// as Elle writes them: [[:append 1 5] [:r 1 nil]].
var vocabularies = map[string]vocabulary{
	"register":     registerWords,
	"cas-register": registerWords,
	"set":          {"add": (*client).add, "read": (*client).readSet},
	"append":       {"txn": transactions(seenList)},
	"wr":           {"txn": transactions(seenRegister)},
	"lock":         {"acquire": (*client).acquire, "release": (*client).release},
	"fenced-lock":  {"acquire": (*client).seize, "write": (*client).writeFenced},
	"locked-set":   {"add": (*client).addLocked, "read": (*client).readLocked},
}

var registerWords = vocabulary{"read": (*client).read, "write": (*client).write, "cas": (*client).cas}

// Close ends the session. Its lease is not given back, as that of a process that
// crashes is not.
func (c *client) Close() error {
	if c.session != nil {
		c.session.Orphan()
	}
	return c.kv.Close()
}

// Invoke executes an op.
func (c *client) Invoke(ctx context.Context, op history.Op) history.Op {
	do, ok := c.words[op.F]
	if !ok {
		return refused(op, "the workload has no such op")
	}
	done, err := do(c, ctx, op)
	if err != nil {
		return failed(op, err)
	}
	return done
}

// refused is the completion of an op that certainly had no effect.
func refused(op history.Op, why string) history.Op {
	op.Type, op.Error = history.Fail, history.String(why)
	return op
}

// ok is the completion of an op that had its effect.
func ok(op history.Op, value history.Value) history.Op {
	op.Type, op.Value = history.Ok, value
	return op
}

// readOptions are those of a read by a client.
func (c *client) readOptions(more ...clientv3.OpOption) []clientv3.OpOption {
	if c.local {
		return append(more, clientv3.WithSerializable())
	}
	return more
}
