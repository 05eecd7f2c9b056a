package cli

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"checker/check"
	"checker/rundir"
)

// promptly is how soon the program must end after a signal, on a busy machine.
const promptly = time.Minute

// endless begins a run that does not end by itself.
var endless = []string{"run", "--time-limit", "100000s", "--seed", "1", "--out", "store"}

// process is the program at work in a folder of its own.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	dir    string
	out    bytes.Buffer
	errOut bytes.Buffer
	first  chan struct{} // closed with the first line of standard error
	read   chan struct{} // closed with its end
}

// start starts the program and returns when it has said what it does.
func start(t *testing.T, dir string, stdin io.Reader, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command("checker", args...), dir: dir, first: make(chan struct{}), read: make(chan struct{})}
	p.cmd.Dir, p.cmd.Stdin, p.cmd.Stdout = dir, stdin, &p.out
	p.cmd.WaitDelay = promptly
	lines, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	go func() {
		defer close(p.read)
		scanner := bufio.NewScanner(lines)
		for n := 0; scanner.Scan(); n++ {
			p.errOut.WriteString(scanner.Text() + "\n")
			if n == 0 {
				close(p.first)
			}
		}
	}()
	return p
}

// running waits until the run has begun, and a while more.
func (p *process) running(more time.Duration) {
	p.t.Helper()
	select {
	case <-p.first:
	case <-time.After(promptly):
		p.t.Fatal("the run did not begin")
	}
	time.Sleep(more)
}

// recorded waits until the run has written so many bytes of its history.
func (p *process) recorded(bytes int64) {
	p.t.Helper()
	p.running(0)
	for begun := time.Now(); time.Since(begun) < promptly; time.Sleep(10 * time.Millisecond) {
		info, err := os.Stat(filepath.Join(p.dir, "store", "latest", "history.jsonl"))
		if err == nil && info.Size() >= bytes {
			return
		}
	}
	p.t.Fatalf("the run has not written %d bytes of its history: %s", bytes, p)
}

// end sends a signal and returns the exit code, -1 for death by the signal.
func (p *process) end(signal os.Signal) int {
	p.t.Helper()
	sent := time.Now()
	if err := p.cmd.Process.Signal(signal); err != nil {
		p.t.Fatal(err)
	}
	<-p.read
	err := p.cmd.Wait()
	if took := time.Since(sent); took > promptly {
		p.t.Errorf("it took %s to end", took)
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	return p.cmd.ProcessState.ExitCode()
}

func (p *process) String() string {
	return fmt.Sprintf("checker %s\n%s%s", strings.Join(p.cmd.Args[1:], " "), &p.out, &p.errOut)
}

// latest opens the run directory that the process left.
func (p *process) latest() *rundir.Dir {
	p.t.Helper()
	dir, err := rundir.Open(filepath.Join(p.dir, "store", "latest"))
	if err != nil {
		p.t.Fatal(err)
	}
	return dir
}

// runChecker runs the program to its end.
func runChecker(t *testing.T, dir string, args ...string) (code int, out string) {
	t.Helper()
	cmd := exec.Command("checker", args...)
	cmd.Dir = dir
	text, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(text)
}

// TestInterruptedRun sends Ctrl-C, or what a supervisor sends, at any moment. What
// was recorded by then stays, is judged and can be read; nothing is called valid.
func TestInterruptedRun(t *testing.T) {
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM, os.Interrupt, syscall.SIGTERM} {
		delay := time.Duration(rand.IntN(1000)) * time.Millisecond
		t.Run(fmt.Sprintf("%v after %v", signal, delay), func(t *testing.T) {
			t.Parallel()
			p := start(t, t.TempDir(), nil, endless...)
			p.running(delay)
			if code := p.end(signal); code != ExitInterrupted {
				t.Fatalf("exit code %d, want 130: %s", code, p)
			}
			lines := strings.Split(strings.TrimSpace(p.out.String()), "\n")
			if n := len(lines); n < 3 || lines[n-3] != "unknown: the run was interrupted" || !strings.Contains(lines[n-1], "--seed 1") {
				t.Errorf("the result does not end as every result: %s", p)
			}
			checkInterrupted(t, p)
		})
	}
}

// checkInterrupted checks what an interrupted run left.
func checkInterrupted(t *testing.T, p *process) {
	t.Helper()
	dir := p.latest()
	run, err := dir.ReadRun()
	if err != nil || run.Status != rundir.StatusInterrupted {
		t.Errorf("status %q, %v", run.Status, err)
	}
	doc, err := dir.ReadVerdict()
	if err != nil || doc.Verdict != check.Unknown {
		t.Errorf("verdict %v, %v", doc.Verdict, err)
	}
	h, err := dir.ReadHistory()
	if err != nil || h.Len() != run.Rows {
		t.Errorf("the history has %d of %d rows, %v", h.Len(), run.Rows, err)
	}
	if warnings, _ := h.Warnings(); len(warnings) > 0 {
		t.Errorf("the history is untidy: %v", warnings)
	}
	page, err := os.ReadFile(dir.Path(rundir.ReportFile))
	if err != nil || !bytes.Contains(page, []byte("interrupted")) {
		t.Errorf("the report does not say that the run was interrupted (%v)", err)
	}
	if code, out := runChecker(t, p.dir, "check", "store/latest"); code != ExitUnknown || !strings.Contains(out, "the run was interrupted") {
		t.Errorf("checked again: %d %s", code, out)
	}
	if code, out := runChecker(t, p.dir, "report", "store/latest"); code != ExitValid {
		t.Errorf("reported again: %d %s", code, out)
	}
}

// TestInterruptAfterAnAnomaly: what was found counts.
func TestInterruptAfterAnAnomaly(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir(), nil, append(endless, "--workload", "register", "--set", "reads=local", "-c", "linearizable")...)
	p.recorded(1 << 20) // some ten thousand rows
	if code := p.end(os.Interrupt); code != ExitInvalid {
		t.Fatalf("exit code %d, want 1: %s", code, p)
	}
	dir := p.latest()
	run, err := dir.ReadRun()
	if err != nil || run.Status != rundir.StatusInterrupted {
		t.Errorf("status %q, %v", run.Status, err)
	}
	if doc, err := dir.ReadVerdict(); err != nil || doc.Verdict != check.Invalid {
		t.Errorf("verdict %v, %v", doc.Verdict, err)
	}
}

// TestKilledRun leaves a directory that says that the run has not ended, with the
// history up to the last flush.
func TestKilledRun(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir(), nil, endless...)
	p.recorded(1)
	if code := p.end(os.Kill); code != -1 {
		t.Fatalf("exit code %d: %s", code, p)
	}
	run, err := p.latest().ReadRun()
	if err != nil || run.Status != rundir.StatusRunning {
		t.Errorf("status %q, %v", run.Status, err)
	}
	if h, err := p.latest().ReadHistory(); err != nil || h.Len() == 0 {
		t.Errorf("nothing is left of the history: %v", err)
	}
	for _, args := range [][]string{{"check", "store/latest"}, {"report", "store/latest"}} {
		code, out := runChecker(t, p.dir, args...)
		if want := map[string]int{"check": ExitUnknown, "report": ExitValid}[args[0]]; code != want || !strings.Contains(out, "the run has not ended") {
			t.Errorf("%s: exit code %d, want %d and that the run has not ended: %s", args[0], code, want, out)
		}
	}
}

// TestInterruptedReplay is no failed replay.
func TestInterruptedReplay(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir(), nil, endless...)
	p.recorded(1 << 20)
	if code := p.end(os.Interrupt); code != ExitInterrupted {
		t.Fatalf("exit code %d: %s", code, p)
	}
	original, err := filepath.EvalSymlinks(filepath.Join(p.dir, "store", "latest"))
	if err != nil {
		t.Fatal(err)
	}
	replay := start(t, p.dir, nil, "replay", original)
	replay.running(200 * time.Millisecond)
	if code := replay.end(os.Interrupt); code != ExitInterrupted || strings.Contains(replay.errOut.String(), "differs") {
		t.Errorf("exit code %d: %s", code, replay)
	}
}

// TestInterruptedSearch for a seed ends it without a run.
func TestInterruptedSearch(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir(), nil, "run", "--bug", "ack-before-fsync", "--nemesis", "none", "--time-limit", "10000s")
	time.Sleep(time.Second)
	if code := p.end(os.Interrupt); code != ExitInterrupted {
		t.Errorf("exit code %d: %s", code, p)
	}
	if _, err := os.Stat(filepath.Join(p.dir, "store")); err == nil {
		t.Error("a run directory was made")
	}
}

// TestInterruptedCheck: of a search that would take for ever, of input that never
// comes, and between two files.
func TestInterruptedCheck(t *testing.T) {
	hard := hardHistory()
	for name, args := range map[string][]string{
		"search":  {"check", "-m", "register", "--engine", "porcupine", "--memory", "1GiB", "hard.edn"},
		"reading": {"check", "-m", "register", "-"},
		"convert": {"convert", "--to", "edn", "-", "out.edn"},
		"files":   {"check", "-m", "register", "--engine", "porcupine", "hard.edn", "hard.edn"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "hard.edn"), []byte(hard), 0o644); err != nil {
				t.Fatal(err)
			}
			silent, keep, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer silent.Close()
			defer keep.Close()
			p := start(t, dir, silent, args...)
			time.Sleep(time.Second)
			if code := p.end(os.Interrupt); code != ExitInterrupted {
				t.Errorf("exit code %d: %s", code, p)
			}
			if strings.Contains(p.out.String(), "true") || strings.Count(p.out.String(), "\tunknown") > 1 {
				t.Errorf("it went on: %s", p)
			}
		})
	}
}

// hardHistory is a history that takes a search longer than anyone waits: writes
// that may or may not have happened, and a read that none of them explains.
func hardHistory() string {
	var b strings.Builder
	for p := range 60 {
		fmt.Fprintf(&b, "{:process %d, :type :invoke, :f :write, :value %d}\n", p, p%5)
	}
	for i := range 40 {
		fmt.Fprintf(&b, "{:process 100, :type :invoke, :f :read, :value nil}\n{:process 100, :type :ok, :f :read, :value %d}\n", (i*7)%5)
	}
	b.WriteString("{:process 101, :type :invoke, :f :read, :value nil}\n{:process 101, :type :ok, :f :read, :value 99}\n")
	return b.String()
}
