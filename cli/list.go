package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"checker/history"
	"checker/models/consistency"
	"checker/nemesis"
)

// row is an entry of a registry: at least a name and a summary.
type row struct {
	Name    string   `json:"name"`
	Summary string   `json:"summary"`
	Details []detail `json:"-"`
}

// detail is a further property of an entry.
type detail struct {
	Name  string
	Value string
}

// MarshalJSON writes the details beside name and summary.
func (r row) MarshalJSON() ([]byte, error) {
	fields := map[string]string{"name": r.Name, "summary": r.Summary}
	for _, d := range r.Details {
		fields[strings.ReplaceAll(d.Name, " ", "_")] = d.Value
	}
	return json.Marshal(fields)
}

// kind is one registry.
type kind struct {
	name string
	one  string // the word for one entry
	rows func(a *app) []row
}

var kinds = []kind{
	{"targets", "target", targetRows},
	{"workloads", "workload", workloadRows},
	{"nemeses", "nemesis", nemesisRows},
	{"models", "model", modelRows},
	{"consistency-models", "consistency model", consistencyRows},
	{"anomalies", "anomaly", anomalyRows},
	{"bugs", "planted bug", bugRows},
	{"formats", "format", formatRows},
}

// unknownName is the error for a name that is not among the known.
func unknownName(what, name string, known []string) error {
	return fmt.Errorf("unknown %s %q%s expected one of %s", what, name, cmp.Or(consistency.DidYouMean(name, known), ":"), strings.Join(known, ", "))
}

func kindNames() []string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = k.name
	}
	return names
}

func (a *app) listCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:       "list KIND",
		Short:     "Show what there is: " + strings.Join(kindNames(), ", "),
		Example:   "  checker list bugs\n  checker list consistency-models --json",
		Args:      cobra.ExactArgs(1),
		ValidArgs: kindNames(),
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, k := range kinds {
				if k.name == args[0] {
					return a.printRows(k.rows(a), asJSON)
				}
			}
			return usageError{unknownName("kind", args[0], kindNames())}
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (a *app) printRows(rows []row, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(a.out)
		e.SetIndent("", "  ")
		return e.Encode(rows)
	}
	w := tabwriter.NewWriter(a.out, 0, 8, 2, ' ', 0)
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t%s\n", r.Name, r.Summary)
	}
	return w.Flush()
}

func targetRows(a *app) []row {
	var rows []row
	for _, t := range a.Targets {
		d := t.Describe()
		r := row{d.Name, d.Summary, []detail{
			{"environments", strings.Join(d.Environments, ", ")},
			{"workloads", strings.Join(d.Workloads, ", ")},
		}}
		for _, s := range d.Settings {
			r.Details = append(r.Details, detail{"setting " + s.Name, fmt.Sprintf("%s (%s)", s.Summary, strings.Join(s.Values, ", "))})
		}
		rows = append(rows, r)
	}
	return rows
}

func workloadRows(a *app) []row {
	var rows []row
	for _, w := range a.Workloads {
		r := row{w.Name, w.Summary, nil}
		for _, f := range w.Functions {
			r.Details = append(r.Details, detail{"op " + f.F, f.Summary})
		}
		r.Details = append(r.Details, detail{"needs", w.Needs}, detail{"checked for", strings.Join(w.ConsistencyModels, ", ")}, detail{"least ok ops", thresholds(w.Thresholds)})
		for _, setting := range slices.Sorted(maps.Keys(w.Further)) {
			r.Details = append(r.Details, detail{"with " + setting, thresholds(w.Further[setting])})
		}
		for _, s := range w.Settings {
			r.Details = append(r.Details, detail{"setting " + s.Name, fmt.Sprintf("%s (default %s)", s.Summary, s.Default)})
		}
		rows = append(rows, r)
	}
	return rows
}

func thresholds(least map[string]int) string {
	var parts []string
	for f, n := range least {
		parts = append(parts, fmt.Sprintf("%d %s", n, f))
	}
	sort.Strings(parts)
	return strings.Join(parts, ", ")
}

func nemesisRows(*app) []row {
	rows := []row{
		{"none", "no faults", nil},
		{"all", "every family under which the target's configuration keeps its promise; with --bug, those that expose it", nil},
	}
	for _, f := range nemesis.Families() {
		var verbs []string
		for _, v := range f.Verbs {
			verbs = append(verbs, string(v))
		}
		rows = append(rows, row{f.Name, f.Summary, []detail{{"ops", strings.Join(verbs, ", ")}, {"moves", strings.Join(nemesis.MoveNames(f.Name), ", ")}, {"can expose", f.Exposes}}})
	}
	return rows
}

func modelRows(*app) []row {
	var rows []row
	for _, m := range checkModels() {
		rows = append(rows, row{m.name, m.summary, []detail{{"ops", m.ops}}})
	}
	return rows
}

func consistencyRows(*app) []row {
	var rows []row
	for _, m := range consistency.All() {
		rows = append(rows, row{m.Name, m.Summary, []detail{
			{"also called", strings.Join(m.Synonyms, ", ")},
			{"implies", strings.Join(m.Implies, ", ")},
			{"forbids", strings.Join(consistency.Forbids(m.Name), ", ")},
		}})
	}
	return rows
}

func bugRows(a *app) []row {
	var rows []row
	for _, t := range a.Targets {
		for _, b := range t.Describe().Bugs {
			rows = append(rows, row{b.Name, b.Summary, []detail{
				{"target", t.Describe().Name},
				{"after", b.Source},
				{"exposed by", strings.Join(b.Faults, ", ")},
				{"workload", b.Workload},
				{"anomaly", b.Anomaly},
				{"see it", "checker run --bug " + b.Name},
			}})
		}
	}
	return rows
}

func formatRows(*app) []row {
	var rows []row
	for _, f := range history.Formats() {
		use := "read"
		if f.CanWrite {
			use = "read and write"
		}
		rows = append(rows, row{string(f.Name), f.Summary, []detail{{"can", use}}})
	}
	return rows
}
