package runner

import (
	"bufio"
	"context"
	"io"
	"net"
	"testing"
	"time"

	"checker/history"
	"checker/rundir"
	"checker/sim"
	"checker/targets"
	"checker/workloads/gen"
)

// BenchmarkInterpreter drives the register workload, ten clients beside a nemesis
// whose turn never comes, as fast as it goes: generator, interpreter and recorder,
// with clients that do nothing. The history is kept, and history.jsonl and
// schedule.txt are written. An op is an invocation with its completion.
func BenchmarkInterpreter(b *testing.B) {
	b.Run("simulated", func(b *testing.B) { driveIdle(b, idleSimulation{World: sim.New(1)}) })
	b.Run("real", func(b *testing.B) { driveIdle(b, idleReal{}) })
	b.Run("tcp", func(b *testing.B) { driveIdle(b, listenIdle(b)) })
}

func driveIdle(b *testing.B, cluster targets.Cluster) {
	spec := registerSpec()
	spec.Seed, spec.Workload = 1, "register"
	plan, err := spec.Resolve()
	if err != nil {
		b.Fatal(err)
	}
	ops := gen.Limit(b.N, plan.Workload.New(plan.params()).Ops)
	never := gen.Scheduled([]gen.Entry{{Time: gen.Never - 1, Thread: gen.NemesisThread, Op: gen.Op("kill", history.String("n1"))}})
	s := newSession(plan, Options{Now: time.Now}, cluster, gen.ShortestAny(gen.Clients(ops), never))
	dir, err := rundir.Create(b.TempDir(), "bench", 1, fixedNow())
	if err != nil {
		b.Fatal(err)
	}
	if err := s.openFiles(dir); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	before := processorTime(b)
	b.ResetTimer()
	if err := s.goOn(context.Background(), cluster); err != nil {
		b.Fatal(err)
	}
	if err := s.closeFiles(); err != nil {
		b.Fatal(err)
	}
	if s.ok != b.N {
		b.Fatalf("%d of %d ops are ok", s.ok, b.N)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "ops/s")
	b.ReportMetric(float64(b.N)/(processorTime(b)-before).Seconds(), "ops/cpu-s")
}

// idleNodes are nodes that nobody talks to.
type idleNodes struct{}

func (idleNodes) Nodes() []string                    { return []string{"n1", "n2", "n3", "n4", "n5"} }
func (idleNodes) Capabilities() []targets.Capability { return nil }
func (idleNodes) Close() error                       { return nil }

// idleSimulation has clients that answer after a virtual millisecond.
type idleSimulation struct {
	idleNodes
	*sim.World
}

func (idleSimulation) Err() error { return nil }

func (s idleSimulation) OpenAsync(targets.ClientConfig) targets.AsyncClient {
	c := &idleClient{world: s.World}
	c.answer = func() { c.done(c.op) }
	return c
}

type idleClient struct {
	world  *sim.World
	op     history.Op
	done   func(history.Op)
	answer func()
}

func (c *idleClient) Invoke(op history.Op, done func(history.Op)) {
	op.Type = history.Ok
	c.op, c.done = op, done
	c.world.At(op.Time+int64(time.Millisecond), c.answer)
}

func (c *idleClient) Close() {}

// idleReal has clients that answer at once.
type idleReal struct{ idleNodes }

func (idleReal) OpenClient(context.Context, targets.ClientConfig) (targets.Client, error) {
	return idleRealClient{}, nil
}

type idleRealClient struct{}

func (idleRealClient) Invoke(_ context.Context, op history.Op) history.Op {
	op.Type = history.Ok
	return op
}

func (idleRealClient) Close() error { return nil }

// idleTCP has clients that ask a server which answers a line with the same line.
type idleTCP struct {
	idleNodes
	address string
}

// listenIdle starts the server, for as long as the benchmark runs.
func listenIdle(b *testing.B) idleTCP {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_, _ = io.Copy(c, c)
			}()
		}
	}()
	return idleTCP{address: l.Addr().String()}
}

func (t idleTCP) OpenClient(context.Context, targets.ClientConfig) (targets.Client, error) {
	c, err := net.Dial("tcp", t.address)
	if err != nil {
		return nil, err
	}
	return &idleTCPClient{conn: c, answers: bufio.NewReader(c)}, nil
}

type idleTCPClient struct {
	conn    net.Conn
	answers *bufio.Reader
	line    []byte
}

func (c *idleTCPClient) Invoke(_ context.Context, op history.Op) history.Op {
	c.line = append(history.AppendJSON(c.line[:0], op), '\n')
	op.Type = history.Info
	if _, err := c.conn.Write(c.line); err != nil {
		return op
	}
	if _, err := c.answers.ReadSlice('\n'); err == nil {
		op.Type = history.Ok
	}
	return op
}

func (c *idleTCPClient) Close() error { return c.conn.Close() }
