package reports

import (
	"fmt"
	"io"
	"strings"

	"checker/check"
)

// Markdown writes a summary for a pull request or a CI step: the verdict, the
// first witness of every anomaly, the evidence and how to run it again.
func Markdown(w io.Writer, in Input) error {
	p := newPage(in)
	var b strings.Builder
	h := p.Headline
	fmt.Fprintf(&b, "## %s %s: %s\n\n%s\n", h.Symbol, strings.ToUpper(h.Verdict), markdownText(p.Title), markdownText(h.Sentence))
	for _, note := range []string{h.Status, h.Meaning} {
		if note != "" {
			fmt.Fprintf(&b, "\n> %s\n", markdownText(note))
		}
	}
	p.markdownModels(&b)
	for _, a := range p.Anomalies {
		markdownAnomaly(&b, a)
	}
	p.markdownEvidence(&b)
	if h.Reproduce != "" {
		fmt.Fprintf(&b, "\n### Reproduce\n\n%s\n", markdownBlock(h.Reproduce))
	}
	if p.in.Document.Verdict != check.Invalid {
		markdownList(&b, "What this does not show", p.Limits)
	}
	markdownList(&b, "Warnings", p.Warnings)
	_, err := io.WriteString(w, b.String())
	return err
}

func (p *page) markdownModels(b *strings.Builder) {
	b.WriteString("\n| check | verdict | requested | broken | still holds | found |\n|---|---|---|---|---|---|\n")
	for _, c := range p.Checks {
		fmt.Fprintf(b, "| %s | %s %s | %s | %s | %s | %s |\n", markdownCell(c.Name), c.Symbol, c.Verdict,
			markdownCell(strings.Join(c.Requested, ", ")), markdownCell(strings.Join(c.Broken, ", ")),
			markdownCell(strings.Join(c.Holds, ", ")), markdownCell(c.Found+c.Reason))
	}
}

func markdownAnomaly(b *strings.Builder, a anomaly) {
	fmt.Fprintf(b, "\n### %s\n\nFound by %s, %s.\n", markdownText(a.Type), markdownText(a.Check), a.Count)
	if len(a.Witnesses) == 0 {
		return
	}
	w := a.Witnesses[0]
	if w.Text != "" {
		fmt.Fprintf(b, "\n%s\n", markdownBlock(w.Text))
	}
	if len(w.Ops) > 0 {
		b.WriteString("\n| op | process | invoked | completed | f | value | outcome |\n|---|---|---|---|---|---|---|\n")
	}
	for _, o := range w.Ops {
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s | %s |\n", o.Index, markdownCell(o.Process), o.Invoke, o.Complete,
			markdownCell(o.F), markdownCell(clip(o.Value, 200)), o.Outcome)
	}
	if len(w.Steps) > 0 {
		b.WriteString("\n")
	}
	for i, s := range w.Steps {
		fmt.Fprintf(b, "%d. op %s before op %s (%s): %s\n", i+1, s.From, s.To, markdownText(s.Edge), markdownText(s.Why))
	}
	for _, text := range w.During {
		fmt.Fprintf(b, "\nDuring: %s\n", markdownText(text))
	}
	for _, text := range w.Before {
		fmt.Fprintf(b, "\nBefore: %s\n", markdownText(text))
	}
}

func (p *page) markdownEvidence(b *strings.Builder) {
	if len(p.Evidence.Ops) > 0 {
		b.WriteString("\n### Evidence\n\n| f | ops | ok | info | fail |\n|---|---:|---:|---:|---:|\n")
	}
	for _, r := range p.Evidence.Ops {
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", markdownCell(r.F), r.Invoke, r.Ok, r.Info, r.Fail)
	}
	if len(p.Evidence.Faults) > 0 {
		b.WriteString("\n| faults | injected | effective | |\n|---|---:|---:|---|\n")
	}
	for _, r := range p.Evidence.Faults {
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", markdownCell(r.Family), r.Injected, r.Effective, r.Note)
	}
}

func markdownList(b *strings.Builder, title string, texts []string) {
	if len(texts) == 0 {
		return
	}
	fmt.Fprintf(b, "\n### %s\n\n", title)
	for _, text := range texts {
		fmt.Fprintf(b, "- %s\n", markdownText(text))
	}
}

// markdownText escapes what Markdown, HTML and GitHub's references and links
// would read as more than text, and stays on one line.
func markdownText(s string) string {
	var b strings.Builder
	for _, r := range line(s, len(s)) {
		if strings.ContainsRune("\\`*_{}[]<>()#|~@&$!", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return strings.NewReplacer("://", `\://`, "www.", `www\.`).Replace(b.String())
}

// markdownCell is text in a cell of a table, as code so that values stay legible.
func markdownCell(s string) string {
	if s == "" {
		return ""
	}
	s = strings.ReplaceAll(line(s, len(s)), "|", `\|`)
	fence := strings.Repeat("`", longestRun(s)+1)
	if len(fence) == 1 {
		return fence + s + fence
	}
	return fence + " " + s + " " + fence
}

// markdownBlock is text as a block of code.
func markdownBlock(s string) string {
	fence := strings.Repeat("`", max(3, longestRun(s)+1))
	return fence + "text\n" + strings.TrimRight(s, "\n") + "\n" + fence
}

// longestRun returns the length of the longest run of backticks.
func longestRun(s string) int {
	longest, run := 0, 0
	for i := range len(s) {
		if run++; s[i] != '`' {
			run = 0
		}
		longest = max(longest, run)
	}
	return longest
}
