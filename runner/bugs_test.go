package runner

import (
	"testing"

	"checker/check"
	"checker/targets/simulated"
)

// mostBugSeeds is how many seeds may be needed to find a planted bug at its
// default settings.
const mostBugSeeds = 500

// TestEveryPlantedBugIsFound is the positive control of the whole path.
func TestEveryPlantedBugIsFound(t *testing.T) {
	for _, bug := range simulated.RefDB().Describe().Bugs {
		t.Run(bug.Name, func(t *testing.T) {
			t.Parallel()
			spec := defaultSpec()
			spec.Bugs = []string{bug.Name}
			for seed := uint64(1); seed <= mostBugSeeds; seed++ {
				spec.Seed = seed
				if out := execute(t, spec, nil); out.Document.Verdict == check.Invalid {
					t.Logf("seed %d: %s", seed, out.Document.Summary)
					return
				}
			}
			t.Errorf("none of %d seeds shows it", mostBugSeeds)
		})
	}
}
