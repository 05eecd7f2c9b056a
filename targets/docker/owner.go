package docker

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// The labels of whatever a run makes.
const (
	labelRun     = "checker.run"
	labelOwner   = "checker.owner"
	labelStarted = "checker.started"
	labelNode    = "checker.node"
	labelImage   = "checker.image" // of images: what for
)

// owner identifies a process beyond its number, which is used again: the boot of
// the machine, the process namespace, the number, and when it began.
func owner() (string, error) {
	began, err := beginOf(os.Getpid())
	if err != nil {
		return "", err
	}
	place, err := here()
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s/%d/%d", place, os.Getpid(), began), nil
}

// here identifies the boot and the process namespace.
func here() (string, error) {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "", fmt.Errorf("who owns a run cannot be told on this system: %w", err)
	}
	namespace, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(string(boot)) + "/" + namespace, nil
}

// beginOf returns when a process began, in ticks since the boot.
func beginOf(pid int) (uint64, error) {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, err
	}
	_, rest, _ := bytes.Cut(stat[max(0, bytes.LastIndexByte(stat, ')')):], []byte(" "))
	fields := bytes.Fields(rest)
	const begin = 19 // field 22 of the line, 20th behind the name
	if len(fields) <= begin {
		return 0, fmt.Errorf("/proc/%d/stat is not understood", pid)
	}
	return strconv.ParseUint(string(fields[begin]), 10, 64)
}

// provablyDead reports whether the process that a label names has ended for sure.
// Of a process of another machine, boot or namespace nothing is known.
func provablyDead(label string) bool {
	place, err := here()
	if err != nil {
		return false
	}
	rest, ours := strings.CutPrefix(label, place+"/")
	if !ours {
		return false
	}
	number, begin, _ := strings.Cut(rest, "/")
	pid, err := strconv.Atoi(number)
	if err != nil {
		return false
	}
	began, err := beginOf(pid)
	if os.IsNotExist(err) {
		return true
	}
	return err == nil && strconv.FormatUint(began, 10) != begin
}

// livesHere reports whether the process that a label names is one of this machine
// that lives.
func livesHere(label string) bool {
	place, err := here()
	return err == nil && strings.HasPrefix(label, place+"/") && !provablyDead(label)
}
