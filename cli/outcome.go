package cli

import (
	"cmp"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"

	"checker/check"
	"checker/rundir"
	"checker/runner"
)

// finish prints the result of a run and ends with its exit code. A run that
// failed, or that could not be written down, has a result only if an anomaly was
// found.
func (a *app) finish(dir *rundir.Dir, o runner.Outcome, unwritten error, asJSON bool) error {
	a.log.clearProgress()
	failed := cmp.Or(o.Err, unwritten)
	if unwritten == nil || o.Document.Verdict == check.Invalid {
		if err := a.printRun(dir, o, asJSON); err != nil {
			return err
		}
	}
	if failed == nil {
		return asExit(a.codeOfRun(o))
	}
	if o.Document.Verdict == check.Invalid {
		a.report(failed)
		return exitError(ExitInvalid)
	}
	return a.failedRun(dir, failed)
}

// failedRun says where what was recorded until a failure can be found.
func (a *app) failedRun(dir *rundir.Dir, err error) error {
	var hint hintError
	if errors.As(err, &hint) {
		return err
	}
	return hintError{err, "what was recorded until then is in " + dir.String()}
}

// codeOfRun is a run's exit code. An interrupt counts if it kept the run or its
// checks from coming to their end, and no anomaly was found by then.
func (a *app) codeOfRun(o runner.Outcome) int {
	if o.Document.Verdict == check.Unknown && a.interrupted() {
		return ExitInterrupted
	}
	return codeOfVerdict(o.Document.Verdict)
}

// printRun prints the result: the document, or the verdict in a sentence, the
// report's path and the command that reproduces it.
func (a *app) printRun(dir *rundir.Dir, o runner.Outcome, asJSON bool) error {
	if asJSON {
		o.Document.Dir = dir.String()
		return json.NewEncoder(a.out).Encode(o.Document)
	}
	if !a.quiet {
		a.printEvidence(o)
		a.printWitnesses(o.Document)
	}
	a.out.printf("%s\n", a.out.verdict(o.Document.Verdict, o.Document.Summary))
	a.out.printf("%s\n", filepath.Join(dir.String(), rundir.ReportFile))
	a.out.printf("%s\n", o.Document.Reproduce)
	return nil
}

func (a *app) printEvidence(o runner.Outcome) {
	a.out.printf("%s\n", o.EvidenceLine())
	for _, r := range o.Document.Checks {
		a.out.printf("  %s: %s", r.Name, a.out.verdict(r.Verdict, r.Verdict.String()))
		if r.Reason != "" {
			a.out.printf(" (%s)", r.Reason)
		}
		for _, note := range r.Notes {
			a.out.printf("; %s", note)
		}
		a.out.printf("\n")
	}
}

// printWitnesses prints the first witness of each type of anomaly in words.
func (a *app) printWitnesses(doc check.Document) {
	for _, r := range doc.Checks {
		for _, an := range r.Anomalies {
			a.out.printf("\n%s (%d found by %s)\n", a.out.style(bold, an.Type), an.Count, r.Name)
			if len(an.Witnesses) > 0 {
				a.out.printf("%s\n", indent(an.Witnesses[0].Text))
			}
		}
	}
	if doc.Verdict == check.Invalid {
		a.out.printf("\n")
	}
}

func indent(text string) string {
	return "  " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n  ")
}
