package nemesis

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"checker/internal/prng"
)

// Package is how the faults of one family come and go in a run: what is done, how
// often and for how long. Faults begin and end by turns.
type Package struct {
	Family   string
	Summary  string // one sentence, the family's
	Moves    []Move
	Hold     Span   // from the begin of a fault to its end
	Quick    Span   // the same for a quick one
	Gap      Span   // from the end of a fault to the next one's begin
	Hurry    int    // how many percent of the faults are quick
	Overlay  int    // after how many percent of them another one follows before the end
	Severity string // what the moves have in common, in words; "" if there is nothing to say
	Seed     uint64
}

// Move is something that a package does, picked by weight.
type Move struct {
	Name   string
	Weight int
	Repeat int // how often at most it comes back after its end, quickly and unchanged: it flaps
	// Draw draws a fault, resolved or not. All it knows is the randomness.
	Draw func(r *rand.Rand) Fault
}

// Span is a range of durations. Short ones are as likely as long ones: the
// logarithm is uniform.
type Span struct{ Min, Max time.Duration }

func (s Span) draw(r *rand.Rand) int64 {
	ratio := float64(s.Max) / float64(s.Min)
	return int64(float64(s.Min) * math.Pow(ratio, r.Float64()))
}

func (s Span) String() string {
	return s.Min.Round(time.Millisecond).String() + "–" + s.Max.Round(time.Millisecond).String()
}

// times returns a span of so many intervals.
func times(interval time.Duration, from, to float64) Span {
	return Span{
		max(time.Millisecond, time.Duration(float64(interval)*from)),
		max(time.Millisecond, time.Duration(float64(interval)*to)),
	}
}

// ender returns what ends the faults of a family.
func ender(family string) Fault {
	switch family {
	case "partition":
		return Fault{Verb: Heal}
	case "kill":
		return Fault{Verb: Start, Target: "all"}
	case "pause":
		return Fault{Verb: Resume, Target: "all"}
	case "clock":
		return Fault{Verb: ClockReset, Target: "all"}
	}
	return Fault{Verb: PacketClear}
}

// String describes the package in a phrase.
func (p Package) String() string {
	moves := make([]string, len(p.Moves))
	for i, m := range p.Moves {
		moves[i] = m.Name
	}
	severity := p.Severity
	if severity != "" {
		severity = ": " + severity
	}
	return fmt.Sprintf("%s (%s%s) for %s, %d%% of them for %s, %s apart",
		p.Family, strings.Join(moves, " "), severity, p.Hold, p.Hurry, p.Quick, p.Gap)
}

// pick draws a move by weight.
func (p Package) pick(r *rand.Rand) Move {
	total := 0
	for _, m := range p.Moves {
		total += m.Weight
	}
	at := r.IntN(total)
	for _, m := range p.Moves {
		if at -= m.Weight; at < 0 {
			return m
		}
	}
	panic("nemesis: weights do not add up")
}

// some keeps the first move and a random half of the others.
func some(moves []Move, r *rand.Rand) []Move {
	return slices.DeleteFunc(moves, func(m Move) bool { return m.Name != moves[0].Name && r.IntN(2) == 0 })
}

// to returns moves that strike nodes with a verb. The first leaves a quorum alone,
// and those that do have most of the weight: under a fault that stops everything
// nothing can be observed.
func to(v Verb) []Move {
	strike := func(selector string, weight int) Move {
		return Move{Name: selector, Weight: weight, Draw: func(*rand.Rand) Fault { return Fault{Verb: v, Target: selector} }}
	}
	return []Move{strike("minority", 4), strike("one", 3), strike("primaries", 4), strike("minority-third", 1), strike("random", 1), strike("majority", 1), strike("all", 1)}
}

// drawPackage draws the package of a family within a configuration.
func drawPackage(family Family, interval time.Duration, seed uint64) Package {
	r := prng.New(seed, "nemesis/plan/"+family.Name)
	p := Package{Family: family.Name, Summary: family.Summary, Seed: prng.Derive(seed, "nemesis/"+family.Name)}
	p.Hurry = 10 * r.IntN(6)
	p.Hold, p.Quick = times(interval, 0.8, 2), times(interval, 0.04, 0.4)
	tempo := []float64{0.3, 0.6, 1, 1.5}[r.IntN(4)]
	p.Gap = times(interval, 0.4*tempo, 1.2*tempo)
	switch family.Name {
	case "partition":
		p.Moves, p.Overlay = some(partitions(), r), 15
	case "kill":
		p.Moves, p.Quick = some(to(Kill), r), times(interval, 0.02, 0.2)
	case "pause":
		p.Moves, p.Hold, p.Quick = some(to(Pause), r), times(interval, 0.4, 1.6), times(interval, 0.1, 0.4)
	case "clock":
		p.Overlay = 33
		p.Moves, p.Severity = clocks(r)
	case "packet":
		p.Moves, p.Severity = packets(r)
	}
	return p
}

// partitions returns the grudges, and two of them flapping.
func partitions() []Move {
	var moves []Move
	for _, g := range []struct {
		grudge         string
		weight, repeat int
	}{
		{"majority", 4, 0}, {"random-halves", 3, 0}, {"primaries", 4, 0}, {"one", 2, 0}, {"majorities-ring", 3, 0}, {"bridge", 2, 0},
		{"one-way", 2, 0}, {"deaf-primaries", 2, 0}, {"mute-primaries", 2, 0}, {"complete", 1, 0}, {"one", 1, 8}, {"majority", 1, 8},
	} {
		m := Move{Name: g.grudge, Weight: g.weight, Repeat: g.repeat, Draw: func(*rand.Rand) Fault { return Fault{Verb: Partition, Target: g.grudge} }}
		if g.repeat > 0 {
			m.Name = "flapping-" + g.grudge
		}
		moves = append(moves, m)
	}
	return moves
}

// clocks returns clock faults of a severity that is drawn here: at the top that of
// Jepsen's nemesis.time, jumps of ±1.5^31 ms (288 s).
func clocks(r *rand.Rand) (moves []Move, severity string) {
	limit := []time.Duration{250 * time.Millisecond, time.Second, 4 * time.Second, 60 * time.Second, 287626 * time.Millisecond}[r.IntN(5)]
	ppm := []int64{500, 10_000, 100_000}[r.IntN(3)]
	who := func(r *rand.Rand) string {
		return []string{"random", "one", "minority", "primaries", "majority"}[r.IntN(5)]
	}
	bump := Move{Name: "bump", Weight: 4, Draw: func(r *rand.Rand) Fault {
		return Fault{Verb: ClockBump, Target: who(r), UpTo: int64(limit)}
	}}
	strobe := Move{Name: "strobe", Weight: 2, Draw: func(r *rand.Rand) Fault {
		return Fault{Verb: ClockStrobe, Target: who(r), Strobe: drawStrobe(limit, r)}
	}}
	drift := Move{Name: "drift", Weight: 2, Draw: func(r *rand.Rand) Fault {
		return Fault{Verb: ClockDrift, Target: who(r), UpTo: ppm}
	}}
	return some([]Move{bump, strobe, drift}, r), fmt.Sprintf("up to %v and %d ppm", limit, ppm)
}

// drawStrobe draws a strobe as Jepsen does, 4 ms to the limit, a period of 1 ms to
// 1 s, but of 1 s to 10 s: a longer one would outlast the fault.
func drawStrobe(limit time.Duration, r *rand.Rand) Strobe {
	ms := func(least, most time.Duration) time.Duration {
		return time.Duration(Span{least, most}.draw(r)).Truncate(time.Millisecond)
	}
	return Strobe{
		Delta:  ms(4*time.Millisecond, limit),
		Period: ms(time.Millisecond, time.Second),
		For:    ms(time.Second, 10*time.Second),
	}
}

// packets returns packet faults: each of the kinds of trouble alone, and several at
// once. Jepsen's shape! has 50 ms ±10 ms, and 20% for whatever is by chance.
func packets(r *rand.Rand) (moves []Move, severity string) {
	delay := []time.Duration{5 * time.Millisecond, 50 * time.Millisecond, 250 * time.Millisecond}[r.IntN(3)]
	chance := []Chance{1 * Percent, 5 * Percent, 20 * Percent, 40 * Percent}[r.IntN(4)]
	all := PacketFaults{Delay: delay, Jitter: delay / 5, Loss: chance, Duplicate: chance, Reorder: chance, Corrupt: chance}
	kinds := []struct {
		name string
		only PacketFaults
	}{
		{"loss", PacketFaults{Loss: all.Loss}},
		{"delay", PacketFaults{Delay: all.Delay, Jitter: all.Jitter}},
		{"duplicate", PacketFaults{Duplicate: all.Duplicate}},
		{"reorder", PacketFaults{Delay: all.Delay, Reorder: all.Reorder}},
		{"corrupt", PacketFaults{Corrupt: all.Corrupt}},
		{"mixed", all},
	}
	for _, k := range kinds {
		moves = append(moves, Move{Name: k.name, Weight: 1, Draw: func(r *rand.Rand) Fault {
			who := []string{"all", "random", "minority", "one", "primaries"}[r.IntN(5)]
			return Fault{Verb: Packet, Target: who, Packet: k.only}
		}})
	}
	return some(moves, r), fmt.Sprintf("%v and %v", delay, chance)
}
