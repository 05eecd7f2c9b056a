package runner

import (
	"context"
	"testing"
	"time"
)

// BenchmarkRun executes the default run, checks included: five nodes, ten
// clients, a register workload, sixty virtual seconds under all faults. Each
// iteration is another seed. The metric is how much faster than real time.
func BenchmarkRun(b *testing.B) {
	var virtual time.Duration
	for i := range b.N {
		spec := defaultSpec()
		spec.Seed = uint64(i + 1)
		plan, err := spec.Resolve()
		if err != nil {
			b.Fatal(err)
		}
		out, err := Execute(context.Background(), plan, Options{Now: fixedNow})
		if err != nil {
			b.Fatal(err)
		}
		virtual += time.Duration(out.Run.DurationNS)
	}
	b.ReportMetric(virtual.Seconds()/b.Elapsed().Seconds(), "virtual-s/s")
}
