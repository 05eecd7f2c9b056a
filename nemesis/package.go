package nemesis

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
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
	Severity string // what the moves have in common but for those that have their own, in words; "" if there is nothing to say
	Seed     uint64
}

// Move is something that a package does, picked by weight.
type Move struct {
	Name   string
	Weight int
	Repeat int // how often at most it comes back after its end, quickly and unchanged: it flaps
	Follow int // how often at most it strikes again before its end, quickly and chosen anew
	// Severity is its own, in words; "" if the package's stands for it.
	Severity string
	// Out means that it does not take part.
	Out bool
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
	severity := ""
	for i, m := range p.Moves {
		moves[i] = strings.TrimSpace(m.Name + " " + m.Severity)
		if m.Severity == "" && p.Severity != "" {
			severity = ": " + p.Severity
		}
	}
	return fmt.Sprintf("%s (%s%s) for %s, %d%% of them for %s, %s apart",
		p.Family, strings.Join(moves, " "), severity, p.Hold, p.Hurry, p.Quick, p.Gap)
}

// MoveNames returns the names of all moves of a family, those that only take part
// where they are named last. A name that is not a family's has none.
func MoveNames(family string) []string {
	i := slices.IndexFunc(families, func(f Family) bool { return f.Name == family })
	if i < 0 {
		return nil
	}
	moves := drawMoves(families[i], DefaultInterval, 0).Moves
	names := make([]string, len(moves))
	for i, m := range moves {
		names[i] = m.Name
	}
	return names
}

// choose leaves the moves that are named, as family:move, or where none of the family
// is, those that the seed has drawn.
func (p *Package) choose(named []string) {
	var only []string
	for _, name := range named {
		if family, move, _ := strings.Cut(name, ":"); family == p.Family {
			only = append(only, move)
		}
	}
	p.Moves = slices.DeleteFunc(p.Moves, func(m Move) bool {
		return only != nil && !slices.Contains(only, m.Name) || only == nil && m.Out
	})
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
