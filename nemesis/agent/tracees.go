//go:build linux

package agent

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// waits is held by whoever waits for other processes: the reaper would take away
// what a tracer waits for.
var waits sync.Mutex

// stopWithin is how long a thread may take to stop: one that waits for a device
// does not.
const stopWithin = 2 * time.Second

// errBusy is that a thread is just at the wrong place.
var errBusy = errors.New("a thread is reading the clock")

// tracees are the threads of a process that is stopped.
type tracees struct {
	pid     int
	signals map[int]unix.Signal // by thread, one that it stopped for and is to get
}

// stopped does something while all threads of a process are stopped, and lets them
// go on. When the agent dies meanwhile, they go on as well.
func stopped(pid int, do func(*tracees) error) error {
	for range 20 {
		err := stoppedOnce(pid, do)
		if !errors.Is(err, errBusy) {
			return err
		}
		time.Sleep(time.Millisecond)
	}
	return errBusy
}

func stoppedOnce(pid int, do func(*tracees) error) error {
	waits.Lock()
	defer waits.Unlock()
	runtime.LockOSThread() // a tracer is a thread
	defer runtime.UnlockOSThread()
	t := &tracees{pid: pid, signals: map[int]unix.Signal{}}
	defer t.detach()
	if err := t.stop(); err != nil {
		return err
	}
	return do(t)
}

// stop stops threads until there is none that is not.
func (t *tracees) stop() error {
	for {
		entries, err := os.ReadDir("/proc/" + strconv.Itoa(t.pid) + "/task")
		if err != nil {
			return err
		}
		fresh := 0
		for _, e := range entries {
			tid, err := strconv.Atoi(e.Name())
			if err != nil {
				return err
			}
			if _, ok := t.signals[tid]; ok {
				continue
			}
			if err := t.stopThread(tid); err != nil {
				return fmt.Errorf("thread %d: %w", tid, err)
			}
			fresh++
		}
		if fresh == 0 {
			return nil
		}
	}
}

// stopThread stops a thread, unless it ends first.
func (t *tracees) stopThread(tid int) error {
	err := unix.PtraceSeize(tid)
	if errors.Is(err, unix.ESRCH) {
		return nil
	}
	if err != nil {
		return err
	}
	t.signals[tid] = 0
	if err := unix.PtraceInterrupt(tid); err != nil {
		return err
	}
	for deadline := time.Now().Add(stopWithin); ; time.Sleep(20 * time.Microsecond) {
		var status unix.WaitStatus
		got, err := unix.Wait4(tid, &status, unix.WALL|unix.WNOHANG, nil)
		switch {
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.ECHILD), err == nil && got == tid && !status.Stopped():
			delete(t.signals, tid) // it has ended
			return nil
		case err != nil:
			return err
		case got == tid:
			if status>>16 == 0 { // it stopped for a signal, which is still to come to it
				t.signals[tid] = status.StopSignal()
			}
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("it does not stop within %s", stopWithin)
		}
	}
}

// detach lets the threads go on.
func (t *tracees) detach() {
	for tid, signal := range t.signals {
		// The one error is that the thread has ended.
		_, _, _ = unix.RawSyscall6(unix.SYS_PTRACE, unix.PTRACE_DETACH, uintptr(tid), 0, uintptr(signal), 0, 0)
	}
}

// within reports whether a thread is about to execute what is in a range.
func (t *tracees) within(begin, end uint64) (bool, error) {
	for tid := range t.signals {
		at, err := programCounter(tid)
		if errors.Is(err, unix.ESRCH) {
			continue // it has ended
		}
		if err != nil {
			return false, err
		}
		if at >= begin && at < end {
			return true, nil
		}
	}
	return false, nil
}

// write writes the process's memory, writable for itself or not.
func (t *tracees) write(at uint64, b []byte) error {
	for tid := range t.signals {
		_, err := unix.PtracePokeData(tid, uintptr(at), b)
		return err
	}
	return unix.ESRCH
}
