package txn_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"checker/check"
	"checker/check/txn"
	"checker/check/txn/micro"
	"checker/check/txn/stores"
	"checker/check/txn/weak"
	"checker/history"
)

// `make bench-txn` prints a table of how long checks take, beside what Elle and
// AWDIT took on this kind of machine. Histories are written to a file first; then
// each is read and judged in a process of its own, so that its peak memory is
// that of the two.
var (
	table   = flag.String("table", "", "print the table of these rows, all or those that begin with one of A,B…")
	oneRow  = flag.String("table-row", "", "do the work of a row, in a process of its own")
	rowFile = flag.String("table-file", "", "the history of -table-row; it is made there if -table-make is given")
	rowMake = flag.Bool("table-make", false, "make the history of -table-row")
)

// tableRow is a history and how it is judged.
type tableRow struct {
	name   string
	txns   int
	format history.Format
	params stores.Params
	txn    txn.Options
	weak   []string // these by check/txn/weak instead
	want   check.Verdict
	peer   string // check s, parse s and peak RSS of another program
}

func tableRows() []tableRow {
	lists := func(name string, n int, clients int, stale float64, peer string) tableRow {
		want := check.Valid
		if stale > 0 {
			want = check.Invalid
		}
		return tableRow{name: name, txns: n, format: history.EDN, want: want, peer: peer,
			params: stores.Params{Clients: clients, Stale: stale, Fail: 0.01, Info: 0.005}}
	}
	registers := func(name string, n int, o txn.Options, peer string) tableRow {
		o.Model = micro.Registers
		return tableRow{name: name, txns: n, format: history.EDN, txn: o, want: check.Valid, peer: peer,
			params: stores.Params{Clients: 20, Registers: true, Fail: 0.01, Info: 0.005}}
	}
	byWeak := func(name, model, peer string) tableRow {
		return tableRow{name: name, txns: 1_000_000, format: history.EDN, weak: []string{model}, want: check.Valid, peer: peer,
			params: stores.Params{Clients: 20, Registers: true}}
	}
	linear := txn.Options{LinearizableKeys: true}
	wfr := txn.Options{WFRKeys: true, ConsistencyModels: []string{"serializable"}}
	rows := []tableRow{
		lists("lists/100k", 100_000, 20, 0, "Elle 9.9 s, 4.9 s, 1.5 GB"),
		lists("lists/1M", 1_000_000, 20, 0, "Elle 73.9 s, 45 s, 13.8 GB"),
		lists("lists/100k/c=100", 100_000, 100, 0, "Elle 10.7 s, 4.6 s, 1.7 GB"),
		lists("lists/100k/stale", 100_000, 20, 0.01, "Elle 20.8 s and a timeout, 4.8 GB"),
		lists("lists/1M/stale", 1_000_000, 20, 0.01, ""),
		lists("lists/10M", 10_000_000, 20, 0, "Elle: not feasible"),
		registers("registers/1M/wfr-keys", 1_000_000, wfr, "Elle 46.3 s, 40 s, 12.0 GB"),
		registers("registers/10k/linearizable-keys", 10_000, linear, "Elle 121 s, 14.3 GB"),
		registers("registers/100k/linearizable-keys", 100_000, linear, "Elle: not feasible"),
		registers("registers/1M/linearizable-keys", 1_000_000, linear, "Elle: not feasible"),
		byWeak("weak/1M/read-committed", weak.ReadCommitted, "AWDIT 2.0 s, 1.3 s, 1.2 GB"),
		byWeak("weak/1M/read-atomic", weak.ReadAtomic, "AWDIT 2.75 s, 1.3 s, 1.2 GB"),
		byWeak("weak/1M/causal", weak.CausalConvergence, "AWDIT 4.8 s, 1.3 s, 1.2 GB"),
		byWeak("weak/1M/causal-memory", weak.CausalMemory, ""),
	}
	for i := range rows {
		if rows[i].txns >= 10_000_000 {
			rows[i].format = history.Block // EDN of that would fill the disk
		}
	}
	return rows
}

// file is where the history of a row lies; rows that judge the same share it.
func (r tableRow) file(dir string) string {
	return filepath.Join(dir, fmt.Sprintf("%d-%d-%v-%g-%g.%s", r.txns, r.params.Clients, r.params.Registers, r.params.Stale, r.params.Info, r.format))
}

// TestTable prints the table.
func TestTable(t *testing.T) {
	if *table == "" {
		t.Skip("make bench-txn prints it")
	}
	dir := t.TempDir()
	fmt.Printf("| history | transactions | verdict | check | processor | read | peak memory | published |\n|---|---|---|---|---|---|---|---|\n")
	for _, r := range tableRows() {
		if !wanted(r.name) {
			continue
		}
		file := r.file(dir)
		if _, err := os.Stat(file); err != nil {
			work(t, r, file, "-table-make")
		}
		out, usage := work(t, r, file)
		_, figures, ok := strings.Cut(out, "figures: ")
		if !ok {
			t.Fatalf("%s: %s", r.name, out)
		}
		figures, _, _ = strings.Cut(figures, "\n")
		fmt.Printf("| %s | %d | %s | %.2f GB | %s |\n", r.name, r.txns, figures, float64(usage.Maxrss)/(1<<20), r.peer)
	}
}

func wanted(name string) bool {
	for _, prefix := range strings.Split(*table, ",") {
		if prefix == "all" || strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// work runs this program anew for one row.
func work(t *testing.T, r tableRow, file string, more ...string) (string, *syscall.Rusage) {
	t.Helper()
	args := append([]string{"-test.run", "^TestTableRow$", "-test.timeout", "30m", "-table-row", r.name, "-table-file", file}, more...)
	cmd := exec.Command(os.Args[0], args...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", r.name, err, out)
	}
	return string(out), cmd.ProcessState.SysUsage().(*syscall.Rusage)
}

// TestTableRow does the work of one row.
func TestTableRow(t *testing.T) {
	for _, r := range tableRows() {
		if r.name != *oneRow {
			continue
		}
		if *rowMake {
			r.make(t)
		} else {
			r.measure(t)
		}
		return
	}
	if *oneRow != "" {
		t.Fatalf("there is no row %s", *oneRow)
	}
	t.Skip("TestTable calls it")
}

func (r tableRow) make(t *testing.T) {
	s, err := stores.Find("strict-serializable")
	if err != nil {
		t.Fatal(err)
	}
	r.params.Txns = r.txns
	h, err := stores.Run(s, r.params)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(*rowFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := history.WriteHistory(f, h, r.format); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func (r tableRow) measure(t *testing.T) {
	start := time.Now()
	h, err := history.ReadFile(*rowFile, history.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	read := time.Since(start)
	start = time.Now()
	before := processor(t)
	got, reason := r.judge(t, h)
	if got != r.want && got != check.Unknown {
		t.Fatalf("%v (%s), expected %v", got, reason, r.want)
	}
	fmt.Printf("figures: %v | %.2f s | %.2f s | %.2f s\n", got, time.Since(start).Seconds(), (processor(t) - before).Seconds(), read.Seconds())
}

// processor returns the processor time that this process has used, on all cores.
func processor(t *testing.T) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func (r tableRow) judge(t *testing.T, h *history.History) (check.Verdict, string) {
	if r.weak == nil {
		c, err := txn.New(r.txn)
		if err != nil {
			t.Fatal(err)
		}
		result := check.Run(context.Background(), c, h)
		return result.Verdict, result.Reason
	}
	columns, err := micro.Of(h, micro.Registers)
	if err != nil {
		t.Fatal(err)
	}
	result, err := weak.Check(context.Background(), columns, r.weak...)
	if err != nil {
		t.Fatal(err)
	}
	return result.Verdict, result.Reason
}
