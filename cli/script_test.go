package cli

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// recorded is where the histories that other projects recorded are, if they are.
const recorded = "../../shared/histories"

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"checker": func() { os.Exit(Main(Default(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

// TestScripts runs the scripts in testdata, each against the program as a process
// of its own. A script is named after what it is about.
func TestScripts(t *testing.T) {
	histories, err := filepath.Abs(recorded)
	if err != nil {
		t.Fatal(err)
	}
	engines := fakeEngines(t)
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			for name, address := range engines {
				env.Setenv(name, address)
			}
			env.Setenv("HISTORIES", histories)
			return nil
		},
		Condition: func(cond string) (bool, error) {
			if cond != "histories" {
				return false, errors.New("unknown condition")
			}
			_, err := os.Stat(histories)
			return err == nil, nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":  exits,
			"keep":   keep,
			"repeat": repeat,
		},
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

// exits CODE COMMAND... runs a command that must end with that code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	err = ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// keep VARIABLE N keeps the Nth line of the last standard output, or the Nth from
// its end if N is negative.
func keep(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: keep VARIABLE N")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	lines := strings.Split(strings.TrimSuffix(ts.ReadFile("stdout"), "\n"), "\n")
	if n < 0 {
		n += len(lines) + 1
	}
	if n < 1 || n > len(lines) {
		ts.Fatalf("there is no line %s among %d", args[1], len(lines))
	}
	ts.Setenv(args[0], lines[n-1])
}

// repeat FILE N TEXT writes N times TEXT to FILE.
func repeat(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: repeat FILE N TEXT")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Repeat(args[2], n)), 0o644))
}
