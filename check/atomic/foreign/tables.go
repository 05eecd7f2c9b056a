package foreign

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
)

// ReadCSV reads a table whose first row names the [Columns]. Steps without a node are of the one given.
func ReadCSV(r io.Reader, file, node string) ([]Step, error) {
	table := csv.NewReader(r)
	names, err := table.Read()
	if err == io.EOF {
		return nil, fmt.Errorf("%s:1: expected a row that names the columns", file)
	}
	if err != nil {
		return nil, inCSV(file, err)
	}
	names = append([]string(nil), names...)
	table.ReuseRecord = true
	var steps []Step
	for {
		row, err := table.Read()
		if err == io.EOF {
			return steps, nil
		}
		if err != nil {
			return nil, inCSV(file, err)
		}
		line, _ := table.FieldPos(0)
		s := Step{File: file, Line: line}
		for i, value := range row {
			if err := s.set(names[i], value); err != nil {
				return nil, fmt.Errorf("%s: %w", s.where(), err)
			}
		}
		if steps, err = s.appendTo(steps, node); err != nil {
			return nil, fmt.Errorf("%s: %w", s.where(), err)
		}
	}
}

// inCSV names file and line of what is no CSV.
func inCSV(file string, err error) error {
	if e := (*csv.ParseError)(nil); errors.As(err, &e) {
		return fmt.Errorf("%s:%d: %w", file, e.Line, e.Err)
	}
	return fmt.Errorf("%s: %w", file, err)
}

// appendTo takes a step in whose fields are filled in, unless something is wrong with it.
func (s Step) appendTo(steps []Step, node string) ([]Step, error) {
	if s.Node == "" {
		s.Node = node
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	return append(steps, s), nil
}

// ReadJSON reads objects, one a line, whose fields are the [Columns], texts or integers. A field "event" other
// than "protocol" has the line passed over, as in a trace. Unknown fields are errors: they may be mistyped.
func ReadJSON(r io.Reader, file, node string) ([]Step, error) {
	var steps []Step
	err := eachLine(r, file, func(number int, line []byte) error {
		if len(bytes.TrimSpace(line)) == 0 {
			return nil
		}
		fields := map[string]any{}
		d := json.NewDecoder(bytes.NewReader(line))
		d.UseNumber()
		if err := d.Decode(&fields); err != nil {
			return fmt.Errorf("not a JSON object: %w", err)
		}
		if _, err := d.Token(); err != io.EOF {
			return errors.New("something follows the object")
		}
		if event, named := fields["event"]; named && event != "protocol" {
			return nil
		}
		delete(fields, "event")
		s := Step{File: file, Line: number}
		if err := s.fill(fields); err != nil {
			return err
		}
		var err error
		steps, err = s.appendTo(steps, node)
		return err
	})
	return steps, err
}

// fill sets the fields of an object.
func (s *Step) fill(fields map[string]any) error {
	for _, name := range columns { // in their order, so that of several mistakes the same is told
		value, given := fields[name]
		if !given {
			continue
		}
		delete(fields, name)
		switch v := value.(type) {
		case string:
			if err := s.set(name, v); err != nil {
				return err
			}
		case json.Number:
			if err := s.set(name, v.String()); err != nil {
				return err
			}
		default:
			return fmt.Errorf("%s is neither a text nor an integer", name)
		}
	}
	if len(fields) > 0 {
		return s.set(slices.Min(slices.Collect(maps.Keys(fields))), "?") // which knows none of them
	}
	return nil
}
