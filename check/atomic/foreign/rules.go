package foreign

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Rules say which lines of a log are steps. They are text, a rule a line, the first that matches counts, and a
// line that none matches is passed over:
//
//	# PostgreSQL, with log_min_duration_statement = 0 and log_line_prefix = '%m [%p] '
//	time 2006-01-02 15:04:05.000 MST
//	every ^(?P<t>\S+ \S+ \S+)
//	voted-yes: statement: PREPARE TRANSACTION '(?P<txn>[^']+)'
//	applied outcome=commit: statement: COMMIT PREPARED '(?P<txn>[^']+)'
//
// A rule is a step, fields that are always the same, a colon, and a regular expression in Go's syntax whose
// named groups are the other fields. "every" is an expression whose groups are taken from each line that is a
// step. "time" is how (?P<t>…) is written, in the form of Go's package time; without it, it is nanoseconds.
type Rules struct {
	every  *regexp.Regexp
	layout string
	rules  []rule
}

type rule struct {
	step    Step // the fields that are always the same
	pattern *regexp.Regexp
}

// ReadRules reads rules.
func ReadRules(r io.Reader, file string) (Rules, error) {
	var all Rules
	err := eachLine(r, file, func(number int, line []byte) error {
		text := strings.TrimSpace(string(line))
		word, rest, _ := strings.Cut(text, " ")
		var err error
		switch {
		case text == "" || strings.HasPrefix(text, "#"):
		case word == "time":
			all.layout = strings.TrimSpace(rest)
		case word == "every":
			all.every, err = pattern(strings.TrimSpace(rest))
		default:
			var one rule
			if one, err = parseRule(text); err == nil {
				all.rules = append(all.rules, one)
			}
		}
		return err
	})
	if err == nil && len(all.rules) == 0 {
		err = fmt.Errorf("%s: there is no rule", file)
	}
	return all, err
}

// parseRule reads "step field=value…: pattern".
func parseRule(text string) (one rule, err error) {
	head, body, found := strings.Cut(text, ":")
	words := strings.Fields(head)
	if !found || len(words) == 0 {
		return one, errors.New("expected a step, a colon and a regular expression")
	}
	one.step.Step = words[0]
	for _, word := range words[1:] {
		name, value, found := strings.Cut(word, "=")
		if !found || value == "" {
			return one, fmt.Errorf("%q is not a field with its value, such as outcome=commit", word)
		}
		if err := one.step.set(name, value); err != nil {
			return one, err
		}
	}
	if one.pattern, err = pattern(strings.TrimSpace(body)); err != nil {
		return one, err
	}
	trial := one.step // with whatever its groups will give
	for _, name := range one.pattern.SubexpNames() {
		switch name {
		case "txn":
			trial.Txn = "?"
		case "outcome":
			trial.Outcome = "commit"
		}
	}
	trial.Node = "?"
	return one, trial.check()
}

// pattern compiles a regular expression whose groups are fields.
func pattern(text string) (*regexp.Regexp, error) {
	p, err := regexp.Compile(text)
	if err != nil {
		return nil, err
	}
	for _, name := range p.SubexpNames() {
		if name != "" && !slices.Contains(columns, name) {
			return nil, fmt.Errorf("the group %q is no field: expected %s", name, strings.Join(columns, ", "))
		}
	}
	return p, nil
}

// ReadLog reads the steps in a log. Those without a node are of the one given.
func (r Rules) ReadLog(in io.Reader, file, node string) ([]Step, error) {
	var steps []Step
	err := eachLine(in, file, func(number int, line []byte) error {
		for i := range r.rules {
			groups := r.rules[i].pattern.FindSubmatch(line)
			if groups == nil {
				continue
			}
			s := r.rules[i].step
			s.File, s.Line = file, number
			if r.every != nil {
				if err := r.take(&s, r.every, r.every.FindSubmatch(line)); err != nil {
					return err
				}
			}
			if err := r.take(&s, r.rules[i].pattern, groups); err != nil {
				return err
			}
			var err error
			steps, err = s.appendTo(steps, node)
			return err
		}
		return nil
	})
	return steps, err
}

// take fills in what the groups of an expression have matched.
func (r Rules) take(s *Step, p *regexp.Regexp, groups [][]byte) error {
	for i, name := range p.SubexpNames() {
		if name == "" || i >= len(groups) || len(groups[i]) == 0 {
			continue
		}
		value := string(groups[i])
		if name == "t" && r.layout != "" {
			at, err := time.Parse(r.layout, value)
			if err != nil {
				return fmt.Errorf("%q is not a time written as %q", value, r.layout)
			}
			s.At, s.Timed = at.UnixNano(), true
			continue
		}
		if err := s.set(name, value); err != nil {
			return err
		}
	}
	return nil
}

// maxLine bounds the length of a line.
const maxLine = 1 << 20

// eachLine hands over the lines of a file; an error is told with file and line.
func eachLine(r io.Reader, file string, take func(number int, line []byte) error) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	number := 0
	for lines.Scan() {
		number++
		if err := take(number, bytes.TrimSuffix(lines.Bytes(), []byte("\r"))); err != nil {
			return fmt.Errorf("%s:%d: %w", file, number, err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%s:%d: %w", file, number+1, err)
	}
	return nil
}
