package cli

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"checker/models/consistency"
)

const consistencyPage = "../docs/consistency-models.md"

// TestConsistencyPage: the page says of consistency models what the program says.
func TestConsistencyPage(t *testing.T) {
	var want strings.Builder
	want.WriteString(`# Consistency models

What a database may promise, from the strongest to the weakest; written by ` + "`make docs`" + ` from models/consistency. A model that is violated takes every model with it that implies it. Forbidden are also the anomalies that the implied models forbid, and whatever entails one of them. ` + "`checker explain NAME`" + ` says the same.

| model | also called | promises | implies | forbids, besides |
|---|---|---|---|---|
`)
	for _, m := range consistency.All() {
		fmt.Fprintf(&want, "| `%s` | %s | %s | %s | %s |\n", m.Name, strings.Join(m.Synonyms, ", "), m.Summary,
			strings.Join(m.Implies, ", "), strings.Join(consistency.Forbids(m.Name), ", "))
	}
	got, err := os.ReadFile(consistencyPage)
	if string(got) == want.String() {
		return
	}
	if !*rewrite {
		t.Fatalf("%s does not say what models/consistency says (%v): run `make docs`", consistencyPage, err)
	}
	if err := os.WriteFile(consistencyPage, []byte(want.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}
