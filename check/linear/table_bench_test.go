package linear_test

import (
	"context"
	"errors"
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
	"checker/check/linear"
	"checker/history"
	"checker/models"
)

// `make bench-linear` prints a table of how long checks take, beside Porcupine on
// the same histories in the same run. Histories are written to files first; then
// each is read and judged in a process of its own, so that its peak memory is that
// of the two.
var (
	table   = flag.String("table", "", "print the table of these rows, all or those that begin with one of A,B…")
	limit   = flag.Duration("table-limit", 60*time.Second, "how long a row may take")
	oneRow  = flag.String("table-row", "", "do the work of a row, in a process of its own")
	rowFile = flag.String("table-file", "", "the history of -table-row; it is made there if -table-make is given")
	rowMake = flag.Bool("table-make", false, "make the history of -table-row")
	rowPeer = flag.Bool("table-peer", false, "let Porcupine judge -table-row")
)

// tableRow is a history, or several, and what is expected of it.
type tableRow struct {
	name  string
	model string
	ops   int
	make  func(t testing.TB) *history.History // nil: the recorded ones
	want  check.Verdict
	goal  string
}

const million = 1_000_000

func tableRows() []tableRow {
	busy := func(model string, n int, goal string) tableRow {
		return tableRow{name: model + "/1M", model: model, ops: n, goal: goal, want: check.Valid,
			make: func(t testing.TB) *history.History { return crowd(t, model, n, 30) }}
	}
	register := func(name string, n, clients int, goal string) tableRow {
		return tableRow{name: name, model: "cas-register", ops: n, goal: goal, want: check.Valid,
			make: func(t testing.TB) *history.History { return traffic(t, n, clients) }}
	}
	values04 := func(name string, n, clients, crashed int, stale bool, goal string) tableRow {
		want := check.Valid
		if stale {
			want = check.Invalid
		}
		return tableRow{name: name, model: "cas-register", ops: n, goal: goal, want: want,
			make: func(t testing.TB) *history.History { return classic(t, 1, n, clients, crashed, stale) }}
	}
	return []tableRow{
		register("register/10M", 10*million, 30, "≤ 2 s, ≤ 1.2 GB"),
		register("register/1k", 1000, 20, ""),
		busy("fifo-queue", million, "≤ 0.5 s"),
		busy("mutex", million, "≤ 0.5 s"),
		busy("set", million, "≤ 0.5 s"),
		busy("queue", million, ""),
		busy("stack", million, ""),
		busy("priority-queue", million, ""),
		busy("owned-mutex", million, ""),
		busy("fenced-lock", million, ""),
		busy("semaphore", million, ""),
		busy("counter", million, ""),
		busy("max-register", million, ""),
		busy("unique-ids", million, ""),
		{name: "recorded", goal: "15×"},
		values04("values 0–4/1k/c=20", 1000, 20, 0, false, "20×"),
		values04("values 0–4/10k/c=30", 10_000, 30, 0, false, "decided"),
		values04("values 0–4/1k/50 crashed/illegal", 1000, 20, 25, true, "decided"),
	}
}

// TestTable prints the table.
func TestTable(t *testing.T) {
	if *table == "" {
		t.Skip("make bench-linear prints it")
	}
	dir := t.TempDir()
	fmt.Printf("| history | ops | verdict | check | processor | peak memory | Porcupine | its processor | its memory | times | goal |\n|---|---|---|---|---|---|---|---|---|---|---|\n")
	for i, r := range tableRows() {
		if !wanted(r.name) {
			continue
		}
		file := filepath.Join(dir, fmt.Sprint(i))
		if r.make != nil {
			work(t, r, file, "-table-make")
		}
		ours, theirs := work(t, r, file), work(t, r, file, "-table-peer")
		times := ""
		switch ratio := theirs.processor / ours.processor; {
		case theirs.verdict == ours.verdict:
			times = fmt.Sprintf("%.3g×", ratio)
		case ratio > 1:
			times = fmt.Sprintf("> %.3g×", ratio)
		}
		fmt.Printf("| %s | %d | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", r.name, ours.ops, ours.verdict, inSeconds(ours.wall), inSeconds(ours.processor), inGB(ours.memory),
			theirs.verdict, inSeconds(theirs.processor), inGB(theirs.memory), times, r.goal)
		os.Remove(file)
	}
}

func inSeconds(s float64) string { return fmt.Sprintf("%.3g s", s) }

func inGB(bytes float64) string { return fmt.Sprintf("%.2f GB", bytes/1e9) }

func wanted(name string) bool {
	for _, prefix := range strings.Split(*table, ",") {
		if prefix == "all" || strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// measured is what one process found.
type measured struct {
	ops             int
	verdict         string
	wall, processor float64 // s
	memory          float64 // bytes
}

// work runs this program anew for one row.
func work(t *testing.T, r tableRow, file string, more ...string) measured {
	t.Helper()
	args := append([]string{"-test.run", "^TestTableRow$", "-test.timeout", "30m", "-table-row", r.name, "-table-file", file, "-table-limit", limit.String()}, more...)
	cmd := exec.Command(os.Args[0], args...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", r.name, err, out)
	}
	m := measured{memory: float64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) * 1024}
	if _, figures, ok := strings.Cut(string(out), "figures: "); ok {
		if _, err := fmt.Sscan(figures, &m.ops, &m.verdict, &m.wall, &m.processor); err != nil {
			t.Fatalf("%s: %v in %s", r.name, err, out)
		}
	}
	return m
}

// TestTableRow does the work of one row.
func TestTableRow(t *testing.T) {
	for _, r := range tableRows() {
		switch {
		case r.name != *oneRow:
			continue
		case *rowMake:
			r.write(t)
		default:
			r.measure(t)
		}
		return
	}
	if *oneRow != "" {
		t.Fatalf("there is no row %s", *oneRow)
	}
	t.Skip("TestTable calls it")
}

func (r tableRow) write(t *testing.T) {
	f, err := os.Create(*rowFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(history.WriteHistory(f, r.make(t), history.Block), f.Close()); err != nil {
		t.Fatal(err)
	}
}

// task is a history that is to be judged.
type task struct {
	h    *history.History
	c    check.Checker
	want check.Verdict
}

func (r tableRow) tasks(t *testing.T) []task {
	o := linear.Options{}
	if *rowPeer {
		o = linear.Options{Engine: linear.Porcupine, Memory: 4 << 30, Witnesses: -1} // its verdict only
	}
	if r.make == nil {
		return recordedTasks(t, o)
	}
	h, err := history.ReadFile(*rowFile, history.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return []task{{h, linear.New(modelOf(t, r.model), o), r.want}}
}

// recordedTasks are all histories of porcupine-etcd and porcupine-kv.
func recordedTasks(t *testing.T, o linear.Options) []task {
	var tasks []task
	for line := range strings.Lines(readVerdicts(t)) {
		cols := strings.Split(strings.TrimSpace(line), "\t")
		model := models.CASRegister()
		switch {
		case strings.HasPrefix(cols[0], "porcupine-kv"):
			model = models.KV()
		case !strings.HasPrefix(cols[0], "porcupine-etcd"):
			continue
		}
		h, err := history.ReadFile(filepath.Join(recorded, cols[0]), history.ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		want := check.Valid
		if cols[3] == "invalid" {
			want = check.Invalid
		}
		tasks = append(tasks, task{h, linear.New(model, o), want})
	}
	return tasks
}

// measure judges all that a row is about, three times where that is quick, and
// prints the best.
func (r tableRow) measure(t *testing.T) {
	tasks := r.tasks(t)
	ops := 0
	for _, task := range tasks {
		ops += len(task.h.Pairs())
	}
	best := measured{}
	for range 3 {
		m := measured{verdict: "decided"}
		start, before := time.Now(), processor(t)
		ctx, cancel := context.WithTimeout(context.Background(), *limit)
		for _, task := range tasks {
			switch got := check.Run(ctx, task.c, task.h); got.Verdict {
			case task.want:
			case check.Unknown:
				m.verdict = "undecided"
			default:
				t.Fatalf("%v (%s), expected %v", got.Verdict, got.Reason, task.want)
			}
		}
		cancel()
		m.wall, m.processor = time.Since(start).Seconds(), (processor(t) - before).Seconds()
		if best.verdict == "" || m.processor < best.processor {
			best = m
		}
		if m.wall > 5 || ops > million { // the garbage of one would count as memory of the next
			break
		}
	}
	if len(tasks) == 1 && best.verdict == "decided" {
		best.verdict = tasks[0].want.String()
	}
	fmt.Printf("figures: %d %s %g %g\n", ops, best.verdict, best.wall, best.processor)
}

// processor returns the processor time that this process has used, on all cores.
func processor(t *testing.T) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
