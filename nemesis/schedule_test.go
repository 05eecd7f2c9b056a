package nemesis

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"checker/history"
	"checker/internal/prng"
	"checker/workloads/gen"

	"github.com/cockroachdb/datadriven"
)

// happening is a fault that a schedule brought about.
type happening struct {
	at    time.Duration
	fault Fault
}

// play lets a generator have its way with a scene until a time, or until it is
// done. In between a packet goes from each node to each.
func (s *scene) play(t testing.TB, g gen.Generator, seed uint64, until time.Duration) []happening {
	t.Helper()
	r := prng.New(seed, "resolve")
	ctx := gen.NewContext(3, seed)
	var all []happening
	for len(all) < 10_000 {
		if g == nil {
			return all
		}
		ctx.Now = int64(s.now)
		step, next := g.Next(ctx)
		if again, _ := g.Next(ctx); fmt.Sprint(again) != fmt.Sprint(step) {
			t.Fatalf("asked twice, a generator answered %v and %v", step, again)
		}
		if step.Kind == gen.Done || step.At > int64(until) {
			return all
		}
		if step.Kind == gen.Pending && step.At > int64(s.now) {
			s.env.pass(time.Duration(step.At) - s.now)
			s.now, g = time.Duration(step.At), next
			continue
		}
		if step.Kind != gen.Emit || step.At < int64(s.now) || step.Op.Type != history.Info || step.Op.Process != history.Nemesis {
			t.Fatalf("at %v: %+v", s.now, step)
		}
		s.env.pass(time.Duration(step.At) - s.now)
		s.now = time.Duration(step.At)
		f := s.resolve(t, step.Op, r)
		invocation := f.Op()
		if g = next; g != nil {
			g = g.Update(ctx, invocation)
		}
		if s.onFault != nil {
			s.onFault(f)
		}
		if done := s.invoke(invocation); g != nil {
			g = g.Update(ctx, done)
		}
		for _, l := range Invert(s.env.nodes, nil) {
			s.env.traffic(l.From, l.To)
		}
		for _, node := range s.env.nodes {
			s.env.write(node)
		}
		all = append(all, happening{s.now, f})
	}
	t.Fatal("the schedule goes on and on")
	return nil
}

// resolve makes the fault of an op concrete, as the runner does.
func (s *scene) resolve(t testing.TB, op history.Op, r *rand.Rand) Fault {
	t.Helper()
	f, err := OfOp(op)
	if err != nil {
		t.Fatal(err)
	}
	view, err := s.nemesis.View(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if f, err = Resolve(f, view, r); err != nil {
		t.Fatal(err)
	}
	return f
}

func plan(t testing.TB, seed uint64, every bool, families ...string) Schedule {
	t.Helper()
	s, err := Plan(Config{Families: families, Every: every, Interval: DefaultInterval}, seed)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSchedules shows what seeds draw: "plan" prints the lines for run.json, and
// "play" the faults of half a minute with those that end them, and the evidence.
func TestSchedules(t *testing.T) {
	datadriven.RunTest(t, "testdata/schedules", func(t *testing.T, d *datadriven.TestData) string {
		var families []string
		var seed uint64
		d.ScanArgs(t, "families", &families)
		switch d.Cmd {
		case "plan":
			var out strings.Builder
			for seed = range 6 {
				fmt.Fprintf(&out, "%d: %s\n", seed, plan(t, seed, false, families...))
			}
			return out.String()
		case "play":
			d.ScanArgs(t, "seed", &seed)
			s, sc := plan(t, seed, true, families...), newScene(nodesOf(5)...)
			sc.env.leaders = []string{"n2"}
			all := sc.play(t, s.Generator(), seed, 30*time.Second)
			all = append(all, sc.play(t, s.Final(), seed, time.Hour)...)
			out := s.String() + "\n"
			for _, h := range all {
				out += fmt.Sprintf("%8.3f  %s\n", h.at.Seconds(), h.fault)
			}
			return out + evidenceText(Evidence(sc.record.History()))
		}
		d.Fatalf(t, "unknown command %s", d.Cmd)
		return ""
	})
}

func TestPlanRefuses(t *testing.T) {
	for _, cfg := range []Config{{Families: []string{"kill", "fire"}, Interval: time.Second}, {Families: []string{"kill"}}} {
		if s, err := Plan(cfg, 1); err == nil {
			t.Errorf("%+v was planned as %s", cfg, s)
		}
	}
	if s := plan(t, 1, false); len(s.Packages) != 0 || s.String() != "no faults" {
		t.Errorf("no families allowed, and drawn was %s", s)
	}
}

func TestSwarmDrawsEveryFamilyAndNeverNone(t *testing.T) {
	taken, alone := map[string]int{}, 0
	for seed := range uint64(200) {
		s := plan(t, seed, false, FamilyNames()...)
		if len(s.Packages) == 0 {
			t.Fatalf("seed %d: nothing", seed)
		}
		if len(s.Packages) == 1 {
			alone++
		}
		for _, p := range s.Packages {
			taken[p.Family]++
		}
	}
	for _, name := range FamilyNames() {
		if n := taken[name]; n < 80 || n > 160 {
			t.Errorf("%s takes part in %d of 200 runs", name, n)
		}
	}
	if alone < 3 {
		t.Errorf("only %d of 200 runs have a single family", alone)
	}
}

func TestAFamilyDoesTheSameWhoeverElseTakesPart(t *testing.T) {
	for seed := range uint64(20) {
		alone := plan(t, seed, true, "kill").Packages[0]
		i := slices.Index(FamilyNames(), "kill")
		if among := plan(t, seed, true, FamilyNames()...).Packages[i]; among.String() != alone.String() || among.Seed != alone.Seed {
			t.Errorf("seed %d: %s alone, %s among others", seed, alone, among)
		}
	}
}

func TestAScheduleThatBeginsLateGoesOnFromThere(t *testing.T) {
	sc := newScene(nodesOf(5)...)
	sc.now = 100 * time.Second
	all := sc.play(t, plan(t, 1, true, FamilyNames()...).Generator(), 1, 130*time.Second)
	if len(all) < 10 || len(all) > 200 {
		t.Errorf("%d faults in half a minute", len(all))
	}
}

// TestSchedulesAreFit looks at what sixty seconds of each family are made of.
func TestSchedulesAreFit(t *testing.T) {
	const seeds, limit = 60, 60 * time.Second
	for _, family := range FamilyNames() {
		pairs, quick, long := 0, 0, 0
		targets := map[int]int{}
		for seed := range uint64(seeds) {
			sc := newScene(nodesOf(5)...)
			all := sc.play(t, plan(t, seed, true, family).Generator(), seed, limit)
			ended := 0
			for i, h := range all {
				begins := !h.fault.Verb.Ends()
				targets[len(h.fault.Nodes)]++
				switch {
				case begins && i > 0 && !all[i-1].fault.Verb.Ends() && slices.Contains([]string{"kill", "pause", "packet"}, family):
					t.Fatalf("%s, seed %d: %s follows %s", family, seed, h.fault, all[i-1].fault)
				case !begins && (i == 0 || all[i-1].fault.Verb.Ends()):
					t.Fatalf("%s, seed %d: %s ends nothing", family, seed, h.fault)
				case !begins:
					ended++
					held := h.at - all[i-1].at
					if held < 100*time.Millisecond || held > 10*time.Second {
						t.Errorf("%s, seed %d: %s lasted %v", family, seed, all[i-1].fault, held)
					}
					if held <= time.Second {
						quick++
					}
					if held >= 4*time.Second {
						long++
					}
				}
			}
			if ended < 2 {
				t.Errorf("%s, seed %d: only %d faults in %v", family, seed, ended, limit)
			}
			pairs += ended
		}
		if pairs < 4*seeds || quick < seeds/2 || long < seeds {
			t.Errorf("%s: in %d runs %d faults, %d of them quick, %d long", family, seeds, pairs, quick, long)
		}
		if (family == "kill" || family == "pause") && 2*(targets[1]+targets[2]) < targets[3]+targets[4] {
			t.Errorf("%s strikes a majority too often: %v", family, targets)
		}
	}
}

func TestAFlappingPartitionComesBackAsItWas(t *testing.T) {
	p := plan(t, 1, true, "partition").Packages[0]
	p.Overlay = 0
	p.Moves = slices.DeleteFunc(partitions(), func(m Move) bool { return m.Repeat == 0 })
	all := newScene(nodesOf(5)...).play(t, p.Generator(), 1, 300*time.Second)
	same, other := 0, 0
	for i := 2; i < len(all); i += 2 {
		quick := all[i].at-all[i-1].at <= p.Quick.Max
		if all[i].fault.Text() == all[i-2].fault.Text() {
			same++
		} else {
			other++
			if quick && p.Gap.Min > p.Quick.Max {
				t.Errorf("at %v: %s came back as %s", all[i].at, all[i-2].fault, all[i].fault)
			}
		}
	}
	if same < 20 || other < 5 || same < 2*other {
		t.Errorf("%d partitions came back unchanged, %d were new", same, other)
	}
}

// Whoever leads is cut off, again and again, until the fault ends.
func TestAPartitionFollowsTheLeader(t *testing.T) {
	p := plan(t, 1, true, "partition").Packages[0]
	p.Overlay = 0
	p.Moves = slices.DeleteFunc(partitions(), func(m Move) bool { return m.Follow == 0 })
	sc, turn, followed := newScene(nodesOf(5)...), 0, 0
	sc.env.leaders = sc.env.nodes[:1]
	sc.onFault = func(f Fault) {
		if f.Verb == Partition {
			if f.Text() != sc.env.leaders[0]+"|"+strings.Join(without(sc.env.nodes, sc.env.leaders), ",") {
				t.Errorf("%s while %v leads", f, sc.env.leaders)
			}
			turn = (turn + 1) % 5
			sc.env.leaders = sc.env.nodes[turn : turn+1]
		}
	}
	all := sc.play(t, p.Generator(), 1, 100*time.Second)
	for i, h := range all {
		if i > 0 && h.fault.Verb == Partition && all[i-1].fault.Verb == Partition {
			followed++
			if waited := h.at - all[i-1].at; waited > p.Quick.Max {
				t.Errorf("at %v it follows after %v only", h.at, waited)
			}
		}
	}
	if followed < 20 {
		t.Errorf("%d of %d partitions follow another", followed, len(all))
	}
}

func TestFinalLeavesNothingBehind(t *testing.T) {
	dirty := 0
	for seed := range uint64(100) {
		s, sc := plan(t, seed, false, FamilyNames()...), newScene(nodesOf(1+int(seed%7))...)
		sc.play(t, s.Generator(), seed, 30*time.Second+time.Duration(seed)*time.Second/10)
		if sc.env.leftover() != "" {
			dirty++
		}
		sc.play(t, s.Final(), seed, time.Hour)
		if left := sc.env.leftover(); left != "" {
			t.Errorf("seed %d, %s: %s", seed, s, left)
		}
		sc.play(t, s.Final(), seed, time.Hour)
		if left := sc.env.leftover(); left != "" {
			t.Errorf("seed %d, the final phase once more: %s", seed, left)
		}
	}
	if dirty < 50 {
		t.Errorf("only %d of 100 runs had something to clean up", dirty)
	}
}
