package foreign

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"checker/check/atomic"
)

// Step is a step of one node, as it was written down.
type Step struct {
	atomic.Event
	Sent, Received []string // messages, by name
	Timed          bool     // At is known, on the clock of whoever wrote it down
	File           string
	Line           int
}

// where is the place that errors name.
func (s *Step) where() string { return fmt.Sprintf("%s:%d", s.File, s.Line) }

// Columns are the names of the fields of a step, as CSV, JSON Lines and the groups of [Rules] have them.
func Columns() []string { return slices.Clone(columns) }

var columns = []string{"t", "node", "group", "step", "txn", "outcome", "peer", "term", "sent", "received"}

// set fills in a field. An empty value is none.
func (s *Step) set(name, value string) (err error) {
	if value == "" {
		return nil
	}
	switch name {
	case "t":
		s.At, err = strconv.ParseInt(value, 10, 64)
		if err != nil || s.At < 0 {
			return fmt.Errorf("t is %q: expected nanoseconds, an integer from 0", value)
		}
		s.Timed = true
	case "node":
		s.Node = value
	case "group":
		s.Group = value
	case "step":
		s.Step = value
	case "txn":
		s.Txn = value
	case "outcome":
		s.Outcome = value
	case "peer":
		s.Peer = value
	case "term":
		if s.Term, err = strconv.ParseUint(value, 10, 64); err != nil {
			return fmt.Errorf("term is %q: expected an integer from 0", value)
		}
	case "sent":
		s.Sent = strings.Fields(value)
	case "received":
		s.Received = strings.Fields(value)
	default:
		return fmt.Errorf("there is no field %q: expected %s", name, strings.Join(columns, ", "))
	}
	return nil
}

// check tells what is wrong with a step whose fields are all filled in.
func (s *Step) check() error {
	needs, known := atomic.NeedsOf(s.Step)
	switch {
	case s.Step == "":
		return errors.New("the step is missing")
	case !known:
		return fmt.Errorf("no step is called %q: expected one of %s", s.Step, strings.Join(atomic.Steps(), ", "))
	case s.Node == "":
		return errors.New("the node is missing")
	case needs.Txn && s.Txn == "":
		return fmt.Errorf("%s needs a txn", s.Step)
	case needs.Outcome && s.Outcome != atomic.Commit && s.Outcome != atomic.Abort:
		return fmt.Errorf("%s needs an outcome, %s or %s; it has %q", s.Step, atomic.Commit, atomic.Abort, s.Outcome)
	case !needs.Txn && s.Txn != "":
		return fmt.Errorf("%s is about a node, and not about txn %s", s.Step, s.Txn)
	}
	return nil
}
