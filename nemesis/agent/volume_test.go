//go:build linux

package agent

import (
	"math/bits"
	"os"
	"path/filepath"
	"testing"
	"time"

	"checker/internal/prng"
)

// testFiles is a folder with files, one of them below another folder, and one outside
// to which a link leads.
type testFiles struct {
	*testing.T
	folder, outside string
	content         map[string]string // by path
}

func newTestFiles(t *testing.T) testFiles {
	f := testFiles{t, t.TempDir(), filepath.Join(t.TempDir(), "outside"), nil}
	f.content = map[string]string{f.outside: "outside", filepath.Join(f.folder, "log"): "0123456789", filepath.Join(f.folder, "below", "other"): "abcdefgh"}
	f.must(os.Mkdir(filepath.Join(f.folder, "below"), 0o755))
	for path, content := range f.content {
		f.must(os.WriteFile(path, []byte(content), 0o644))
	}
	f.must(os.Symlink(f.outside, filepath.Join(f.folder, "link")))
	return f
}

func (f testFiles) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

func (f testFiles) read(path string) string {
	f.Helper()
	b, err := os.ReadFile(path)
	f.must(err)
	return string(b)
}

// mended wants everything as it was.
func (f testFiles) mended(v *volume) {
	f.Helper()
	f.must(v.mend())
	for path, content := range f.content {
		if got := f.read(path); got != content {
			f.Errorf("%s holds %q", path, got)
		}
	}
}

// TestVolume damages the files of a folder as much as it tells, and nothing that a link
// leads to. What nobody has written to since is mended.
func TestVolume(t *testing.T) {
	f := newTestFiles(t)
	v, err := openVolume(f.folder)
	f.must(err)
	const all = 8 * (10 + 8)
	for seed := range uint64(3) {
		for _, n := range []int64{1, 7, 1000} {
			harm, err := v.rot(n, prng.New(seed, "test"))
			f.must(err)
			told, flipped := int64(0), 0
			for _, h := range harm {
				told += h.Amount
				is, was := f.read(filepath.Join(f.folder, h.File)), f.content[filepath.Join(f.folder, h.File)]
				for i := range was {
					flipped += bits.OnesCount8(is[i] ^ was[i])
				}
			}
			if told != min(n, all) || int64(flipped) != told || f.read(f.outside) != "outside" {
				t.Fatalf("%d bits: told %v, flipped %d", n, harm, flipped)
			}
		}
		f.mended(v)
		for _, n := range []int64{1, 5, 100} {
			harm, err := v.cutOff(n, prng.New(seed, "test"))
			if err != nil || len(harm) != 1 {
				t.Fatalf("%v, %v", harm, err)
			}
			path := filepath.Join(f.folder, harm[0].File)
			if got, was := f.read(path), f.content[path]; harm[0].Amount != min(n, int64(len(was))) || got != was[:len(was)-int(harm[0].Amount)] {
				t.Fatalf("%v: %q", harm, got)
			}
		}
		f.mended(v)
	}
}

// TestVolumeLeavesWhatIsNew: what was written since the damage is not overwritten.
func TestVolumeLeavesWhatIsNew(t *testing.T) {
	f := newTestFiles(t)
	v, err := openVolume(f.folder)
	f.must(err)
	harm, err := v.cutOff(3, prng.New(1, "test"))
	f.must(err)
	path := filepath.Join(f.folder, harm[0].File)
	f.must(os.WriteFile(path, []byte("new"), 0o644))
	f.must(os.Chtimes(path, time.Time{}, time.Now().Add(time.Second))) // clocks of files are coarse
	f.must(v.mend())
	if got := f.read(path); got != "new" {
		t.Errorf("%s holds %q", path, got)
	}
}

func TestNoVolume(t *testing.T) {
	if _, err := openVolume(filepath.Join(t.TempDir(), "nothing")); err == nil {
		t.Error("it was opened")
	}
}
