package gen_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"checker/history"
	"checker/workloads/gen"
)

// answers is a generator that gives the answers of a function.
type answers func(ctx *gen.Context) gen.Step

func (a answers) Next(ctx *gen.Context) (gen.Step, gen.Generator) { return a(ctx), a }
func (a answers) Update(*gen.Context, history.Op) gen.Generator   { return a }

// Each breach of a law is found and named, and nothing else is.
func TestMisuseIsExplained(t *testing.T) {
	calls := int64(0)
	emit := func(at int64, p history.Process) answers {
		return func(*gen.Context) gen.Step {
			return gen.Step{Kind: gen.Emit, At: at, Op: history.Op{Process: p, F: "read"}}
		}
	}
	for name, c := range map[string]struct {
		g    gen.Generator
		want string
	}{
		"past":       {gen.Phases(gen.Sleep(time.Second), emit(5, 0)), "before now"},
		"busy":       {emit(0, 0), "no free thread executes"},
		"unknown":    {emit(0, 9), "no free thread executes"},
		"no f":       {answers(func(*gen.Context) gen.Step { return gen.Step{Kind: gen.Emit} }), "without f"},
		"spinning":   {answers(func(*gen.Context) gen.Step { return gen.Step{Kind: gen.Pending} }), "expected a later time"},
		"stuck":      {waits{}, "no op is in flight"},
		"kind":       {answers(func(*gen.Context) gen.Step { return gen.Step{Kind: 9} }), "unknown kind"},
		"special":    {answers(func(c *gen.Context) gen.Step { s := c.Fill(gen.Op("x", history.Nil)); s.Special = 9; return s }), "special step of unknown kind"},
		"fickle":     {gen.Validate(answers(func(c *gen.Context) gen.Step { calls++; return c.Fill(gen.Op("x", history.Int(calls))) })), "asked twice"},
		"meddling":   {gen.Validate(answers(func(c *gen.Context) gen.Step { c.Now++; return gen.Step{} })), "left the context changed"},
		"chatter":    {gen.Cycle(gen.Log("again")), "log lines in a row"},
		"reserve":    {gen.Clients(gen.Reserve([]gen.Part{{N: 3, Gen: read()}}, nil)), "3 clients are reserved where there are only 2"},
		"in update":  {gen.EachThread(gen.Seq(one("a"), gen.Reserve([]gen.Part{{N: 3, Gen: read()}}, nil))), "clients are reserved"},
		"filter all": {gen.Filter(func(history.Op) bool { return false }, read()), "a million ops"},
	} {
		t.Run(name, func(t *testing.T) {
			ops, err := gen.Simulation{Clients: 2, Complete: slow(time.Hour), MaxOps: 50}.Run(c.g)
			var misuse *gen.Misuse
			if !errors.As(err, &misuse) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%d ops, then %v; want a misuse with %q", len(ops), err, c.want)
			}
		})
	}
}

// A generator that names its process without a look at who is free has to wait,
// where it is placed on threads.
func TestPlacementWaitsForNamedProcess(t *testing.T) {
	g := answers(func(ctx *gen.Context) gen.Step {
		return gen.Step{Kind: gen.Emit, At: ctx.Now, Op: history.Op{Process: history.Nemesis, F: "kill"}}
	})
	ops, err := gen.Simulate(gen.Limit(3, gen.NemesisOnly(g)), 2, gen.Perfect)
	if err != nil {
		t.Fatal(err)
	}
	for i, op := range gen.Invocations(ops) {
		if op.Time != int64(10*i) {
			t.Errorf("op %d is at %d", i, op.Time)
		}
	}
}

// The driver is told when it breaks the laws itself.
func TestDriverMisuse(t *testing.T) {
	for name, f := range map[string]func(p *gen.Interpreter){
		"nothing to begin": func(p *gen.Interpreter) { p.Begin(0) },
		"too early":        func(p *gen.Interpreter) { mustNext(t, p, 0); p.Begin(3) },
		"begun twice":      func(p *gen.Interpreter) { mustNext(t, p, 0); p.Begin(5); p.Begin(5) },
		"not in flight":    func(p *gen.Interpreter) { p.Complete(history.Op{Process: 1, Type: history.Ok}) },
		"stale process": func(p *gen.Interpreter) {
			mustNext(t, p, 0)
			op := p.Begin(5)
			op.Process += 2
			p.Complete(op)
		},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if _, ok := recover().(*gen.Misuse); !ok {
					t.Error("no misuse")
				}
			}()
			f(gen.NewInterpreter(gen.Scheduled([]gen.Entry{{Time: 5, Op: gen.Op("read", history.Nil)}}), 2, 1))
		})
	}
}

func mustNext(t *testing.T, p *gen.Interpreter, now int64) {
	t.Helper()
	if _, err := p.Next(now); err != nil {
		t.Fatal(err)
	}
}

func TestTrace(t *testing.T) {
	var told []string
	g := gen.Trace("load", func(line string) { told = append(told, line) }, gen.Clients(one("read")))
	run(t, g, 1, gen.Perfect)
	want := "load: next: 0 invoke read nil at 0 (at 0, free of 2 threads: [0 nemesis])"
	if len(told) != 1 || told[0] != want {
		t.Errorf("told %q, want %q", told, want)
	}
	told = nil
	run(t, gen.Trace("load", func(line string) { told = append(told, line) }, gen.Clients(gen.Limit(2, read()))), 1, gen.Perfect)
	want = "load: update: 0 invoke read nil (at 0, free of 2 threads: [nemesis])"
	if len(told) < 2 || told[1] != want {
		t.Errorf("told %q, want %q as the second", told, want)
	}
}
