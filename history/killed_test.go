package history

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// recordTo is set in the environment of a process that records until it is
// killed: the file to write.
const recordTo = "HISTORY_TEST_RECORD_TO"

func TestMain(m *testing.M) {
	if path := os.Getenv(recordTo); path != "" {
		if err := record(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(1) // it should have been killed
	}
	os.Exit(m.Run())
}

// record writes ops for ever, flushes after a few each time, and says on its
// standard output how many are flushed. It would rather die than outlive its
// parent.
func record(path string) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	w, err := NewWriter(file, Block)
	if err != nil {
		return err
	}
	for i := 0; ; i++ {
		if err := w.Write(recordedOp(i)); err != nil {
			return err
		}
		if i%97 != 96 {
			continue
		}
		if err := w.Flush(); err != nil {
			return err
		}
		if _, err := fmt.Println(i + 1); err != nil {
			return err
		}
	}
}

// recordedOp is op i of every recording.
func recordedOp(i int) Op {
	return Op{Index: i, Time: int64(i) * 1000, Process: Process(i / 2 % 5), Type: Type(i % 2), F: "write", Value: Vector(Int(int64(i/2)), String("v"+strconv.Itoa(i/2)))}
}

// A recorder that is killed loses nothing that it has flushed, and what is there
// is what was recorded, up to the last whole block.
func TestNothingFlushedIsLostWhenTheRecorderIsKilled(t *testing.T) {
	const moments = 50
	rng := rand.New(rand.NewPCG(4, 50))
	for i := range moments {
		path := filepath.Join(t.TempDir(), "history")
		flushed := killRecorder(t, path, 1+rng.IntN(400))
		h, err := ReadFile(path, ReadOptions{AllowTruncated: true})
		if err != nil {
			t.Fatalf("kill %d: %v", i, err)
		}
		if h.Len() < flushed {
			t.Errorf("kill %d: %d ops flushed, %d read", i, flushed, h.Len())
		}
		for row := range h.Len() {
			if diff := difference(h.Op(row), recordedOp(row)); diff != "" {
				t.Fatalf("kill %d, row %d: %s", i, row, diff)
			}
		}
		if w, _ := h.Warnings(); len(w) != 1 {
			t.Errorf("kill %d: warnings %v, want one that the recording was not closed", i, w)
		}
	}
}

// killRecorder starts a recorder, hears of so many flushes, and kills it wherever
// it is by then. It returns how many ops the recorder said it had flushed.
func killRecorder(t *testing.T, path string, flushes int) (flushed int) {
	t.Helper()
	recorder := exec.Command(os.Args[0])
	recorder.Env = append(os.Environ(), recordTo+"="+path)
	recorder.Stderr = os.Stderr
	said, err := recorder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := recorder.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(said)
	for i := 0; i < flushes && lines.Scan(); i++ {
		if flushed, err = strconv.Atoi(lines.Text()); err != nil {
			t.Fatal(err)
		}
	}
	if err := recorder.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() { // what it said before it died
		if n, err := strconv.Atoi(lines.Text()); err == nil {
			flushed = max(flushed, n)
		}
	}
	if err := recorder.Wait(); err == nil {
		t.Fatal("the recorder ended by itself")
	}
	return flushed
}
