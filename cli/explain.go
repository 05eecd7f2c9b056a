package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"checker/models/consistency"
)

func (a *app) explainCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "explain NAME",
		Short: "Say in words what an anomaly, consistency model, nemesis, bug, workload or exit code is",
		Example: `  checker explain linearizable
  checker explain stale-leader-read
  checker explain 2`,
		Args: cobra.ExactArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return a.allNames(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.explain(args[0]) },
	}
}

func (a *app) explain(name string) error {
	if m, err := consistency.Parse(name); err == nil {
		name = m.Name
	}
	found := false
	for _, k := range kinds {
		for _, r := range k.rows(a) {
			if r.Name == name {
				a.explainRow(k, r)
				found = true
			}
		}
	}
	for _, c := range exitCodes {
		if strconv.Itoa(c.Code) == name {
			a.out.printf("%s (exit code)\n  %s\n", a.out.style(bold, name), c.Summary)
			found = true
		}
	}
	if found {
		return nil
	}
	return usageError{hintError{
		fmt.Errorf("nothing is called %q%s", name, consistency.DidYouMean(name, a.allNames())),
		"`checker list KIND` shows the names of a kind: " + strings.Join(kindNames(), ", "),
	}}
}

func (a *app) explainRow(k kind, r row) {
	a.out.printf("%s (%s)\n  %s\n", a.out.style(bold, r.Name), k.one, r.Summary)
	for _, d := range r.Details {
		if d.Value == "" {
			continue
		}
		value := strings.ReplaceAll(d.Value, "\n", "\n    ")
		if !strings.HasPrefix(value, "\n") {
			value = " " + value
		}
		a.out.printf("  %s:%s\n", d.Name, value)
	}
}

// allNames are the names of all registries, for completion.
func (a *app) allNames() []string {
	var names []string
	for _, k := range kinds {
		for _, r := range k.rows(a) {
			if !slices.Contains(names, r.Name) {
				names = append(names, r.Name)
			}
		}
	}
	return names
}
