package reports

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"checker/check"
	"checker/history"
	"checker/rundir"
)

// TestVerdictIsNoBetterThanItsParts: a damaged document must not turn a page
// green.
func TestVerdictIsNoBetterThanItsParts(t *testing.T) {
	invalid := linearizable(check.Invalid, check.Anomaly{Type: "stale-read", Count: 1})
	tests := []struct {
		name string
		doc  check.Document
		want check.Verdict
	}{
		{"nothing at all", check.Document{}, check.Unknown},
		{"an invalid check", check.Document{Checks: []check.Result{linearizable(check.Valid), invalid}}, check.Invalid},
		{"vacuous", check.Document{Checks: []check.Result{linearizable(check.Valid)}, Evidence: check.Evidence{Vacuous: true}}, check.Unknown},
		{"sound", check.Document{Checks: []check.Result{linearizable(check.Valid)}}, check.Valid},
		{"worse than its checks", check.Document{Verdict: check.Unknown, Checks: []check.Result{linearizable(check.Valid)}}, check.Unknown},
	}
	for _, test := range tests {
		checkVerdict(t, test.name, Input{Document: test.doc}, test.want)
	}
	run := sampleRun()
	run.Status, run.Error = rundir.StatusFailed, "the target did not start"
	checkVerdict(t, "a failed run", Input{Run: &run, Document: tests[3].doc}, check.Unknown)
}

// checkVerdict looks for the verdict in the formats that people and CI go by.
func checkVerdict(t *testing.T, name string, in Input, want check.Verdict) {
	t.Helper()
	for _, f := range Formats() {
		var b bytes.Buffer
		if err := f.Write(&b, in); err != nil {
			t.Fatal(err)
		}
		says := map[string]string{
			"html":     `class="verdict ` + want.String() + `"`,
			"json":     `"verdict": "` + want.String() + `"`,
			"junit":    `name="verdict" value="` + want.String() + `"`,
			"markdown": strings.ToUpper(want.String()),
		}[f.Name]
		if !strings.Contains(b.String(), says) {
			t.Errorf("%s: %s does not say %s", name, f.Name, says)
		}
		green := f.Name == "junit" && strings.Contains(b.String(), `failures="0" errors="0"`) ||
			f.Name == "github" && !strings.Contains(b.String(), "::error")
		if (f.Name == "junit" || f.Name == "github") && green != (want == check.Valid) {
			t.Errorf("%s: %s is green %v:\n%s", name, f.Name, green, b.String())
		}
	}
}

// TestRunWithoutVerdictHasAReport: the harness may have been killed at any time.
func TestRunWithoutVerdictHasAReport(t *testing.T) {
	dir, err := rundir.Create(t.TempDir(), "killed", 1, time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	run := sampleRun()
	run.Status = rundir.StatusRunning
	if err := dir.WriteRun(run); err != nil {
		t.Fatal(err)
	}
	paths, err := Write(dir, []string{"html", "junit"})
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`class="verdict unknown"`, "was killed", "the history cannot be shown", "verdict.json does not exist"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	junit, err := os.ReadFile(paths[1])
	if err != nil || !strings.Contains(string(junit), `errors="1"`) {
		t.Errorf("JUnit of a killed run: %v\n%s", err, junit)
	}
}

func TestUnknownFormatsWriteNothing(t *testing.T) {
	dir, err := rundir.Create(t.TempDir(), "x", 1, time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	if err := dir.WriteRun(sampleRun()); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(dir, []string{"html", "pdf"}); err == nil || !strings.Contains(err.Error(), `"pdf"`) || !strings.Contains(err.Error(), "junit") {
		t.Errorf("error %v does not name the format and the ones there are", err)
	}
	if _, err := os.Stat(dir.Path(rundir.ReportFile)); err == nil {
		t.Error("a report was written all the same")
	}
}

// TestReportsAreDeterministic: the same input gives the same bytes.
func TestReportsAreDeterministic(t *testing.T) {
	for _, f := range Formats() {
		var first, second bytes.Buffer
		if err := f.Write(&first, hostileInput(t)); err != nil {
			t.Fatal(err)
		}
		if err := f.Write(&second, hostileInput(t)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Errorf("%s differs between two runs", f.Name)
		}
	}
}

// TestSkippedFaultsAreTold: what could not be done is said with its reason, and
// what failed otherwise is not taken for it.
func TestSkippedFaultsAreTold(t *testing.T) {
	run := sampleRun()
	done := func(reason string) history.Op {
		op := nemesisOp(2e9, "clock-bump", history.Nil)
		op.Error = history.String(reason)
		return op
	}
	h := build(t, nemesisOp(1e9, "clock-bump", history.String("n1 +1s")), done("skipped: no vDSO here"), nemesisOp(3e9, "clock-bump", history.String("n2 +1s")), done("it broke"))
	p := newPage(Input{Run: &run, History: h, Document: check.NewDocument(nil, check.Evidence{})})
	if got, want := fmt.Sprint(p.Setup.Skipped), "[{1.000 s clock-bump n1 +1s no vDSO here}]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
