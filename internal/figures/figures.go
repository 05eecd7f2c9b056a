package main

import "fmt"

// measurement names one number of a benchmark.
type measurement struct {
	pkg       string
	benchmark string // as it is printed, without Benchmark and the number of cores
	metric    string // its unit, as it is printed
}

// figure is a number that is promised.
type figure struct {
	what string
	measurement
	goal float64 // at least; below 0: at most so much; 0: none
	peer peer
}

// peer is another program that did the same work.
type peer struct {
	name string
	measurement
}

const (
	less = -1 // a goal that is to be stayed below
	kilo = 1e3
	mega = 1e6
)

var figures = []figure{
	{what: "a run of registers, checks included: virtual seconds per second of one core",
		measurement: measurement{"checker/runner", "Run/default", "virtual-s/cpu-s"}, goal: 1000},
	{what: "the same by the clock on the wall",
		measurement: measurement{"checker/runner", "Run/default", "virtual-s/s"}},
	{what: "the same with history, trace and schedule written to disk",
		measurement: measurement{"checker/runner", "Run/recorded", "virtual-s/cpu-s"}},
	{what: "the same without the check of the protocol",
		measurement: measurement{"checker/runner", "Run/unwatched", "virtual-s/cpu-s"}},
	{what: "the default run, checks included: virtual seconds per second of one core",
		measurement: measurement{"checker/runner", "Transactions/default", "virtual-s/cpu-s"}, goal: 250},
	{what: "the same by the clock on the wall",
		measurement: measurement{"checker/runner", "Transactions/default", "virtual-s/s"}},
	{what: "the same of 20 virtual seconds, as campaigns run it",
		measurement: measurement{"checker/runner", "Transactions/short", "virtual-s/cpu-s"}, goal: 250},
	{what: "the default run: events per second of one core",
		measurement: measurement{"checker/runner", "Transactions/default", "events/cpu-s"}},
	{what: "the default run: events per committed transaction",
		measurement: measurement{"checker/runner", "Transactions/default", "events/txn"}, goal: less * 35},
	{what: "simulator, no faults: events/s",
		measurement: measurement{"checker/sim", "Gossip/quiet", "events/s"}, goal: 1.5 * mega},
	{what: "simulator, all faults: events/s",
		measurement: measurement{"checker/sim", "Gossip/chaos", "events/s"}, goal: 1.5 * mega},
	{what: "generator, interpreter, recorder; idle clients on virtual time: ops per second of one core",
		measurement: measurement{"checker/runner", "Interpreter/simulated", "ops/cpu-s"}, goal: 500 * kilo},
	{what: "the same by the clock on the wall",
		measurement: measurement{"checker/runner", "Interpreter/simulated", "ops/s"}},
	{what: "the same with a goroutine per client, in real time",
		measurement: measurement{"checker/runner", "Interpreter/real", "ops/s"}},
	{what: "the same against a local server over TCP that does nothing: ops per second of one core, both ends",
		measurement: measurement{"checker/runner", "Interpreter/tcp", "ops/cpu-s"}, goal: 20 * kilo},
	{what: "the same by the clock on the wall",
		measurement: measurement{"checker/runner", "Interpreter/tcp", "ops/s"}},
	{what: "reading EDN, two cores: MB/s",
		measurement: measurement{"checker/history", "Read/edn", "MB/s"}, goal: 300,
		peer: peer{"olympos.io/encoding/edn", measurement{"checker/history", "Peer", "MB/s"}}},
	{what: "reading JSON Lines, two cores: MB/s",
		measurement: measurement{"checker/history", "Read/jsonl", "MB/s"}},
	{what: "reading blocks: million transactions per second of processor time",
		measurement: measurement{"checker/history", "Read/block", "Mtxn/cpu-s"}},
	{what: "writing blocks: rows per second of one core",
		measurement: measurement{"checker/history", "Write/block", "rows/cpu-s"}, goal: 500 * kilo},
	{what: "writing JSON Lines: rows per second of one core",
		measurement: measurement{"checker/history", "Write/jsonl", "rows/cpu-s"}},
	{what: "linearizability, 10 million register ops of 30 clients: s",
		measurement: measurement{"checker/check/linear", "Register/ops=10000000/clients=30", "s/op"}, goal: less * 2},
	{what: "linearizability, 10,000 ops of 10 clients: ops/s",
		measurement: measurement{"checker/check/linear", "Search/ops=10000/clients=10/blocks", "ops/s"},
		peer:        peer{"Porcupine", measurement{"checker/check/linear", "Search/ops=10000/clients=10/porcupine", "ops/s"}}},
	{what: "consensus, events of the protocol judged: events/s",
		measurement: measurement{"checker/check/consensus", "Observe", "events/s"}},
}

// met says whether a measured value reaches the goal.
func (f figure) met(value float64) string {
	switch {
	case f.goal == 0:
		return ""
	case f.goal > 0 && value >= f.goal, f.goal < 0 && value <= -f.goal:
		return "yes"
	}
	return "no"
}

// goalText prints the goal.
func (f figure) goalText() string {
	switch {
	case f.goal > 0:
		return "≥ " + number(f.goal)
	case f.goal < 0:
		return "≤ " + number(-f.goal)
	}
	return ""
}

// number prints three digits that count, with a comma between thousands.
func number(v float64) string {
	switch {
	case v < 100:
		return fmt.Sprintf("%.3g", v)
	case v < 1000:
		return fmt.Sprintf("%.0f", v)
	case v >= mega:
		return fmt.Sprintf("%.3g million", v/mega)
	}
	n := int(v+5) / 10 * 10
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}
