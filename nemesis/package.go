package nemesis

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"
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
	Follow int // how often at most it strikes again before its end, quickly and chosen anew
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
	case "disk":
		return Fault{Verb: DiskRepair}
	case "membership":
		return Fault{Verb: MemberRestore}
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
