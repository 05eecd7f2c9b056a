package reports

import (
	"fmt"
	"io"
	"strings"

	"checker/check"
)

// GitHub writes workflow commands, a line each, that annotate a GitHub Actions
// run when a step prints them: an error for each kind of anomaly and for a check
// that could not be decided, a notice for a valid run.
func GitHub(w io.Writer, in Input) error {
	in = in.sound()
	d := in.Document
	var b strings.Builder
	annotate := func(level, title, text string) {
		fmt.Fprintf(&b, "::%s title=%s::%s\n", level, githubProperty(line(title, foldWord)), githubText(visible(text, foldText)))
	}
	again := ""
	if d.Reproduce != "" {
		again = "\nreproduce: " + d.Reproduce
	}
	for _, r := range d.Checks {
		for _, a := range r.Anomalies {
			text := r.Name + " is violated"
			if len(a.Witnesses) > 0 {
				text = tellWitness(a.Witnesses[0])
			}
			annotate("error", in.Title+": "+a.Type, strings.TrimRight(text, "\n")+again)
		}
		if r.Verdict == check.Unknown {
			annotate("error", in.Title+": "+r.Name+" is unknown", r.Reason)
		}
	}
	switch {
	case d.Verdict == check.Valid:
		annotate("notice", in.Title+": valid", d.Summary)
	case d.Verdict == check.Unknown && d.Evidence.Vacuous || b.Len() == 0:
		annotate("error", in.Title+": "+d.Verdict.String(), d.Summary+again)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func githubText(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

func githubProperty(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(githubText(s))
}
