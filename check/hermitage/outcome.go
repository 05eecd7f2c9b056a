package hermitage

import (
	"fmt"
	"slices"
	"strings"

	"checker/history"
)

// F is the function of the op that has an interleaving played.
const F = "play"

// outcome is what came of an interleaving.
type outcome struct {
	lines []line
	final []int64 // the values of the table in the end
}

// line is what came of one statement.
type line struct {
	text   string // with its session
	did    bool   // it was executed, and did not fail
	read   []int64
	failed string // the error
}

// committed reports whether a session committed: its last line did.
func (o outcome) committed(session string) bool {
	for _, l := range slices.Backward(o.lines) {
		if l.text[:1] == session {
			return l.did && l.text[2:] == "COMMIT"
		}
	}
	return false
}

func (o outcome) both() bool { return o.committed("1") && o.committed("2") }

// saw reports whether the statement of a line read a value.
func (o outcome) saw(at int, value int64) bool { return slices.Contains(o.lines[at].read, value) }

// sawNothing reports whether the statement of a line was executed and matched no row.
func (o outcome) sawNothing(at int) bool { return o.lines[at].did && len(o.lines[at].read) == 0 }

// String tells it line by line.
func (o outcome) String() string {
	var parts []string
	for _, l := range o.lines {
		switch {
		case l.failed != "":
			parts = append(parts, l.text+" → failed")
		case !l.did:
		case strings.HasPrefix(l.text[2:], "SELECT"):
			parts = append(parts, fmt.Sprintf("%s → %v", l.text, l.read))
		default:
			parts = append(parts, l.text)
		}
	}
	return strings.Join(parts, "; ") + fmt.Sprintf("; in the end %v", o.final)
}

// fields returns the entries of a map by the names of their keys.
func fields(v history.Value) map[string]history.Value {
	all := map[string]history.Value{}
	if v.Kind() == history.KindMap {
		for kvs := v.Elems(); len(kvs) >= 2; kvs = kvs[2:] {
			all[kvs[0].Text()] = kvs[1]
		}
	}
	return all
}

// outcomeOf reads the completion of an op that has an interleaving played.
func outcomeOf(i Interleaving, v history.Value) (outcome, error) {
	f := fields(v)
	var o outcome
	var err error
	if o.final, err = numbers(f["final"]); err != nil {
		return o, err
	}
	for _, value := range f["script"].Elems() {
		l := fields(value)
		one := line{text: l["line"].Text(), failed: l["failed"].Text()}
		one.did = one.failed == "" && !l["omitted"].Bool()
		if one.read, err = numbers(l["read"]); err != nil {
			return o, err
		}
		o.lines = append(o.lines, one)
	}
	if !slices.EqualFunc(o.lines, i.Lines(), func(l line, text string) bool { return l.text == text }) {
		return o, fmt.Errorf("the completion is not one of %s", i.Name)
	}
	return o, nil
}

func numbers(v history.Value) ([]int64, error) {
	var all []int64
	for _, e := range v.Elems() {
		n, ok := e.Int()
		if !ok {
			return nil, fmt.Errorf("%s is no number", e)
		}
		all = append(all, n)
	}
	return all, nil
}

// Shows reports whether the completion of an op that had an interleaving played shows
// its anomaly.
func Shows(v history.Value) (bool, error) {
	i, err := interleavingOf(v)
	if err != nil {
		return false, err
	}
	o, err := outcomeOf(i, v)
	return err == nil && i.shown(o), err
}

// interleavingOf returns the interleaving that an op has played.
func interleavingOf(v history.Value) (Interleaving, error) {
	name := fields(v)["interleaving"].Text()
	at := slices.IndexFunc(interleavings, func(i Interleaving) bool { return i.Name == name })
	if at < 0 {
		return Interleaving{}, fmt.Errorf("%s is no interleaving such as {:interleaving \"P4\" :script [\"1 SELECT …\" …]}", v)
	}
	return interleavings[at], nil
}
