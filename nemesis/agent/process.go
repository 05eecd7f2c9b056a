//go:build linux

package agent

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// process is a process of the database: every one in the pod but the agent.
type process struct {
	pid   int
	state byte // as in /proc/PID/stat: R running, S sleeping, T stopped…
}

// settle is how long signals may take to show in the state of a process, and poll
// how often it is looked at.
const (
	settle = 5 * time.Second
	poll   = time.Millisecond
)

// processes lists those that live.
func processes() ([]process, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	self := os.Getpid()
	var found []process
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == self || pid == 1 {
			continue
		}
		state, err := stateOf(pid)
		if err != nil || state == 'Z' || state == 'X' {
			continue // it has ended meanwhile
		}
		found = append(found, process{pid, state})
	}
	return found, nil
}

// stateOf reads the state of a process: the field behind its name, which is in
// parentheses and may hold anything.
func stateOf(pid int) (byte, error) {
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return 0, err
	}
	end := bytes.LastIndexByte(stat, ')')
	if end < 0 || end+2 >= len(stat) {
		return 0, fmt.Errorf("/proc/%d/stat is not understood", pid)
	}
	return stat[end+2], nil
}

func (p process) frozen() bool { return p.state == 'T' || p.state == 't' }

// killAll kills every process until there is none, and reports whether there was.
func killAll() (bool, error) {
	return untilAll(unix.SIGKILL, func(process) bool { return false })
}

// pauseAll stops every process until all are, and reports whether one was not.
func pauseAll() (bool, error) { return untilAll(unix.SIGSTOP, process.frozen) }

// resumeAll lets every process go on, and reports whether one was stopped.
func resumeAll() (bool, error) {
	return untilAll(unix.SIGCONT, func(p process) bool { return !p.frozen() })
}

// untilAll sends a signal to every process that is not as wanted, until there is
// none such. New ones may have come to be meanwhile, so it looks again.
func untilAll(s unix.Signal, wanted func(process) bool) (did bool, err error) {
	for deadline := time.Now().Add(settle); ; time.Sleep(poll) {
		all, err := processes()
		if err != nil {
			return did, err
		}
		left := 0
		for _, p := range all {
			if wanted(p) {
				continue
			}
			left++
			if err := unix.Kill(p.pid, s); err != nil && !errors.Is(err, unix.ESRCH) {
				return did, fmt.Errorf("process %d: %w", p.pid, err)
			}
		}
		if left == 0 {
			return did, nil
		}
		did = true
		if time.Now().After(deadline) {
			return did, fmt.Errorf("%d processes have not heeded %s within %s", left, unix.SignalName(s), settle)
		}
	}
}
