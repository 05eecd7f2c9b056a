//go:build linux

package agent

import (
	"context"
	"path/filepath"
	"syscall"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
	"golang.org/x/sys/unix"
)

// diskNode is a file or folder of the file system that the database sees: that of
// the volume, with a drive in between.
type diskNode struct {
	*fs.LoopbackNode
	drive *drive
}

// WrapChild makes nodes of ours of all below.
func (n *diskNode) WrapChild(_ context.Context, child fs.InodeEmbedder) fs.InodeEmbedder {
	return &diskNode{child.(*fs.LoopbackNode), n.drive}
}

// path is where the file is on the volume.
func (n *diskNode) path(name ...string) string {
	return filepath.Join(append([]string{n.RootData.Path, n.Path(n.Root())}, name...)...)
}

// wrap makes a handle of ours.
func (n *diskNode) wrap(h fs.FileHandle) fs.FileHandle {
	if lf, ok := h.(*fs.LoopbackFile); ok {
		return &diskFile{lf, n.drive}
	}
	return h
}

// changed makes a change of names.
func (n *diskNode) changed(how func(do func() error) func() (change, error), do func() syscall.Errno) syscall.Errno {
	return fs.ToErrno(n.drive.medium.changed(how(func() error {
		if errno := do(); errno != 0 {
			return errno
		}
		return nil
	})))
}

func (n *diskNode) makes(name string, do func() syscall.Errno) syscall.Errno {
	path := n.path(name)
	return n.changed(func(do func() error) func() (change, error) { return made(path, do) }, do)
}

func (n *diskNode) removes(name string, do func() syscall.Errno) syscall.Errno {
	path := n.path(name)
	return n.changed(func(do func() error) func() (change, error) { return removed(path, do) }, do)
}

// Open opens a file.
func (n *diskNode) Open(ctx context.Context, flags uint32) (fs.FileHandle, uint32, syscall.Errno) {
	h, f, errno := n.LoopbackNode.Open(ctx, flags&^syscall.O_TRUNC)
	if errno != 0 {
		return h, f, errno
	}
	file := n.wrap(h)
	if flags&syscall.O_TRUNC != 0 {
		errno = file.(*diskFile).truncate(0)
	}
	return file, f, errno
}

// Create makes a file.
func (n *diskNode) Create(ctx context.Context, name string, flags, mode uint32, out *fuse.EntryOut) (child *fs.Inode, h fs.FileHandle, f uint32, errno syscall.Errno) {
	errno = n.makes(name, func() (errno syscall.Errno) {
		child, h, f, errno = n.LoopbackNode.Create(ctx, name, flags|syscall.O_EXCL, mode, out)
		return errno
	})
	return child, n.wrap(h), f, errno
}

// Mkdir makes a folder.
func (n *diskNode) Mkdir(ctx context.Context, name string, mode uint32, out *fuse.EntryOut) (child *fs.Inode, errno syscall.Errno) {
	errno = n.makes(name, func() (errno syscall.Errno) {
		child, errno = n.LoopbackNode.Mkdir(ctx, name, mode, out)
		return errno
	})
	return child, errno
}

// Mknod makes a pipe, a socket or an empty file.
func (n *diskNode) Mknod(ctx context.Context, name string, mode, dev uint32, out *fuse.EntryOut) (child *fs.Inode, errno syscall.Errno) {
	errno = n.makes(name, func() (errno syscall.Errno) {
		child, errno = n.LoopbackNode.Mknod(ctx, name, mode, dev, out)
		return errno
	})
	return child, errno
}

// Symlink makes a symbolic link.
func (n *diskNode) Symlink(ctx context.Context, target, name string, out *fuse.EntryOut) (child *fs.Inode, errno syscall.Errno) {
	errno = n.makes(name, func() (errno syscall.Errno) {
		child, errno = n.LoopbackNode.Symlink(ctx, target, name, out)
		return errno
	})
	return child, errno
}

// Link makes another name of a file.
func (n *diskNode) Link(ctx context.Context, target fs.InodeEmbedder, name string, out *fuse.EntryOut) (child *fs.Inode, errno syscall.Errno) {
	errno = n.makes(name, func() (errno syscall.Errno) {
		child, errno = n.LoopbackNode.Link(ctx, target, name, out)
		return errno
	})
	return child, errno
}

// Unlink removes a file.
func (n *diskNode) Unlink(ctx context.Context, name string) syscall.Errno {
	var st unix.Stat_t
	if unix.Lstat(n.path(name), &st) == nil && st.Nlink == 1 && st.Mode&unix.S_IFMT == unix.S_IFREG {
		defer n.drive.free(st.Size)
	}
	return n.removes(name, func() syscall.Errno { return n.LoopbackNode.Unlink(ctx, name) })
}

// Rmdir removes a folder.
func (n *diskNode) Rmdir(ctx context.Context, name string) syscall.Errno {
	return n.removes(name, func() syscall.Errno { return n.LoopbackNode.Rmdir(ctx, name) })
}

// Rename moves a name. An exchange of two is not offered.
func (n *diskNode) Rename(ctx context.Context, name string, parent fs.InodeEmbedder, newName string, flags uint32) syscall.Errno {
	to, ok := parent.(*diskNode)
	if !ok || flags&unix.RENAME_EXCHANGE != 0 {
		return syscall.EINVAL
	}
	how := func(do func() error) func() (change, error) { return renamed(n.path(name), to.path(newName), do) }
	return n.changed(how, func() syscall.Errno { return n.LoopbackNode.Rename(ctx, name, parent, newName, flags) })
}

// Setattr changes what is known of a file; its size is the drive's affair.
func (n *diskNode) Setattr(ctx context.Context, h fs.FileHandle, in *fuse.SetAttrIn, out *fuse.AttrOut) syscall.Errno {
	size, ok := in.GetSize()
	if !ok {
		return n.LoopbackNode.Setattr(ctx, h, in, out)
	}
	if _, open := h.(*diskFile); !open {
		own, _, errno := n.LoopbackNode.Open(ctx, syscall.O_RDWR)
		if errno != 0 {
			return errno
		}
		file := own.(*fs.LoopbackFile)
		defer file.Release(ctx)
		h = &diskFile{file, n.drive}
	}
	if errno := h.(*diskFile).truncate(int64(size)); errno != 0 {
		return errno
	}
	return n.LoopbackNode.Setattr(ctx, h, in, out)
}

// Fsync syncs a file or a folder.
func (n *diskNode) Fsync(_ context.Context, h fs.FileHandle, _ uint32) syscall.Errno {
	if file, ok := h.(*diskFile); ok {
		return fs.ToErrno(n.drive.sync(file.fd()))
	}
	n.drive.medium.syncNames()
	return 0
}

// CopyFileRange is refused, so that the kernel reads and writes.
func (n *diskNode) CopyFileRange(context.Context, fs.FileHandle, uint64, *fs.Inode, fs.FileHandle, uint64, uint64, uint64) (uint32, syscall.Errno) {
	return 0, syscall.ENOSYS
}

// Tmpfile is refused: a file without a name.
func (n *diskNode) Tmpfile(context.Context, uint32, uint32, *fuse.EntryOut) (*fs.Inode, fs.FileHandle, uint32, syscall.Errno) {
	return nil, nil, 0, syscall.EOPNOTSUPP
}

// diskFile is a file that is open.
type diskFile struct {
	*fs.LoopbackFile
	drive *drive
}

func (f *diskFile) fd() int {
	fd, _ := f.LoopbackFile.PassthroughFd()
	return fd
}

// PassthroughFd keeps the kernel from going past us.
func (f *diskFile) PassthroughFd() (int, bool) { return 0, false }

// Ioctl is refused: it might clone content.
func (f *diskFile) Ioctl(context.Context, uint32, uint64, []byte, []byte) (int32, syscall.Errno) {
	return 0, syscall.ENOTTY
}

// Read reads.
func (f *diskFile) Read(_ context.Context, into []byte, off int64) (fuse.ReadResult, syscall.Errno) {
	n, err := f.drive.read(f.fd(), into, off)
	if err != nil {
		return nil, fs.ToErrno(err)
	}
	return fuse.ReadResultData(into[:n]), 0
}

// Write writes.
func (f *diskFile) Write(_ context.Context, data []byte, off int64) (uint32, syscall.Errno) {
	n, err := f.drive.write(f.fd(), data, off)
	return uint32(max(n, 0)), fs.ToErrno(err)
}

func (f *diskFile) truncate(size int64) syscall.Errno {
	const all = 1 << 62
	return fs.ToErrno(f.drive.resize(f.fd(), size, size, all-size, func() error { return unix.Ftruncate(f.fd(), size) }))
}

// Allocate makes room, or a hole.
func (f *diskFile) Allocate(_ context.Context, off, n uint64, mode uint32) syscall.Errno {
	const known = unix.FALLOC_FL_KEEP_SIZE | unix.FALLOC_FL_PUNCH_HOLE | unix.FALLOC_FL_ZERO_RANGE
	if mode&^known != 0 {
		return syscall.EOPNOTSUPP
	}
	to, clears := int64(0), int64(0)
	if mode&unix.FALLOC_FL_KEEP_SIZE == 0 {
		to = int64(off + n)
	}
	if mode&(unix.FALLOC_FL_PUNCH_HOLE|unix.FALLOC_FL_ZERO_RANGE) != 0 {
		clears = int64(n)
	}
	size, err := sizeOf(f.fd())
	if err != nil {
		return fs.ToErrno(err)
	}
	return fs.ToErrno(f.drive.resize(f.fd(), max(to, size), int64(off), clears, func() error {
		return unix.Fallocate(f.fd(), mode, int64(off), int64(n))
	}))
}
