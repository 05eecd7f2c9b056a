package campaign

import (
	"context"
	"flag"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"time"

	"checker/runner"
)

// memoryRuns is how many short runs TestMemoryIsFlat makes.
var memoryRuns = flag.Int("memory-runs", 500, "how many runs TestMemoryIsFlat makes, ten times those after which it looks first")

// TestMemoryIsFlat: what a campaign keeps does not grow with the runs that it has made. What is alive is looked at
// whenever a tenth of the runs is done; one run may be going on then, which is what the bound allows for.
func TestMemoryIsFlat(t *testing.T) {
	m, err := ParseMatrix("test", []byte("matrix: [{workload: [register, transfer], time-limit: 500ms, expect: silent}]"))
	if err != nil {
		t.Fatal(err)
	}
	c := Campaign{Name: "flat"}
	if c.Cells, err = m.Expand(base()); err != nil {
		t.Fatal(err)
	}
	if c.Seeds, err = ParseSeeds("1-" + strconv.Itoa(*memoryRuns/len(c.Cells))); err != nil {
		t.Fatal(err)
	}
	f, err := Create(filepath.Join(t.TempDir(), "flat"), c.Document())
	if err != nil {
		t.Fatal(err)
	}
	var alive []uint64
	err = Execute(context.Background(), c, f, Options{
		Run: runner.Options{Now: func() time.Time { return time.Unix(0, 0) }},
		Progress: func(p Progress) {
			if p.Now%(*memoryRuns/10) == 0 {
				alive = append(alive, aliveNow())
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("alive after each tenth of %d runs, in MB: %.1f", *memoryRuns, inMB(alive))
	if len(alive) != 10 {
		t.Fatalf("looked %d times", len(alive))
	}
	const slack = 2 << 20
	if first, last := alive[0], alive[9]; last > first+first/2+slack {
		t.Errorf("%.1f MB are alive after a tenth of the runs, and %.1f MB after all", inMB(alive)[0], inMB(alive)[9])
	}
}

// aliveNow returns how many bytes nobody could let go.
func aliveNow() uint64 {
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return s.HeapAlloc
}

func inMB(bytes []uint64) []float64 {
	list := make([]float64, len(bytes))
	for i, n := range bytes {
		list[i] = float64(n) / (1 << 20)
	}
	return list
}
