package cli

import (
	"fmt"
	"io"
	"os"
	"time"

	"checker/check"
)

// progressEvery is how often a line of progress is printed where the output is
// not a terminal.
const progressEvery = 5 * time.Second

// printer writes text for people: with colours if they are wanted, and with a
// line of progress that is written over on a terminal.
type printer struct {
	w        io.Writer
	terminal bool
	color    bool
	pending  bool // a line of progress stands on the terminal
	last     time.Time
	err      error // the first one of writing
}

func newPrinter(w io.Writer) *printer {
	p := &printer{w: w}
	if file, ok := w.(*os.File); ok {
		info, err := file.Stat()
		p.terminal = err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
	}
	return p
}

// setColor decides on colours. NO_COLOR wins over everything.
func (p *printer) setColor(when string) error {
	switch when {
	case "auto":
		forced := os.Getenv("CLICOLOR_FORCE")
		p.color = p.terminal || forced != "" && forced != "0"
	case "always":
		p.color = true
	case "never":
		p.color = false
	default:
		return fmt.Errorf("--color %q: expected auto, always or never", when)
	}
	if os.Getenv("NO_COLOR") != "" {
		p.color = false
	}
	return nil
}

func (p *printer) printf(format string, args ...any) { fmt.Fprintf(p, format, args...) }

// Write lets a printer take the place of its writer. It remembers the first error.
func (p *printer) Write(b []byte) (int, error) {
	n, err := p.w.Write(b)
	if p.err == nil {
		p.err = err
	}
	return n, err
}

// ANSI codes of the few styles that are used.
const (
	bold  = "1"
	red   = "1;31"
	green = "1;32"
	amber = "1;33"
)

func (p *printer) style(code, text string) string {
	if !p.color {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (p *printer) verdict(v check.Verdict, text string) string {
	return p.style(map[check.Verdict]string{check.Valid: green, check.Invalid: red, check.Unknown: amber}[v], text)
}

// progress shows where long work stands. now is the time of the harness.
func (p *printer) progress(now time.Time, line string) {
	if p.terminal {
		if now.Sub(p.last) < progressEvery/50 {
			return
		}
		p.last, p.pending = now, true
		fmt.Fprintf(p.w, "\r\x1b[K%s", line)
		return
	}
	if p.last.IsZero() {
		p.last = now
	}
	if now.Sub(p.last) >= progressEvery {
		p.last = now
		fmt.Fprintln(p.w, line)
	}
}

// clearProgress takes the line of progress off the terminal.
func (p *printer) clearProgress() {
	if p.pending {
		p.pending = false
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
