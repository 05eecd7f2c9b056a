//go:build linux

package agent

import (
	"fmt"
	"os"
	"os/exec"
	"time"

	"golang.org/x/sys/unix"
)

// GatePath is where this program lies in the container of a database whose disk can
// be faulty.
const GatePath = "/.checker-gate"

const fuseMagic = 0x65735546

// gateWithin is how long a disk may take to come.
const gateWithin = 30 * time.Second

// Gate waits until the agent has mounted a disk at a folder, and then becomes the
// program that args name: the database must not open a file before. It returns only
// if it fails.
func Gate(folder string, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("there is no program to start behind the gate")
	}
	var st unix.Statfs_t
	for deadline := time.Now().Add(gateWithin); ; time.Sleep(poll) {
		if err := unix.Statfs(folder, &st); err != nil {
			return err
		}
		if int64(st.Type) == fuseMagic {
			break
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("no disk was mounted at %s within %s", folder, gateWithin)
		}
	}
	if here, err := os.Getwd(); err == nil { // it may be below what is mounted over now
		if err := os.Chdir(here); err != nil {
			return err
		}
	}
	program, err := exec.LookPath(args[0])
	if err != nil {
		return err
	}
	return unix.Exec(program, args, os.Environ())
}
