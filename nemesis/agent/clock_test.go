//go:build linux

package agent

import (
	"bufio"
	"bytes"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestShift compares with arithmetic that has no bounds.
func TestShift(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := shift{
			off:   rapid.Int64Range(-1<<50, 1<<50).Draw(t, "off"),
			rate:  rateOf(rapid.Int64Range(-1_000_000, 10_000_000).Draw(t, "ppm")),
			since: rapid.Int64Range(0, 1<<61).Draw(t, "since"),
		}
		n := s.since + rapid.Int64Range(-1<<45, 1<<45).Draw(t, "passed")
		want := new(big.Int).Mul(big.NewInt(n-s.since), big.NewInt(s.rate))
		want.Rsh(want, 32).Add(want, big.NewInt(s.off)) // Rsh rounds down, as >> does
		if got := s.at(n); !want.IsInt64() || got != want.Int64() {
			t.Fatalf("%+v at %d: %d, expected %s", s, n, got, want)
		}
	})
}

// TestMain can be a process that tells its wall clock whenever asked.
func TestMain(m *testing.M) {
	if os.Getenv("CHECKER_TEST_CLOCK") == "" {
		os.Exit(m.Run())
	}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		fmt.Println(time.Now().UnixNano())
	}
}

// tellers are programs that tell their wall clock, in ns, for each line they read,
// each by another function of the vDSO where the architecture has it.
var tellers = []struct {
	function string
	command  []string
}{
	{"clock_gettime", []string{os.Args[0]}},
	{"gettimeofday", []string{"perl", "-MTime::HiRes=gettimeofday", "-e", `$| = 1; while (<STDIN>) { my ($s, $u) = gettimeofday; print $s, sprintf("%06d", $u), "000\n" }`}},
	{"time", []string{"perl", "-e", `$| = 1; while (<STDIN>) { printf "%d000000000\n", time }`}},
}

// TestInjector moves the clock of a process, and takes out again what it put in.
func TestInjector(t *testing.T) {
	if _, err := machineOf(runtime.GOARCH); err != nil {
		t.Skip("skipped: ", err)
	}
	if err := mayTrace(); err != nil {
		t.Skip("skipped: ", err)
	}
	i, err := newInjector()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range i.diversions {
		t.Logf("at %#x, % x becomes % x", d.at, i.image[d.at:d.at+uint64(len(d.code))], d.code)
	}
	for _, teller := range tellers {
		t.Run(teller.function, func(t *testing.T) {
			if teller.command[0] == "perl" {
				if err := exec.Command("perl", "-MTime::HiRes", "-e", "").Run(); err != nil {
					t.Skip("skipped: perl: ", err)
				}
			}
			testInjector(t, i, exec.Command(teller.command[0], teller.command[1:]...))
		})
	}
}

func testInjector(t *testing.T, i *injector, child *exec.Cmd) {
	child.Env = append(os.Environ(), "CHECKER_TEST_CLOCK=1")
	in, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	pipe, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		in.Close()
		if err := child.Wait(); err != nil {
			t.Error(err)
		}
	}()
	out := bufio.NewReader(pipe)
	pid := child.Process.Pid
	wantAhead := func(want time.Duration) {
		t.Helper()
		fmt.Fprintln(in)
		var there int64
		if _, err := fmt.Fscanln(out, &there); err != nil {
			t.Fatal(err)
		}
		if got := time.Duration(there - time.Now().UnixNano()); got < want-2*time.Second || got > want+2*time.Second {
			t.Errorf("%s ahead, expected %s", got, want)
		}
	}
	wantAhead(0)
	for _, want := range []time.Duration{time.Hour, -60 * 365 * 24 * time.Hour, 0, time.Minute} {
		if err := i.set(pid, shift{off: int64(want)}); err != nil {
			t.Fatal(err)
		}
		if got, err := i.get(pid); err != nil || got.off != int64(want) || !i.installed(pid) {
			t.Errorf("%+v, %v", got, err)
		}
		wantAhead(want)
	}
	for range 2 {
		if err := i.remove(pid); err != nil {
			t.Fatal(err)
		}
	}
	wantAhead(0)
	begin, end, err := vdsoOf(pid)
	if err != nil {
		t.Fatal(err)
	}
	now := make([]byte, end-begin)
	if err := readMemory(pid, begin, now); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(now[:i.place], i.image[:i.place]) || i.installed(pid) {
		t.Error("the vDSO is not as it was")
	}
	if _, err := i.get(pid); err != errNotInstalled {
		t.Errorf("%v", err)
	}
	if err := i.set(pid, shift{off: int64(time.Hour)}); err != nil { // once more
		t.Fatal(err)
	}
	wantAhead(time.Hour)
}
