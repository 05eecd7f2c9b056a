package reports

import (
	"fmt"
	"regexp"
	"strings"
)

// Drawing is the picture of a witness as a file of its own.
type Drawing struct {
	Name string // G-single-1.svg: the kind of anomaly and the number of the witness
	SVG  string
}

// variables finds what the page's style says about colours.
var variables = regexp.MustCompile(`(?s)^:root \{.*?\n\}\n@media screen and \(prefers-color-scheme: dark\) \{.*?\n\}\n`)

// Drawings returns the pictures of all witnesses that have one, each with its
// style, light and dark, so that it opens anywhere.
func Drawings(in Input) ([]Drawing, error) {
	style, err := join(styles[:1])
	if err != nil {
		return nil, err
	}
	drawing, err := join([]string{drawingStyle})
	if err != nil {
		return nil, err
	}
	style = "<style>" + variables.FindString(style) + "svg { background: var(--card); color: var(--ink); }\n" + drawing + "</style>"
	var all []Drawing
	for _, a := range newPage(in).Anomalies {
		for i, w := range a.Witnesses {
			open, rest, found := strings.Cut(string(w.Drawing), ">")
			if found {
				all = append(all, Drawing{Name: fmt.Sprintf("%s-%d.svg", fileName(a.Type), i+1), SVG: open + ">" + style + rest + "\n"})
			}
		}
	}
	return all, nil
}

// fileName keeps of a name what any file system takes.
func fileName(name string) string {
	safe := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.", r) {
			return r
		}
		return '_'
	}, name)
	return strings.TrimLeft(safe[:min(len(safe), 80)], ".")
}
