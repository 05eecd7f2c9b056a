//go:build !linux

package agent

import (
	"errors"
	"io"
)

// Serve refuses: a pod is made of what Linux has.
func Serve(io.Reader, io.Writer) error { return errors.New("an agent runs on Linux only") }

// Gate refuses likewise.
func Gate(string, []string) error { return errors.New("a gate stands on Linux only") }

// The places of a pod.
const (
	GatePath      = "/.checker-gate"
	BackingFolder = "/backing"
)
