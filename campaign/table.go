package campaign

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// Table writes a line for each cell: what came out of it, its runs, and its name.
func (s Summary) Table(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "VERDICT\tRUNS\tVALID\tINVALID\tUNKNOWN\tCELL\tREASON")
	for _, c := range s.Cells {
		fmt.Fprintf(t, "%v\t%d\t%d\t%d\t%d\t%s\t%s\n", c.Verdict, c.Runs.Done(), c.Runs.Valid, c.Runs.Invalid, c.Runs.Unknown, c.Name, c.Reason)
	}
	return t.Flush()
}
