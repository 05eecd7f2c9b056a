package runner

import (
	"strings"
	"testing"
	"time"

	"checker/targets"
)

// TestImageIsForContainers: an image is given for containers of a target that takes
// one, and the command that a run prints names it.
func TestImageIsForContainers(t *testing.T) {
	spec := defaultSpec()
	spec.Image = "registry.example/db:1"
	if _, err := spec.Resolve(); err == nil || !strings.Contains(err.Error(), "refdb takes no --image") {
		t.Errorf("%v", err)
	}
	for env, want := range map[string]string{"docker": "", "sim": "the environment is sim"} {
		image, err := spec.image(withImages(spec), env)
		if want == "" && (err != nil || image != spec.Image) || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %q, %v", env, image, err)
		}
	}
	spec.Image = ""
	plan, err := spec.Resolve()
	if err != nil {
		t.Fatal(err)
	}
	plan.Config.Image = "registry.example/db:1"
	if got := plan.Reproduce(); !strings.Contains(got, " --image registry.example/db:1 ") {
		t.Errorf("%s", got)
	}
	if got := plan.describe(Options{}, time.Unix(0, 0)).Versions.Target; got != "refdb registry.example/db:1" {
		t.Errorf("the version is %s", got)
	}
	if got := SpecOf(plan.describe(Options{}, time.Unix(0, 0)), spec.Targets, spec.Workloads).Image; got != plan.Config.Image {
		t.Errorf("asked for again: %q", got)
	}
}

func withImages(s Spec) targets.Description {
	d := s.Targets[0].Describe()
	d.Images = true
	return d
}
