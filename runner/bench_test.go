package runner

import (
	"context"
	"syscall"
	"testing"
	"time"

	"checker/rundir"
	"checker/targets"
)

// BenchmarkRun executes the default run, checks included: five nodes, ten
// clients, a register workload, sixty virtual seconds under all faults. Each
// iteration is another seed. The metrics are how much faster than real time it is,
// by the clock on the wall and by what one core spends on it.
// Recorded writes history, trace and schedule to disk as well; unwatched is
// without the check of the nodes' protocol.
func BenchmarkRun(b *testing.B) {
	b.Run("default", func(b *testing.B) { benchmarkRun(b, registerSpec(), false) })
	b.Run("recorded", func(b *testing.B) { benchmarkRun(b, registerSpec(), true) })
	b.Run("unwatched", func(b *testing.B) {
		spec := registerSpec()
		for i, t := range spec.Targets {
			spec.Targets[i] = untold{t}
		}
		benchmarkRun(b, spec, false)
	})
}

// untold is a target that tells nothing of its protocol.
type untold struct{ targets.Target }

func (t untold) Describe() targets.Description {
	d := t.Target.Describe()
	d.Protocol = false
	return d
}

func benchmarkRun(b *testing.B, spec Spec, recorded bool) {
	b.ReportAllocs()
	before := processorTime(b)
	var virtual time.Duration
	for i := range b.N {
		spec.Seed = uint64(i + 1)
		plan, err := spec.Resolve()
		if err != nil {
			b.Fatal(err)
		}
		options := Options{Now: fixedNow}
		if recorded {
			if options.Dir, err = rundir.Create(b.TempDir(), "bench", spec.Seed, fixedNow()); err != nil {
				b.Fatal(err)
			}
		}
		out, err := Execute(context.Background(), plan, options)
		if err != nil {
			b.Fatal(err)
		}
		virtual += time.Duration(out.Run.DurationNS)
	}
	b.ReportMetric(virtual.Seconds()/b.Elapsed().Seconds(), "virtual-s/s")
	b.ReportMetric(virtual.Seconds()/(processorTime(b)-before).Seconds(), "virtual-s/cpu-s")
}

// processorTime returns what this process has used, which a busy machine does
// not distort as it does the time on the wall.
func processorTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
