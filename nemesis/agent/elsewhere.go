//go:build !linux

package agent

import (
	"errors"
	"io"
)

// Serve refuses: a pod is made of what Linux has.
func Serve(io.Reader, io.Writer) error { return errors.New("an agent runs on Linux only") }
