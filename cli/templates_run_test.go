package cli

import (
	"bytes"
	"encoding/xml"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// action is what GitHub takes for a composite action; other members are mistakes.
type action struct {
	Name, Description string
	Inputs            map[string]struct{ Description, Default string }
	Runs              struct {
		Using string
		Steps []actionStep
	}
}

type actionStep struct {
	Name, If, Shell, Run, Uses string
	Env, With                  map[string]string
}

// gitLabJob is the part of a GitLab job that the template uses.
type gitLabJob struct {
	Variables   map[string]string
	Script      []string
	AfterScript []string `yaml:"after_script"`
	Artifacts   struct {
		When    string
		Paths   []string
		Reports struct{ JUnit string }
	}
}

// readStrictly decodes a file in which every member must be known.
func readStrictly(t *testing.T, path string, document any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(document); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

var inputUsed = regexp.MustCompile(`\$\{\{ *inputs\.([a-z-]+) *\}\}`)

// fill puts the values of inputs where a template names them.
func fill(t *testing.T, text string, inputs map[string]string) string {
	t.Helper()
	return inputUsed.ReplaceAllStringFunc(text, func(used string) string {
		value, known := inputs[inputUsed.FindStringSubmatch(used)[1]]
		if !known {
			t.Errorf("%s is no input", used)
		}
		return value
	})
}

// shell runs a script as a service would, and returns what it printed and its
// exit code.
func shell(t *testing.T, dir, script string, env ...string) (output string, code int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if exit := (&exec.ExitError{}); errors.As(err, &exit) {
		return string(out), exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	return string(out), 0
}

// flagsOfJobs are runs of each verdict, with what a reader of the job must find.
var flagsOfJobs = []struct {
	flags           string
	code            int
	annotation, tag string
}{
	{"--workload register --seed 1 --time-limit 20s", 0, "::notice title=", "VALID: "},
	{"--bug stale-leader-read --seed 1", 1, "::error title=", "stale-read"},
	{"--workload register --seed 1 --time-limit 20s --nemesis none --ops 3", 2, "::error title=", "UNKNOWN: "},
}

// TestGitHubActionRuns runs the steps of the action one after the other: the job
// fails by the exit code, annotations and summary tell what was found, and what is
// uploaded is there.
func TestGitHubActionRuns(t *testing.T) {
	var a action
	readStrictly(t, "../ci/github/action.yml", &a)
	if a.Name == "" || a.Description == "" || a.Runs.Using != "composite" || len(a.Runs.Steps) != 3 {
		t.Errorf("not a composite action of three steps: %+v", a)
	}
	for _, test := range flagsOfJobs {
		inputs := map[string]string{}
		for name, input := range a.Inputs {
			inputs[name] = input.Default
		}
		inputs["args"] = test.flags
		dir := t.TempDir()
		summary := filepath.Join(dir, "summary")
		var printed strings.Builder
		failed := 0
		for _, step := range a.Runs.Steps {
			if failed != 0 && step.If != "always()" {
				t.Errorf("step %s does not run after a failure", step.Name)
			}
			if step.Uses != "" {
				if !regexp.MustCompile(`^actions/upload-artifact@v\d+$`).MatchString(step.Uses) {
					t.Errorf("uses %s", step.Uses)
				}
				uploaded(t, dir, strings.Fields(step.With["path"]))
				fill(t, step.With["name"], inputs)
				continue
			}
			if step.Shell != "bash" {
				t.Errorf("step %s has the shell %q", step.Name, step.Shell)
			}
			env := []string{"GITHUB_ACTIONS=true", "GITHUB_STEP_SUMMARY=" + summary}
			for name, value := range step.Env {
				env = append(env, name+"="+fill(t, value, inputs))
			}
			output, code := shell(t, dir, fill(t, step.Run, inputs), env...)
			printed.WriteString(output)
			failed = max(failed, code)
		}
		text, err := os.ReadFile(summary)
		if failed != test.code || err != nil || !strings.Contains(printed.String(), test.annotation) || !strings.Contains(string(text), test.tag) {
			t.Errorf("%s: exit code %d, %v, printed\n%s\nsummary\n%s", test.flags, failed, err, printed.String(), text)
		}
	}
}

// uploaded checks that each pattern names something, and that a run is among it.
func uploaded(t *testing.T, dir string, patterns []string) {
	t.Helper()
	for _, pattern := range patterns {
		if found, err := filepath.Glob(filepath.Join(dir, strings.TrimPrefix(pattern, "!"))); err != nil || len(found) == 0 {
			t.Errorf("%s names nothing: %v", pattern, err)
		}
	}
	if reports, _ := filepath.Glob(filepath.Join(dir, patterns[0], "*", "2*", "report.html")); len(reports) != 1 {
		t.Errorf("%d reports in %s, want 1", len(reports), patterns[0])
	}
}

// TestGitLabTemplateRuns runs the script of the job and what comes after it: the
// job fails by the exit code, and the tests that GitLab reads are where it looks.
func TestGitLabTemplateRuns(t *testing.T) {
	var jobs map[string]gitLabJob
	readStrictly(t, "../ci/gitlab.yml", &jobs)
	job, there := jobs[".checker"]
	if !there || len(jobs) != 1 || job.Artifacts.When != "always" {
		t.Fatalf("jobs %+v", jobs)
	}
	for _, test := range flagsOfJobs {
		dir := t.TempDir()
		if _, known := job.Variables["RUN_FLAGS"]; !known {
			t.Error("RUN_FLAGS is no variable")
		}
		env := "RUN_FLAGS=" + test.flags
		output, code := shell(t, dir, strings.Join(job.Script, "\n"), env)
		if code != test.code {
			t.Errorf("%s: exit code %d, want %d\n%s", test.flags, code, test.code, output)
		}
		if output, code := shell(t, dir, strings.Join(job.AfterScript, "\n"), env); code != 0 {
			t.Errorf("%s: afterwards exit code %d\n%s", test.flags, code, output)
		}
		uploaded(t, dir, job.Artifacts.Paths)
		found, _ := filepath.Glob(filepath.Join(dir, job.Artifacts.Reports.JUnit))
		if len(found) != 1 {
			t.Fatalf("%d files are %s, want 1", len(found), job.Artifacts.Reports.JUnit)
		}
		text, err := os.ReadFile(found[0])
		var suites struct{ XMLName xml.Name }
		if err := errors.Join(err, xml.Unmarshal(text, &suites)); err != nil {
			t.Fatal(err)
		}
		if failures := strings.Count(string(text), "<failure") + strings.Count(string(text), "<error"); (failures > 0) != (test.code > 0) {
			t.Errorf("%s: %d failures among the tests", test.flags, failures)
		}
	}
}
