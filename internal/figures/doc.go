// Command figures reads what `go test -bench` prints and tells the figures that
// the project promises, as a table: what was measured, the goal, and a peer that
// did the same work in the same run. `make bench` runs the benchmarks and this.
//
// Of several runs of a benchmark (-count) the best counts: whatever else a machine
// does can only make a program slower.
//
//	go test -run '^$' -bench '^BenchmarkGossip$' -count 3 ./sim | go run ./internal/figures
package main
