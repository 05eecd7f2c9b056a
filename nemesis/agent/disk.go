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

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
	"golang.org/x/sys/unix"
)

// BackingFolder is where the agent has the volume of the database's data.
const BackingFolder = "/backing"

// mountPoint is where the agent mounts a file system for a moment.
const mountPoint = "/disk"

// attachWithin is how long the process may take that waits for its disk, and
// detachWithin how long the kernel may take to write out and let go what the dead
// had open.
const (
	attachWithin = 20 * time.Second
	detachWithin = 20 * time.Second
)

// disk puts a drive between the database and the volume of its data, by a file
// system of ours (FUSE). It is mounted for each start of the database, in the
// database's own mount namespace and nowhere else: so it is gone with its processes,
// its caches with it, and nobody else ever sees it.
type disk struct {
	drive *drive

	mu     sync.Mutex
	served *fuse.Server // for the last start; nil before the first
}

// probeDisk mounts the file system and takes it away again.
func probeDisk() error {
	if _, err := os.Stat("/dev/fuse"); err != nil {
		return fmt.Errorf("%w; a pod has it only when a run asks for disk faults", err)
	}
	d := disk{drive: newDrive(0)}
	tree, err := d.mount(os.TempDir())
	if err == nil {
		err = errors.Join(unix.Close(tree), d.detached())
	}
	return err
}

// mount serves a folder, and returns the mount, which is attached nowhere.
func (d *disk) mount(folder string) (tree int, err error) {
	for _, f := range []string{folder, mountPoint} {
		if err := os.MkdirAll(f, 0o755); err != nil {
			return 0, err
		}
	}
	loopback, err := fs.NewLoopbackRoot(folder)
	if err != nil {
		return 0, err
	}
	root := &diskNode{loopback.(*fs.LoopbackNode), d.drive}
	root.RootData.RootNode = root
	server, err := fs.Mount(mountPoint, root, &fs.Options{MountOptions: fuse.MountOptions{
		AllowOther: true, DirectMountStrict: true, FsName: "checker", Name: "checker",
		Options: []string{"default_permissions"}, MaxWrite: 1 << 20,
	}})
	if err != nil {
		return 0, fmt.Errorf("mounting a file system: %w", err)
	}
	d.served = server
	tree, err = unix.OpenTree(unix.AT_FDCWD, mountPoint, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC)
	if err != nil {
		err = fmt.Errorf("open_tree: %w", err)
	}
	return tree, errors.Join(err, unix.Unmount(mountPoint, unix.MNT_DETACH))
}

// detached waits until the file system that was served last is gone, with all that
// was written to it.
func (d *disk) detached() error {
	if d.served == nil {
		return nil
	}
	gone := make(chan struct{})
	go func() {
		d.served.Wait()
		close(gone)
	}()
	select {
	case <-gone:
		d.served = nil
		return nil
	case <-time.After(detachWithin):
		return fmt.Errorf("the file system of the dead is still in use after %s", detachWithin)
	}
}

// attach gives the process that waits for it (see Gate) its disk at a folder.
func (d *disk) attach(folder string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.detached(); err != nil {
		return err
	}
	tree, err := d.mount(BackingFolder)
	if err != nil {
		return err
	}
	defer unix.Close(tree)
	for deadline := time.Now().Add(attachWithin); ; time.Sleep(poll) {
		all, err := processes()
		if err != nil {
			return err
		}
		for _, p := range all {
			if waitsAt(p.pid, folder) {
				return inside(p.pid, func() error {
					return unix.MoveMount(tree, "", unix.AT_FDCWD, folder, unix.MOVE_MOUNT_F_EMPTY_PATH)
				})
			}
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("no process has come to wait for its disk at %s within %s", folder, attachWithin)
		}
	}
}

// waitsAt reports whether a process is the gate of a folder.
func waitsAt(pid int, folder string) bool {
	args, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
	want := GatePath + "\x00agent\x00--gate\x00" + folder + "\x00"
	return err == nil && len(args) >= len(want) && string(args[:len(want)]) == want
}

// inside does something in the mount namespace of a process. The thread that enters it
// ends with it, or it would keep what is mounted there in use for ever.
func inside(pid int, do func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlock: so the thread ends with the goroutine
		if unix.Gettid() == unix.Getpid() {
			defer runtime.UnlockOSThread() // the main thread never ends
			done <- inside(pid, do)
			return
		}
		done <- func() error {
			ns, err := unix.Open("/proc/"+strconv.Itoa(pid)+"/ns/mnt", unix.O_RDONLY|unix.O_CLOEXEC, 0)
			if err != nil {
				return err
			}
			defer unix.Close(ns)
			if err := unix.Unshare(unix.CLONE_FS); err != nil {
				return fmt.Errorf("unshare: %w", err)
			}
			if err := unix.Setns(ns, unix.CLONE_NEWNS); err != nil {
				return fmt.Errorf("entering the mounts of the database: %w", err)
			}
			if err := do(); err != nil {
				return fmt.Errorf("mounting in the database's container: %w", err)
			}
			return nil
		}()
	}()
	return <-done
}

// powerOff makes the files hold what a loss of power leaves. The database is dead.
func (d *disk) powerOff(keep string) (lost uint64, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.detached(); err != nil {
		return 0, err
	}
	return d.drive.medium.lose(keep)
}

// settle has everything written back. The database is dead.
func (d *disk) settle() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.detached(); err != nil {
		return err
	}
	d.drive.medium.mu.Lock()
	defer d.drive.medium.mu.Unlock()
	d.drive.medium.settle()
	return nil
}
