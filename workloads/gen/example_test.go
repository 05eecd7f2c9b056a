package gen_test

import (
	"fmt"
	"time"

	"checker/history"
	"checker/workloads/gen"
)

// show prints who invokes what when, if each op takes 10 ns.
func show(g gen.Generator, clients int) {
	showRun(gen.Simulation{Clients: clients, Complete: gen.Perfect}, g)
}

// showRun does so for a simulation of one's own.
func showRun(s gen.Simulation, g gen.Generator) {
	ops, err := s.Run(g)
	for _, op := range gen.Invocations(ops) {
		fmt.Println(op.Time, op.Process, op.F, op.Value)
	}
	if err != nil {
		fmt.Println(err)
	}
}

func ExampleInvoke() {
	show(gen.Clients(gen.Invoke("write", history.Int(7))), 2)
	// Output:
	// 0 0 write 7
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

func ExampleFn() {
	pairs := gen.Fn(int64(1), func(_ *gen.Context, n int64) (gen.Generator, int64) {
		return gen.Seq(gen.Invoke("lock", history.Int(n)), gen.Invoke("unlock", history.Int(n))), n + 1
	})
	show(gen.Clients(gen.Limit(4, pairs)), 1)
	// Output:
	// 0 0 lock 1
	// 10 0 unlock 1
	// 20 0 lock 2
	// 30 0 unlock 2
}

func ExampleSeq() {
	show(gen.Clients(gen.Seq(
		gen.Invoke("create", history.Nil),
		gen.Limit(2, gen.Unique("write", 1)))), 2)
	// Output:
	// 0 0 create nil
	// 0 1 write 1
	// 10 1 write 2
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

func ExampleCycle() {
	begin, end := gen.Invoke("begin", history.Nil), gen.Invoke("end", history.Nil)
	show(gen.Clients(gen.CycleN(2, gen.Seq(begin, gen.RepeatN(2, gen.Invoke("read", history.Nil)), end))), 1)
	// Output:
	// 0 0 begin nil
	// 10 0 read nil
	// 20 0 read nil
	// 30 0 end nil
	// 40 0 begin nil
	// 50 0 read nil
	// 60 0 read nil
	// 70 0 end nil
}

func ExampleTimeLimit() {
	show(gen.Clients(gen.TimeLimit(25, gen.Unique("write", 1))), 1)
	// Output:
	// 0 0 write 1
	// 10 0 write 2
	// 20 0 write 3
}

func ExampleProcessLimit() {
	crash := gen.Simulation{Clients: 2, Complete: gen.PerfectInfo}
	showRun(crash, gen.Clients(gen.ProcessLimit(4, gen.Unique("write", 1))))
	// Output:
	// 0 0 write 1
	// 0 1 write 2
	// 10 3 write 3
	// 10 2 write 4
}

func ExampleUntilOk() {
	flaky := gen.Simulation{Clients: 1, Complete: gen.Imperfect(1)} // fail, info, ok
	showRun(flaky, gen.Clients(gen.UntilOk(gen.Repeat(gen.Invoke("read", history.Nil)))))
	// Output:
	// 0 0 read nil
	// 10 0 read nil
	// 20 1 read nil
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

func ExampleFlipFlop() {
	adds, reads := gen.Unique("add", 1), gen.Repeat(gen.Invoke("read", history.Nil))
	show(gen.Clients(gen.Limit(4, gen.FlipFlop(adds, reads))), 1)
	// Output:
	// 0 0 add 1
	// 10 0 read nil
	// 20 0 add 2
	// 30 0 read nil
}

func ExampleAny() {
	fast := gen.Delay(20, gen.Unique("write", 1))
	slow := gen.Delay(50, gen.Repeat(gen.Invoke("read", history.Nil)))
	show(gen.Clients(gen.TimeLimit(70, gen.Any(fast, slow))), 3)
	// Output:
	// 0 1 write 1
	// 0 2 read nil
	// 20 0 write 2
	// 40 1 write 3
	// 50 2 read nil
	// 60 0 write 4
}

func ExampleCycleTimes() {
	busy := gen.Slot{For: 30, Gen: gen.Unique("write", 1)}
	calm := gen.Slot{For: 50, Gen: gen.Delay(25, gen.Repeat(gen.Invoke("read", history.Nil)))}
	show(gen.Clients(gen.TimeLimit(110, gen.CycleTimes(busy, calm))), 1)
	// Output:
	// 0 0 write 1
	// 10 0 write 2
	// 20 0 write 3
	// 30 0 read nil
	// 55 0 read nil
	// 80 0 write 4
	// 90 0 write 5
	// 100 0 write 6
}

func ExampleClientsAndNemesis() {
	load := gen.Limit(4, gen.Unique("write", 1))
	faults := gen.Seq(
		gen.Sleep(5), gen.Invoke("kill", history.String("n1")),
		gen.Sleep(5), gen.Invoke("start", history.String("n1")))
	show(gen.ClientsAndNemesis(load, faults), 2)
	// Output:
	// 0 0 write 1
	// 0 1 write 2
	// 5 nemesis kill "n1"
	// 10 1 write 3
	// 10 0 write 4
	// 20 nemesis start "n1"
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

func ExampleEachThread() {
	show(gen.Clients(gen.EachThread(gen.Limit(2, gen.Unique("add", 1)))), 2)
	// Output:
	// 0 1 add 1
	// 0 0 add 1
	// 10 1 add 2
	// 10 0 add 2
}

func ExampleEachProcess() {
	flaky := gen.Simulation{Clients: 1, Complete: gen.Imperfect(1)} // fail, info, ok
	showRun(flaky, gen.Clients(gen.Limit(5, gen.EachProcess(gen.Seq(
		gen.Invoke("login", history.Nil), gen.Unique("write", 1))))))
	// Output:
	// 0 0 login nil
	// 10 0 write 1
	// 20 1 login nil
	// 30 1 write 1
	// 40 1 write 2
}

func ExampleStagger() {
	g := gen.Stagger(gen.NewRand(1, "pace"), time.Millisecond, gen.Unique("write", 1))
	show(gen.Clients(gen.Limit(3, g)), 2)
	// Output:
	// 0 0 write 1
	// 710426 0 write 2
	// 1132651 1 write 3
}

func ExampleDelay() {
	stall := gen.Simulation{Clients: 1, Complete: func(op history.Op) history.Op {
		op.Type, op.Time = history.Ok, max(op.Time+10, 70) // nothing ends before 70 ns
		return op
	}}
	showRun(stall, gen.Clients(gen.Limit(5, gen.Delay(20, gen.Unique("write", 1)))))
	// Output:
	// 0 0 write 1
	// 70 0 write 2
	// 80 0 write 3
	// 90 0 write 4
	// 100 0 write 5
}

func ExampleFMap() {
	faults := gen.Seq(gen.Invoke("start", history.Nil), gen.Invoke("stop", history.Nil))
	show(gen.NemesisOnly(gen.FMap(map[string]string{"start": "partition", "stop": "heal"}, faults)), 1)
	// Output:
	// 0 nemesis partition nil
	// 10 nemesis heal nil
}

func ExampleOnUpdate() {
	writes := gen.Unique("write", 1)
	untilFail := gen.OnUpdate(func(ctx *gen.Context, event history.Op, g gen.Generator) gen.Generator {
		if event.Type == history.Fail {
			return gen.Invoke("stop", event.Value)
		}
		return g.Update(ctx, event)
	}, writes)
	flaky := gen.Simulation{Clients: 1, Complete: func(op history.Op) history.Op {
		op.Type, op.Time = history.Ok, op.Time+10
		if n, _ := op.Value.Int(); n == 3 && op.F == "write" {
			op.Type = history.Fail
		}
		return op
	}}
	showRun(flaky, gen.Clients(untilFail))
	// Output:
	// 0 0 write 1
	// 10 0 write 2
	// 20 0 write 3
	// 30 0 stop 3
}

func ExampleTrace() {
	g := gen.Trace("reads", func(line string) { fmt.Println(line) }, gen.Invoke("read", history.Nil))
	show(gen.Clients(g), 1)
	// Output:
	// reads: next: 0 invoke read nil at 0 (at 0, free of 1 threads: [0])
	// 0 0 read nil
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

func ExampleRepeat_rand() {
	drawn := gen.Ops(gen.NewRand(1, "writes"), func(r gen.Rand) (history.Op, gen.Rand) {
		return gen.Op("write", history.Int(r.Int64N(100))), r
	})
	show(gen.Clients(gen.RepeatN(3, drawn)), 1) // stays where it is
	show(gen.Clients(gen.Limit(3, drawn)), 1)   // goes on
	// Output:
	// 0 0 write 24
	// 10 0 write 24
	// 20 0 write 24
	// 0 0 write 24
	// 10 0 write 5
	// 20 0 write 70
}

func Example() {
	const ms = time.Millisecond
	load := gen.Stagger(gen.NewRand(1, "pace"), 2*ms, gen.Mix(gen.NewRand(1, "mix"),
		gen.Unique("write", 1), gen.Repeat(gen.Invoke("read", history.Nil))))
	faults := gen.Cycle(gen.Seq(
		gen.Sleep(4*ms), gen.Invoke("kill", history.String("n1")),
		gen.Sleep(4*ms), gen.Invoke("start", history.String("n1"))))
	run := gen.Phases(
		gen.TimeLimit(10*ms, gen.ClientsAndNemesis(load, faults)),
		gen.NemesisOnly(gen.Invoke("heal", history.Nil)),
		gen.Sleep(5*ms),
		gen.Clients(gen.EachThread(gen.UntilOk(gen.Repeat(gen.Invoke("final-read", history.Nil))))))
	show(run, 2)
	// Output:
	// 0 0 read nil
	// 1420852 0 write 1
	// 2265303 0 write 2
	// 4000000 nemesis kill "n1"
	// 5214363 1 write 3
	// 8000010 nemesis start "n1"
	// 8399605 1 write 4
	// 12000020 nemesis heal nil
	// 17000030 0 final-read nil
	// 17000030 1 final-read nil
}
