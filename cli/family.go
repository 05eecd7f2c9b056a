package cli

import (
	"checker/check"
	"checker/check/bank"
	"checker/check/broadcast"
	"checker/check/causal"
	"checker/check/convergence"
	"checker/check/hermitage"
	"checker/check/kafka"
	"checker/check/locks"
	"checker/check/longfork"
	"checker/check/monotonic"
	"checker/check/precedence"
	"checker/check/queues"
	"checker/check/txn"
	"checker/check/uniqueids"
)

// familyFlags are the flags of single members of the family, as elle-cli has them.
type familyFlags struct {
	linearizable bool
	group        int
	negative     bool
	maxTransfer  int64
	total        int64
	totalGiven   bool
	clockDrift   float64
}

// family are the checkers of Jepsen's workloads that are no models: what they find
// is told by name, not searched for.
func family() []checkModel { return append(objectFamily(), clusterFamily()...) }

// objectFamily are those of one object each.
func objectFamily() []checkModel {
	return []checkModel{
		{
			name: "queue", summary: "a queue: does only come out what was put in, and as often?", ops: queueOps,
			checker: func(*checkFlags, int64) (check.Checker, error) { return queues.New(queues.Options{}), nil },
		}, {
			name: "total-queue", summary: "a queue emptied in the end: is any message lost or made up? With -c linearizable none may come out twice", ops: queueOps,
			guarantees: []string{"linearizable"},
			checker: func(f *checkFlags, _ int64) (check.Checker, error) {
				return queues.New(queues.Options{Total: true, Once: len(f.models) > 0}), nil
			},
		}, {
			name: "unique-ids", summary: "a generator of ids: is one handed out twice?", ops: "generate → id",
			checker: func(*checkFlags, int64) (check.Checker, error) { return uniqueids.New(uniqueids.Options{}), nil },
		}, {
			name: "monotonic", summary: "numbers that only grow: does a client see one go back? With -c linearizable, do they all?", ops: "inc → value, read → value",
			guarantees: []string{"linearizable"},
			checker: func(f *checkFlags, _ int64) (check.Checker, error) {
				return monotonic.New(monotonic.Options{Realtime: len(f.models) > 0}), nil
			},
		}, {
			name: "bank", summary: "a bank: does money appear, vanish or go below nothing?", ops: "transfer {:from a :to b :amount n}, open {:account k :from a :amount n}, close {:account k :to b :amount n}, read → {account balance}",
			checker: func(f *checkFlags, _ int64) (check.Checker, error) {
				o := bank.Options{Negative: f.negative, MaxTransfer: f.maxTransfer}
				if f.totalGiven {
					o.Total = &f.total
				}
				return bank.New(o), nil
			},
		}, {
			name: "long-fork", summary: "single writes and group reads: do two reads order two writes differently?", ops: "write [[:w k v]], read [[:r k nil] …] → values",
			checker: func(f *checkFlags, _ int64) (check.Checker, error) {
				return longfork.New(longfork.Options{Group: f.group}), nil
			},
		}, {
			name: "hermitage", summary: "interleavings of two or three transactions, played statement by statement: which anomalies do they show?", ops: "play {:interleaving name :script [line …]}",
			guarantees: txn.ConsistencyModels(),
			checker: func(f *checkFlags, _ int64) (check.Checker, error) {
				return hermitage.New(hermitage.Options{ConsistencyModels: f.properModels()}), nil
			},
		},
	}
}

// clusterFamily are those of locks, logs and replicas.
func clusterFamily() []checkModel {
	return []checkModel{
		{
			name: "lock", summary: "a lock with owners: is it granted while another holds it, or out of the order of its tokens?", ops: "acquire → nil or token, release",
			checker: func(*checkFlags, int64) (check.Checker, error) { return locks.New(locks.Options{}), nil },
		}, {
			name: "fenced-lock", summary: "a lock that can be lost: do tokens grow, and does what it guards refuse old ones?", ops: "acquire → token, release, write [token value]",
			checker: func(*checkFlags, int64) (check.Checker, error) { return locks.New(locks.Options{Fenced: true}), nil },
		}, {
			name: "leased-mutex", summary: "a lock under leases: is it granted before the lease of its holder is over?", ops: "acquire → lease in ms, refresh → lease in ms, release",
			checker: func(f *checkFlags, _ int64) (check.Checker, error) {
				return locks.NewLeased(locks.LeaseOptions{Drift: f.clockDrift}), nil
			},
		}, {
			name: "leader-election", summary: "leaders and their terms: has a term two, or do two lead at one time? With -c linearizable, by the answers of leader too", ops: "leader → [term leader], elect → [term leader], resign",
			guarantees: []string{"linearizable"},
			checker: func(f *checkFlags, _ int64) (check.Checker, error) {
				return locks.NewElection(locks.ElectionOptions{Linearizable: len(f.models) > 0}), nil
			},
		},
		{
			name: "kafka", summary: "partitioned logs: lost, doubled, aborted and reordered records, skips, and cycles of transactions. With -c serializable also what logs without isolation may do",
			ops:        "send, poll, txn [[:send k v] [:poll] …], assign keys, subscribe keys, crash",
			guarantees: []string{"serializable"},
			checker: func(f *checkFlags, _ int64) (check.Checker, error) {
				return kafka.New(kafka.Options{Serializable: len(f.models) > 0}), nil
			},
		},
		{
			name: "broadcast", summary: "messages broadcast and delivered: which of best effort, reliable, uniform, FIFO, causal and total order hold?", ops: "broadcast message, deliver → message, crash",
			guarantees: broadcast.Guarantees(),
			checker: func(f *checkFlags, _ int64) (check.Checker, error) {
				return broadcast.New(broadcast.Options{Require: f.models}), nil
			},
		},
		{
			name: "causal", summary: "registers written once a value: does anybody read what was replaced in his causal past?", ops: "read → value, read-init → value, write value, or [key value]",
			guarantees: []string{"causal"},
			checker:    func(*checkFlags, int64) (check.Checker, error) { return causal.New(causal.Options{}), nil },
		}, {
			name: "convergence", summary: "replicas: do their last reads agree?", ops: "read → value; whatever else is a change",
			checker: func(*checkFlags, int64) (check.Checker, error) {
				return convergence.New(convergence.Options{}), nil
			},
		},
		logModel(),
		precedenceModel("comments"), precedenceModel("causal-reverse"),
		{
			name: "sequential", summary: "subkeys written one after the other: is one there without one before it?", ops: "write key, read key → [key [value …]], the last subkey first",
			checker: func(*checkFlags, int64) (check.Checker, error) {
				return precedence.NewSequential(precedence.Options{}), nil
			},
		},
	}
}

const queueOps = "enqueue value, dequeue → value, drain → values"

func precedenceModel(name string) checkModel {
	return checkModel{
		name: name, summary: "values written once, and reads of all: is one there without one that had completed before it began?", ops: "write value, read → values",
		checker: func(*checkFlags, int64) (check.Checker, error) {
			return precedence.NewComments(precedence.Options{Name: name}), nil
		},
	}
}
