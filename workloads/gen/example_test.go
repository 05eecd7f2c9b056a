package gen_test

import (
	"fmt"
	"time"

	"checker/history"
	"checker/workloads/gen"
)

// show prints who invokes what when, if each op takes 10 ns.
func show(g gen.Generator, clients int) {
	ops, err := gen.Simulate(g, clients, gen.Perfect)
	if err != nil {
		fmt.Println(err)
	}
	for _, op := range gen.Invocations(ops) {
		fmt.Println(op.Time, op.Process, op.F, op.Value)
	}
}

func ExamplePhases() {
	write := gen.Clients(gen.Limit(3, gen.Unique("write", 1)))
	read := gen.Clients(gen.Invoke("read", history.Nil))
	show(gen.Phases(write, read), 2)
	// Output:
	// 0 0 write 1
	// 0 1 write 2
	// 10 1 write 3
	// 20 0 read nil
}

func ExampleMix() {
	r := gen.NewRand(1, "ops")
	reads := gen.Repeat(gen.Invoke("read", history.Nil))
	writes := gen.Unique("write", 1)
	show(gen.Clients(gen.Limit(5, gen.Mix(r, reads, writes))), 1)
	// Output:
	// 0 0 read nil
	// 10 0 read nil
	// 20 0 read nil
	// 30 0 write 1
	// 40 0 read nil
}

func ExampleOps() {
	keys := gen.Zipf(100, 0.99)
	g := gen.Ops(gen.NewRand(1, "keys"), func(r gen.Rand) (history.Op, gen.Rand) {
		k, r := keys.Draw(r)
		return gen.Op("read", history.Int(int64(k))), r
	})
	show(gen.Clients(gen.Limit(4, g)), 1)
	// Output:
	// 0 0 read 0
	// 10 0 read 8
	// 20 0 read 8
	// 30 0 read 0
}

func ExampleConcurrentKeys() {
	work := func(key history.Value) gen.Generator { return gen.Limit(2, gen.Unique("add", 0)) }
	show(gen.ConcurrentKeys(1, gen.IntKeys(3), work), 2)
	// Output:
	// 0 0 add [0 0]
	// 0 1 add [1 0]
	// 10 1 add [1 1]
	// 10 0 add [0 1]
	// 20 1 add [2 0]
	// 30 1 add [2 1]
}

func ExampleReserve() {
	writer := gen.Unique("write", 1)
	readers := gen.Repeat(gen.Invoke("read", history.Nil))
	show(gen.Clients(gen.Limit(6, gen.Reserve([]gen.Part{{N: 1, Gen: writer}}, readers))), 3)
	// Output:
	// 0 1 read nil
	// 0 2 read nil
	// 0 0 write 1
	// 10 1 read nil
	// 10 2 read nil
	// 10 0 write 2
}

func ExampleStagger() {
	g := gen.Stagger(gen.NewRand(1, "pace"), time.Millisecond, gen.Unique("write", 1))
	show(gen.Clients(gen.Limit(3, g)), 2)
	// Output:
	// 0 0 write 1
	// 710426 0 write 2
	// 1132651 1 write 3
}

func ExampleScheduled() {
	g := gen.Scheduled([]gen.Entry{
		{Time: 100, Thread: 1, Op: gen.Op("write", history.Int(1))},
		{Time: 105, Thread: 1, Op: gen.Op("read", history.Nil)},
		{Time: 101, Thread: gen.NemesisThread, Op: gen.Op("kill", history.String("n1"))},
	})
	show(g, 2)
	// Output:
	// 100 1 write 1
	// 101 nemesis kill "n1"
	// 110 1 read nil
}
