// Package reports turns what a run left behind, or a recorded history and its
// verdict, into pages and files: report.html for people, junit.xml for CI,
// Markdown for a step summary, annotations for GitHub, JSON for scripts.
//
// [Write] builds formats of a run directory. [HTML], [JUnit] and their kin write
// one format of an [Input], which needs no run directory. Every format is a
// function of its input alone: no clock, no network, no randomness.
//
// Three rules hold in each of them.
//
//   - What the run recorded is foreign text. It is made visible (control
//     characters, bidirectional overrides, broken UTF-8), folded to a bounded
//     length with the full length stated, and escaped for where it stands.
//   - A verdict is never shown better than its parts: see [Input] on verdicts
//     that contradict their checks.
//   - A valid run says what it rests on and what it did not try; an unknown one
//     never looks like a valid one.
//
// Go computes everything on the page (text, bins, paths, layout); the script
// only draws the timeline from a compact payload, zooms and copies. The page is
// one file, with a policy that allows its own style and script and no request.
//
// Reading order: input.go, format.go, page.go, then one file a section:
// headline.go with lattice.go; witness.go with ring.go, sketch.go and sequence.go;
// timeline.go with columns.go; charts.go with nodes.go; spacetime.go with
// flights.go; evidence.go; setup.go. Below them: view.go (ops by time), faults.go
// (faults as intervals), tale.go (the trace), text.go and brief.go (foreign text).
package reports
