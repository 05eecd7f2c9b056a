//go:build linux && !amd64 && !arm64

package agent

import "golang.org/x/sys/unix"

// programCounter is not known.
func programCounter(int) (uint64, error) { return 0, unix.ENOSYS }
