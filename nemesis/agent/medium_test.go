//go:build linux

package agent

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
	"pgregory.net/rapid"

	"checker/internal/prng"
)

// TestMediumForgets writes, cuts and syncs a file in any way: a loss of power that
// keeps nothing leaves what it held at the last sync, and any other one nothing that
// was never there.
func TestMediumForgets(t *testing.T) {
	folder := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		path := filepath.Join(folder, "file")
		file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		fd := int(file.Fd())
		m := newMedium(prng.New(rapid.Uint64().Draw(t, "seed"), "test"))
		var durable, now []byte
		for range rapid.IntRange(1, 20).Draw(t, "ops") {
			switch rapid.SampledFrom([]string{"write", "write", "cut", "sync"}).Draw(t, "op") {
			case "write":
				off := rapid.IntRange(0, 3*blockSize).Draw(t, "off")
				data := bytes.Repeat([]byte{rapid.Byte().Draw(t, "byte")}, rapid.IntRange(1, 2*blockSize).Draw(t, "n"))
				if _, err := m.write(fd, data, int64(off)); err != nil {
					t.Fatal(err)
				}
				now = append(now, make([]byte, max(0, off+len(data)-len(now)))...)
				copy(now[off:], data)
			case "cut":
				size := rapid.IntRange(0, 4*blockSize).Draw(t, "size")
				err := m.resize(fd, int64(size), 1<<40, func() error { return unix.Ftruncate(fd, int64(size)) })
				if err != nil {
					t.Fatal(err)
				}
				now = append(now, make([]byte, max(0, size-len(now)))...)[:size]
			case "sync":
				if err := m.sync(fd, false); err != nil {
					t.Fatal(err)
				}
				durable = bytes.Clone(now)
			}
		}
		keep := rapid.SampledFrom([]string{"nothing", "nothing", "prefix", "subset", "torn", "mixed"}).Draw(t, "keep")
		lost, err := m.lose(keep)
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if keep == "nothing" && !bytes.Equal(got, durable) {
			t.Fatalf("%d bytes are left that are not the %d synced ones", len(got), len(durable))
		}
		if bytes.Equal(now, durable) && lost > 0 && keep == "nothing" {
			t.Fatalf("%d bytes are lost though all were synced", lost)
		}
		if m.memory != 0 || len(m.files) != 0 || len(m.names) != 0 {
			t.Fatalf("%d bytes of %d files are remembered after it", m.memory, len(m.files))
		}
	})
}

// TestFailedSync is never made up for by a later one, but by another write.
func TestFailedSync(t *testing.T) {
	for _, again := range []bool{false, true} {
		path := filepath.Join(t.TempDir(), "file")
		file, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		fd := int(file.Fd())
		m := newMedium(prng.New(1, "test"))
		write := func(s string, off int64) {
			if _, err := m.write(fd, []byte(s), off); err != nil {
				t.Fatal(err)
			}
		}
		sync := func(fails bool) {
			if err := m.sync(fd, fails); err != nil {
				t.Fatal(err)
			}
		}
		write("old.", 0)
		sync(false)
		write("new", 0)
		sync(true)
		if again {
			write("!", 3)
		}
		sync(false)
		if _, err := m.lose("torn"); err != nil {
			t.Fatal(err)
		}
		want := "old."
		if again { // the page was written as a whole
			want = "new!"
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%q is left, %v, expected %q", got, err, want)
		}
	}
}

// TestNames takes back what was not synced, and nothing else.
func TestNames(t *testing.T) {
	folder := t.TempDir()
	in := func(name string) string { return filepath.Join(folder, name) }
	m := newMedium(prng.New(1, "test"))
	do := func(c func() (change, error)) {
		t.Helper()
		if err := m.changed(c); err != nil {
			t.Fatal(err)
		}
	}
	create := func(name string) {
		do(made(in(name), func() error { return os.WriteFile(in(name), []byte(name), 0o640) }))
	}
	create("a")
	create("b")
	create("c")
	m.syncNames()
	do(removed(in("a"), func() error { return os.Remove(in("a")) }))
	do(renamed(in("b"), in("c"), func() error { return os.Rename(in("b"), in("c")) }))
	do(renamed(in("c"), in("d"), func() error { return os.Rename(in("c"), in("d")) }))
	do(made(in("folder"), func() error { return os.Mkdir(in("folder"), 0o700) }))
	create("folder/e")
	if _, err := m.lose("nothing"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a", "b", "c"} {
		if got, err := os.ReadFile(in(name)); err != nil || string(got) != name {
			t.Errorf("%s holds %q, %v", name, got, err)
		}
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 3 {
		t.Errorf("%v, %v", left, err)
	}
}

// TestPowerCutDuringSync: a sync that is under way when the power goes makes nothing
// durable, however long the process takes to die.
func TestPowerCutDuringSync(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "file"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, cut := range []bool{true, false} {
		d := newDrive(1)
		if _, err := d.write(int(file.Fd()), []byte("written"), 0); err != nil {
			t.Fatal(err)
		}
		d.cutPower(cut)
		if err := d.sync(int(file.Fd())); (err != nil) != cut {
			t.Errorf("cut %t: %v", cut, err)
		}
		lost, err := d.medium.lose("nothing")
		if err != nil || (lost > 0) != cut {
			t.Errorf("cut %t: %d bytes lost, %v", cut, lost, err)
		}
	}
}
