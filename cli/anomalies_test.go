package cli

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "write the generated part of docs/anomalies.md anew")

const (
	anomaliesPage  = "../docs/anomalies.md"
	anomaliesBegin = "<!-- family: written by `make docs` from the checkers themselves -->\n"
	anomaliesEnd   = "<!-- end of family -->\n"
)

// documented are the checks whose anomalies docs/anomalies.md tells as they tell them
// themselves, in its order.
var documented = []struct{ check, title string }{
	{"queue", "queues"}, {"unique-ids", "unique ids"}, {"monotonic", "numbers that only grow"}, {"lock", "locks and elections"},
	{"bank", "banks"}, {"long-fork", "long forks"}, {"comments", "effects without their predecessors"}, {"causal", "causal order"},
	{"registers", "registers, by weaker consistency models"}, {"transactions", "transactions"}, {"kafka", "partitioned logs"}, {"broadcast", "broadcasts"}, {"convergence", "replicas"}, {"log-pattern", "logs of nodes"},
}

// TestAnomaliesPage: the page says of the family what the program says.
func TestAnomaliesPage(t *testing.T) {
	var want strings.Builder
	kinds := anomalyKinds()
	for _, d := range documented {
		fmt.Fprintf(&want, "\n# Anomalies of %s\n", d.title)
		if len(kinds[d.check]) == 0 {
			t.Errorf("%s finds nothing", d.check)
		}
		for _, k := range kinds[d.check] {
			fmt.Fprintf(&want, "\n## %s\n\n%s\n\n```\n%s\n```\n", k.Name, k.Summary, k.Example)
		}
	}
	want.WriteByte('\n')
	page, err := os.ReadFile(anomaliesPage)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(page), anomaliesBegin)
	got, after, ends := strings.Cut(rest, anomaliesEnd)
	switch {
	case !ok || !ends:
		t.Fatalf("%s has no generated part", anomaliesPage)
	case got == want.String():
	case !*rewrite:
		t.Errorf("%s does not say what the checkers say: run `make docs`", anomaliesPage)
	default:
		if err := os.WriteFile(anomaliesPage, []byte(before+anomaliesBegin+want.String()+anomaliesEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
