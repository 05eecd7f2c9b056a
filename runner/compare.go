package runner

import (
	"bufio"
	"bytes"
	"fmt"
	"io"

	"checker/rundir"
)

// Comparison is how a replay relates to its original.
type Comparison struct {
	Identical   bool   // history and trace are the same bytes
	SameProgram bool   // the same build made both
	Simulated   bool   // so that the same program must give the same bytes
	Partial     bool   // the original ended early; the replay is the same as far as it goes
	Difference  string // the first one; "" if identical
}

// Broken reports whether the replay breaks the promise of determinism.
func (c Comparison) Broken() bool { return !c.Identical && c.SameProgram && c.Simulated }

func (c Comparison) String() string {
	switch {
	case c.Identical && c.SameProgram && c.Partial:
		return "the original ended early: as far as it goes, the replay has the same history and trace, byte for byte"
	case c.Identical && c.SameProgram:
		return "the replay is identical: the same history and trace, byte for byte"
	case !c.Simulated:
		return "the replay followed the same schedule on real nodes, which are never the same twice"
	case c.Identical:
		return "another build of checker, and yet the same history and trace"
	case !c.SameProgram:
		return "the replay was made by another build of checker and differs: " + c.Difference
	}
	return "the replay differs: " + c.Difference
}

// Compare compares a replay with its original. Of an original that was
// interrupted or killed there is less than of the replay: it must be how that
// begins.
func Compare(original, replay *rundir.Dir) (Comparison, error) {
	var c Comparison
	first, err := original.ReadRun()
	if err != nil {
		return c, err
	}
	second, err := replay.ReadRun()
	if err != nil {
		return c, err
	}
	c.SameProgram = first.Versions.Build == second.Versions.Build
	c.Simulated = second.Config.Env == "sim"
	c.Partial = first.Status != rundir.StatusComplete
	pairs := []struct {
		name string
		open func(*rundir.Dir) (io.ReadCloser, error)
	}{
		{"history", (*rundir.Dir).HistoryBytes},
		{"trace", (*rundir.Dir).TraceBytes},
	}
	for _, p := range pairs {
		difference, err := compareFiles(p.name, original, replay, p.open, c.Partial)
		if err != nil {
			return c, err
		}
		if c.Difference == "" {
			c.Difference = difference
		}
	}
	c.Identical = c.Difference == ""
	return c, nil
}

func compareFiles(name string, original, replay *rundir.Dir, open func(*rundir.Dir) (io.ReadCloser, error), partial bool) (string, error) {
	a, err := open(original)
	if err != nil {
		return "", err
	}
	defer a.Close()
	b, err := open(replay)
	if err != nil {
		return "", err
	}
	defer b.Close()
	left, right := bufio.NewReaderSize(a, 1<<20), bufio.NewReaderSize(b, 1<<20)
	for line := 1; ; line++ {
		x, errX := left.ReadBytes('\n')
		y, errY := right.ReadBytes('\n')
		if partial && errX == io.EOF && bytes.HasPrefix(y, x) {
			return "", ignoreEOF(errY)
		}
		if !bytes.Equal(x, y) {
			return fmt.Sprintf("%s line %d was %s and is %s", name, line, clip(x), clip(y)), nil
		}
		if errX != nil || errY != nil {
			return "", ignoreEOF(errX, errY)
		}
	}
}

func ignoreEOF(errs ...error) error {
	for _, err := range errs {
		if err != nil && err != io.EOF {
			return err
		}
	}
	return nil
}

// clip shortens a line for a message.
func clip(line []byte) string {
	line = bytes.TrimSpace(line)
	if len(line) == 0 {
		return "missing"
	}
	if len(line) > 200 {
		return string(line[:200]) + "…"
	}
	return string(line)
}
