package runner

import (
	"os"
	"slices"
	"strings"
	"testing"

	"checker/check"
)

// TestCommitProtocols: each line of the table in docs/atomic-commit.md shows what it says.
func TestCommitProtocols(t *testing.T) {
	page, err := os.ReadFile("../docs/atomic-commit.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		command string
		change  func(*Spec)
		verdict check.Verdict
		anomaly string
	}{
		{"checker run --seed 1", func(s *Spec) { s.Seed = 1 }, check.Valid, ""},
		{"checker run --set commit=2pc-plain --nemesis kill --seed 3", func(s *Spec) { commitBy(s, "2pc-plain", "kill", 3) }, check.Valid, ""},
		{"checker run --set commit=2pc --nemesis kill --seed 3", func(s *Spec) { commitBy(s, "2pc", "kill", 3) }, check.Valid, ""},
		{"checker run --bug quorum-of-reachable --workload append --seed 2", func(s *Spec) {
			s.Bugs, s.Workload, s.Seed = []string{"quorum-of-reachable"}, "append", 2
		}, check.Invalid, "deposed-coordinator"},
		{"checker run --set commit=3pc --seed 3", func(s *Spec) { commitBy(s, "3pc", "", 3) }, check.Valid, ""},
		{"checker run --set commit=3pc --nemesis partition --seed 3", func(s *Spec) { commitBy(s, "3pc", "partition", 3) }, check.Invalid, "split-decision"},
		{"checker run --bug decision-log-lost --seed 1", func(s *Spec) { lostLog(s, "decision-log-lost") }, check.Invalid, "undecided"},
		{"checker run --bug decision-log-lost --bug in-doubt-released --seed 1", func(s *Spec) { lostLog(s, "decision-log-lost", "in-doubt-released") }, check.Invalid, "split-decision"},
		{"checker run --set commit=2pc-plain --bug in-doubt-released --seed 1", func(s *Spec) {
			commitBy(s, "2pc-plain", "", 1)
			s.Bugs = []string{"in-doubt-released"}
		}, check.Invalid, "broken-vote"},
	} {
		t.Run(c.command, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(string(page), "`"+c.command+"`") {
				t.Error("the page does not have it")
			}
			spec := defaultSpec()
			c.change(&spec)
			doc := execute(t, spec, nil).Document
			if doc.Verdict != c.verdict || c.anomaly != "" && !slices.Contains(doc.AnomalyTypes, c.anomaly) {
				t.Errorf("%s: %v", doc.Summary, doc.AnomalyTypes)
			}
		})
	}
}

func lostLog(s *Spec, bugs ...string) { s.Bugs, s.Seed = bugs, 1 }

func commitBy(s *Spec, commit, family string, seed uint64) {
	s.Settings, s.Seed = map[string]string{"commit": commit}, seed
	if family != "" {
		s.Nemesis = []string{family}
	}
}
