//go:build linux

package agent

import "golang.org/x/sys/unix"

// programCounter returns where a stopped thread is.
func programCounter(tid int) (uint64, error) {
	const general = 1 // NT_PRSTATUS of <elf.h>
	var regs unix.PtraceRegsArm64
	err := unix.PtraceGetRegSetArm64(tid, general, &regs)
	return regs.Pc, err
}
