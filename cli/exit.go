package cli

import (
	"errors"

	"checker/check"
)

// The exit codes. Of several inputs or runs the worst counts: 1 beats 255 beats
// 2 beats 0.
const (
	ExitValid       = 0   // what was asked for holds
	ExitInvalid     = 1   // an anomaly was found
	ExitUnknown     = 2   // it could not be decided, or too little happened
	ExitInterrupted = 130 // stopped by the user before an anomaly was found
	ExitUsage       = 254 // wrong flags or arguments
	ExitFailed      = 255 // the harness or the target failed, or an input is unreadable
)

// exitCode describes a code for `checker explain` and the docs.
type exitCode struct {
	Code    int
	Summary string
}

var exitCodes = []exitCode{
	{ExitValid, "valid: everything that was asked for was checked and holds"},
	{ExitInvalid, "invalid: an anomaly was found, even if the run was interrupted or failed afterwards"},
	{ExitUnknown, "unknown: a check could not decide, or so little happened that valid would mean nothing"},
	{ExitInterrupted, "interrupted by the user before an anomaly was found"},
	{ExitUsage, "usage: a flag or an argument is wrong"},
	{ExitFailed, "the harness or the target failed, or an input cannot be read"},
}

// usageError is a wrong flag or argument.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

// hintError is an error with a remedy.
type hintError struct {
	err  error
	hint string
}

func (e hintError) Error() string { return e.err.Error() }
func (e hintError) Unwrap() error { return e.err }

// exitError ends the program with a code without saying anything more.
type exitError int

func (exitError) Error() string { return "" }

// errInterrupted ends what the user has interrupted before there was a result.
var errInterrupted = errors.New("interrupted")

// codeOf is the exit code that an error asks for.
func codeOf(err error) int {
	var code exitError
	var usage usageError
	switch {
	case err == nil:
		return ExitValid
	case errors.As(err, &code):
		return int(code)
	case errors.As(err, &usage):
		return ExitUsage
	case errors.Is(err, errInterrupted):
		return ExitInterrupted
	}
	return ExitFailed
}

// codeOfVerdict is the exit code of a verdict.
func codeOfVerdict(v check.Verdict) int {
	switch v {
	case check.Valid:
		return ExitValid
	case check.Invalid:
		return ExitInvalid
	}
	return ExitUnknown
}

// worseCode composes exit codes of several inputs.
func worseCode(a, b int) int {
	rank := map[int]int{ExitValid: 0, ExitUnknown: 1, ExitInterrupted: 2, ExitFailed: 3, ExitInvalid: 4}
	if rank[b] > rank[a] {
		return b
	}
	return a
}

// asExit turns a code into the error that carries it.
func asExit(code int) error {
	if code == ExitValid {
		return nil
	}
	return exitError(code)
}
