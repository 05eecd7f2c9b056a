//go:build linux

package agent

import "golang.org/x/sys/unix"

// programCounter returns where a stopped thread is.
func programCounter(tid int) (uint64, error) {
	var regs unix.PtraceRegs
	err := unix.PtraceGetRegs(tid, &regs)
	return regs.Rip, err
}
