package logpattern

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strings"

	"checker/check"
	"checker/history"
)

// Match is what this package finds.
const Match = "log-pattern"

// Kinds explains what this package finds.
func Kinds() []check.Kind {
	return []check.Kind{{Name: Match, Summary: "A node's log has a line with a pattern that must not be there.", Example: `n1's log   panic: assertion failed: commit <= last`}}
}

// Options direct the check. The zero value is sensible.
type Options struct {
	Name      string // of the result; "" is log-pattern
	Root      string // the file or folder to read; "" is all
	Witnesses int    // examples kept; 0 is [check.DefaultWitnesses]
	_         struct{}
}

// longest is how much of a line is matched.
const longest = 1 << 20

// New returns a checker of the files in logs. It looks at no history.
func New(logs fs.FS, pattern *regexp.Regexp, o Options) check.Checker {
	if o.Root == "" {
		o.Root = "."
	}
	if o.Name == "" {
		o.Name = Match
	}
	return checker{logs, pattern, o}
}

type checker struct {
	logs    fs.FS
	pattern *regexp.Regexp
	options Options
}

// Name is log-pattern, or what the options say.
func (c checker) Name() string { return c.options.Name }

// Check reads all logs.
func (c checker) Check(ctx context.Context, h *history.History) (check.Result, error) {
	found := check.NewFindings(c.Name(), h, c.options.Witnesses)
	files, lines := 0, 0
	err := fs.WalkDir(c.logs, c.options.Root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			found.Undecided("%v", err)
			return nil
		case !entry.Type().IsRegular():
			return nil
		}
		n, err := c.file(found, path)
		if err != nil {
			found.Undecided("%v", err)
			return nil
		}
		files++
		lines += n
		return nil
	})
	if err != nil {
		return check.Result{}, fmt.Errorf("%d files read: %w", files, err)
	}
	found.Note("%d lines of %d files looked at for %s", lines, files, c.pattern)
	if files == 0 {
		found.Undecided("there is no log")
	}
	return found.Result, nil
}

// file matches the lines of one file.
func (c checker) file(found *check.Findings, path string) (lines int, err error) {
	f, err := c.logs.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, longest)
	for more := false; ; {
		line, prefix, err := in.ReadLine()
		if errors.Is(err, io.EOF) {
			return lines, nil
		}
		if err != nil {
			return lines, fmt.Errorf("%s: %w", path, err)
		}
		if !more {
			lines++
			if c.pattern.Match(line) {
				found.Found(Match, "", nil, "%s:%d: %s", path, lines, shorten(string(line)))
			}
		}
		more = prefix
	}
}

// shorten keeps a witness on one screen.
func shorten(line string) string {
	line = strings.ToValidUTF8(line, "\uFFFD")
	if runes := []rune(line); len(runes) > 500 {
		return string(runes[:500]) + "…"
	}
	return line
}
