package main

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// results are the best values that were printed.
type results struct {
	best    map[measurement]float64
	machine []string // lines that say on what it ran
	failed  []string // lines that say that a benchmark went wrong
}

// read takes in what `go test -bench` prints for any number of packages.
func read(r io.Reader) (results, error) {
	res := results{best: map[measurement]float64{}}
	pkg := ""
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		line := lines.Text()
		if name, found := strings.CutPrefix(line, "pkg: "); found {
			pkg = name
		}
		if cpu, found := strings.CutPrefix(line, "cpu: "); found && len(res.machine) == 0 {
			res.machine = append(res.machine, cpu)
		}
		if strings.HasPrefix(line, "FAIL") || strings.HasPrefix(line, "--- FAIL") || strings.HasPrefix(line, "panic:") {
			res.failed = append(res.failed, line)
		}
		if strings.HasPrefix(line, "Benchmark") {
			if err := res.add(pkg, strings.Fields(line)); err != nil {
				return res, fmt.Errorf("%q: %w", line, err)
			}
		}
	}
	return res, lines.Err()
}

// add takes in one line: the name, the number of rounds, then values with units.
func (r *results) add(pkg string, fields []string) error {
	if len(fields) < 4 {
		return nil // a benchmark that says something else
	}
	name := strings.TrimPrefix(fields[0], "Benchmark")
	if i := strings.LastIndexByte(name, '-'); i > 0 {
		if _, err := strconv.Atoi(name[i+1:]); err == nil {
			name = name[:i]
		}
	}
	for i := 2; i+1 < len(fields); i += 2 {
		value, err := strconv.ParseFloat(fields[i], 64)
		if err != nil {
			return err
		}
		metric := fields[i+1]
		if metric == "ns/op" {
			metric, value = "s/op", value/1e9
		}
		m := measurement{pkg, name, metric}
		if old, seen := r.best[m]; !seen || better(metric, value, old) {
			r.best[m] = value
		}
	}
	return nil
}

// better says which of two values is: more a second, less an op.
func better(metric string, value, than float64) bool {
	if strings.HasSuffix(metric, "/op") || strings.HasSuffix(metric, "/txn") {
		return value < than
	}
	return value > than
}
