package cli

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// many is a campaign of some seconds, with valid runs and invalid ones.
var many = []string{"campaign", "--workload", "register", "--set", "reads=local,read-index", "-c", "linearizable", "--nemesis", "kill", "--time-limit", "10s", "--seeds", "20"}

// TestKilledCampaign kills a campaign at random moments, again and again, until it
// has come to its end. Its summary is that of one that nobody disturbed.
func TestKilledCampaign(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if code, out := runChecker(t, dir, append(many, "--name", "whole")...); code != ExitInvalid {
		t.Fatalf("exit code %d: %s", code, out)
	}
	args := append(many, "--name", "killed", "--resume")
	log := filepath.Join(dir, "store", "killed", "results.jsonl")
	kills := 0
	for {
		cmd := exec.Command("checker", args...)
		cmd.Dir = dir
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		kill := func() { _ = cmd.Process.Kill() }
		if kills == 0 {
			awaitLine(t, log, `"seed"`)
			kill()
		}
		timer := time.AfterFunc(time.Duration(300+rand.IntN(700)+300*kills)*time.Millisecond, kill)
		_ = cmd.Wait()
		timer.Stop()
		if cmd.ProcessState.ExitCode() == ExitInvalid {
			break
		}
		if kills++; kills > 50 {
			t.Fatal("it does not come to its end")
		}
		if kills == 1 {
			tear(t, log)
		}
	}
	t.Logf("killed %d times", kills)
	if kills == 0 {
		t.Error("it was never killed")
	}
	for _, name := range []string{"summary.json", "junit.xml"} {
		same(t, filepath.Join(dir, "store", "whole", name), filepath.Join(dir, "store", "killed", name))
	}
}

// tear leaves half a line at the end of a log, as a kill in the middle of a write.
func tear(t *testing.T, path string) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.WriteString(`{"cell":"refdb`); err != nil {
		t.Fatal(err)
	}
}

func same(t *testing.T, a, b string) {
	t.Helper()
	x, err := os.ReadFile(a)
	if err != nil {
		t.Fatal(err)
	}
	y, err := os.ReadFile(b)
	if err != nil {
		t.Fatal(err)
	}
	if string(x) != string(y) {
		t.Errorf("%s and %s differ:\n%s\n%s", a, b, x, y)
	}
}

// TestInterruptedCampaign: 130 when nothing was found by then, 1 when something was.
// What was done stays and is not done again.
func TestInterruptedCampaign(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		line string // in the log by the time of the interrupt
		code int
	}{
		"silent": {[]string{"--workload", "register", "--time-limit", "10s"}, `"valid"`, ExitInterrupted},
		"found":  {[]string{"--workload", "register", "--set", "reads=local", "-c", "linearizable"}, `"invalid"`, ExitInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			p := start(t, dir, nil, append([]string{"campaign", "--seeds", "100000"}, c.args...)...)
			p.running(0)
			awaitLine(t, filepath.Join(dir, "store", "campaign-flags", "results.jsonl"), c.line)
			if code := p.end(os.Interrupt); code != c.code {
				t.Fatalf("exit code %d, want %d: %s", code, c.code, p)
			}
			if !strings.Contains(p.out.String(), "store/campaign-flags/index.html") {
				t.Errorf("no summary was printed: %s", p)
			}
			log, err := os.ReadFile(filepath.Join(dir, "store", "campaign-flags", "results.jsonl"))
			if err != nil || len(log) == 0 || log[len(log)-1] != '\n' {
				t.Errorf("the log does not end with a whole line: %v", err)
			}
		})
	}
}

// awaitLine waits until a log has a whole line with a text in it.
func awaitLine(t *testing.T, path, text string) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		log, err := os.ReadFile(path)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		whole := log[:bytes.LastIndexByte(log, '\n')+1]
		if bytes.Contains(whole, []byte(text)) {
			return
		}
	}
	t.Fatalf("no line of %s says %s", path, text)
}

// TestDamagedCampaign: a log with something in its middle that is no result is
// not trusted.
func TestDamagedCampaign(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	args := []string{"campaign", "--workload", "set", "--nemesis", "none", "--time-limit", "5s", "--seeds", "1", "--resume"}
	if code, out := runChecker(t, dir, args...); code != ExitValid {
		t.Fatalf("exit code %d: %s", code, out)
	}
	path := filepath.Join(dir, "store", "campaign-flags", "results.jsonl")
	log, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, damage := range []string{"garbage\n", strings.Replace(string(log), `"seed":1`, `"seed":2`, 1)} {
		if err := os.WriteFile(path, append([]byte(damage), log...), 0o644); err != nil {
			t.Fatal(err)
		}
		if code, out := runChecker(t, dir, args...); code != ExitFailed || !strings.Contains(out, "results.jsonl:1") {
			t.Errorf("exit code %d: %s", code, out)
		}
	}
}

// TestCampaignOnFullDisk: what could not be written down is no result.
func TestCampaignOnFullDisk(t *testing.T) {
	dir := t.TempDir()
	small := filepath.Join(dir, "small")
	if err := os.Mkdir(small, 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", small).CombinedOutput(); err != nil {
		t.Skipf("no small file system can be mounted here: %s", out)
	}
	defer func() {
		if out, err := exec.Command("umount", small).CombinedOutput(); err != nil {
			t.Errorf("umount: %s", out)
		}
	}()
	code, out := runChecker(t, dir, "campaign", "--workload", "register", "--seeds", "2", "--time-limit", "5s", "--keep", "--out", "small/store")
	if code != ExitFailed || !strings.Contains(out, "no space left on device") || strings.Contains(out, "valid: ") {
		t.Errorf("exit code %d: %s", code, out)
	}
	code, out = runChecker(t, dir, "campaign", "--seeds", "2", "--workload", "register", "--set", "reads=local", "-c", "linearizable", "--name", "found", "--out", "small/store")
	if code != ExitInvalid && code != ExitFailed {
		t.Errorf("exit code %d: %s", code, out)
	}
}
