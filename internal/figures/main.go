package main

import (
	"fmt"
	"io"
	"os"
	"strings"
)

func main() {
	res, err := read(os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if missed := write(os.Stdout, res); missed > 0 {
		os.Exit(1)
	}
}

// write prints the table of what was measured, in Markdown, and what went wrong;
// it returns how many figures were expected and not measured because a benchmark
// failed.
func write(w io.Writer, res results) (failed int) {
	rows := [][]string{{"figure", "measured", "goal", "met", "beside"}}
	for _, f := range figures {
		value, measured := res.best[f.measurement]
		if !measured {
			continue
		}
		rows = append(rows, []string{f.what, number(value), f.goalText(), f.met(value), res.beside(f, value)})
	}
	writeTable(w, rows)
	fmt.Fprintf(w, "\nThe best of each benchmark's runs, on %s.\n", strings.Join(res.machine, ", "))
	for _, line := range res.failed {
		fmt.Fprintln(w, line)
	}
	return len(res.failed)
}

// beside tells what a figure's peer reached.
func (r results) beside(f figure, value float64) string {
	other, measured := r.best[f.peer.measurement]
	if !measured {
		return ""
	}
	return fmt.Sprintf("%s: %s, %s×", f.peer.name, number(other), number(value/other))
}

// writeTable prints rows, the first of which is the head, with columns in line.
func writeTable(w io.Writer, rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	line := func(row []string) {
		for i, cell := range row {
			fmt.Fprintf(w, "| %s%s ", cell, strings.Repeat(" ", widths[i]-len([]rune(cell))))
		}
		fmt.Fprintln(w, "|")
	}
	line(rows[0])
	for _, width := range widths {
		fmt.Fprintf(w, "|%s", strings.Repeat("-", width+2))
	}
	fmt.Fprintln(w, "|")
	for _, row := range rows[1:] {
		line(row)
	}
}
