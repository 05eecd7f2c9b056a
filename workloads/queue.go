package workloads

import (
	"checker/check"
	"checker/check/online"
	"checker/check/queues"
	"checker/history"
	"checker/workloads/gen"
)

// Queue puts unique messages in a queue and takes them out; in the end every client
// takes until nothing is left.
func Queue() Workload {
	return Workload{
		Name:    "queue",
		Summary: "unique messages through a queue: is any lost, delivered twice or made up?",
		Functions: []Function{
			{"enqueue", "v, never enqueued before"},
			{"dequeue", "nil, completed with a message, fail if the queue is empty"},
		},
		Needs:             "a queue with enqueue and a dequeue that takes a message out for good",
		Model:             "total-queue",
		ConsistencyModels: []string{"linearizable"},
		Thresholds:        map[string]int{"enqueue": 50, "dequeue": 50},
		New: func(p Params) Instance {
			dequeue := gen.Invoke("dequeue", history.Nil)
			return Instance{
				Ops:     gen.Mix(gen.NewRand(p.Seed, "queue"), gen.Unique("enqueue", 0), gen.Repeat(dequeue)),
				Probe:   gen.Unique("enqueue", freshKeys),
				Final:   gen.EachThread(untilEmpty{gen.Repeat(dequeue)}),
				Checks:  []check.Checker{queues.New(queues.Options{Total: true, Once: true})},
				Streams: []*online.Stream{online.Messages(false)},
			}
		},
	}
}

// untilEmpty emits dequeues until one fails.
type untilEmpty struct{ dequeues gen.Generator }

// Next emits a dequeue.
func (g untilEmpty) Next(ctx *gen.Context) (gen.Step, gen.Generator) {
	step, rest := g.dequeues.Next(ctx)
	return step, untilEmpty{rest}
}

// Update ends where the queue is empty.
func (g untilEmpty) Update(_ *gen.Context, event history.Op) gen.Generator {
	if event.F == "dequeue" && event.Type == history.Fail {
		return nil
	}
	return g
}
