package history

import (
	"fmt"
	"strconv"
	"strings"
)

// Type says which end of an operation a row records.
type Type uint8

const (
	Invoke Type = iota // the operation begins
	Ok                 // it happened
	Fail               // it did not happen and never will
	Info               // it may have happened, or may yet: indeterminate
)

var typeNames = [...]string{Invoke: "invoke", Ok: "ok", Fail: "fail", Info: "info"}

func (t Type) String() string {
	if int(t) < len(typeNames) {
		return typeNames[t]
	}
	return fmt.Sprintf("type(%d)", uint8(t))
}

// ParseType reads the name of a type, as [Type.String] prints it.
func ParseType(s string) (Type, bool) {
	for t, name := range typeNames {
		if s == name {
			return Type(t), true
		}
	}
	return 0, false
}

// Process is a logical thread of control: at most one op of a process is open
// at any time. Clients are numbered from 0. Negative numbers are processes with
// names; within one history they are given out in order of appearance, except
// that [Nemesis] is the same everywhere.
type Process int32

// Nemesis is the process that injects faults.
const Nemesis Process = -1

// IsClient reports whether the process is a client's, whose ops are judged.
func (p Process) IsClient() bool { return p >= 0 }

func (p Process) String() string {
	if p == Nemesis {
		return "nemesis"
	}
	return strconv.Itoa(int(p))
}

// name returns what a process that is no client is called without its history.
func (p Process) name() string {
	if p.IsClient() {
		return ""
	}
	return p.String()
}

// Op is one row of a history in flight.
type Op struct {
	Index   int     // position in the history, from 0
	Time    int64   // ns since the start of the run, monotonic
	Process Process // who
	Type    Type    // invoke, ok, fail or info
	F       string  // which function: "read", "write", "txn"…
	Value   Value   // argument of an invocation, result of a completion
	Error   Value   // why an op failed or is indeterminate; nil when ok
	Node    string  // the node that the client talked to, if known
	Extra   []Field // further fields of a recorded op, in order
}

// Field is a named value beside the fields that every op has.
type Field struct {
	Name  string
	Value Value
}

// String prints the op on one line, for logs and goldens:
//
//	12  1.250000000  3  ok  read  [7 5]
func (op Op) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d\t%s\t%s\t%s\t%s\t%s", op.Index, Seconds(op.Time), op.Process, op.Type, op.F, op.Value)
	if !op.Error.IsNil() {
		fmt.Fprintf(&b, "\t%s", op.Error)
	}
	return b.String()
}

// Seconds prints ns as seconds with nine decimals, so that no digit is lost.
func Seconds(ns int64) string { return string(AppendSeconds(nil, ns)) }

// AppendSeconds appends what [Seconds] prints to dst.
func AppendSeconds(dst []byte, ns int64) []byte {
	if ns < 0 {
		dst, ns = append(dst, '-'), -ns
	}
	dst = strconv.AppendUint(dst, uint64(ns)/1e9, 10)
	// A one in front keeps the zeros; it gives way to the dot.
	dot := len(dst)
	dst = strconv.AppendUint(dst, 1e9+uint64(ns)%1e9, 10)
	dst[dot] = '.'
	return dst
}
