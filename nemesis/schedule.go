package nemesis

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"checker/internal/prng"
)

// Config says within which bounds faults are drawn.
type Config struct {
	Families []string      // that are allowed
	Moves    []string      // as family:move, those that a family is to make instead of the ones drawn
	Every    bool          // all of them take part, not a set drawn by the seed
	Interval time.Duration // about how long a fault lasts, and how long nothing is wrong
}

// DefaultInterval is half of Jepsen's, since our nodes start in milliseconds.
const DefaultInterval = 5 * time.Second

// Schedule is what a seed drew: the packages of the families that take part, in
// the order of [Families].
type Schedule struct{ Packages []Package }

// Plan draws the faults of a run. Each seed has its own mix, as in swarm testing
// (Groce et al., ISSTA 2012): which of the allowed families take part (one at
// least), what they do, how severe and how often. So some runs are hit hard by one
// kind of fault, which a mix of everything never does. A family draws from its own
// stream: what it does is the same whoever else takes part.
func Plan(cfg Config, seed uint64) (Schedule, error) {
	var allowed []Family
	for _, name := range cfg.Families {
		if !slices.ContainsFunc(families, func(f Family) bool { return f.Name == name }) {
			return Schedule{}, fmt.Errorf("no nemesis %q: expected some of %s", name, strings.Join(FamilyNames(), ", "))
		}
	}
	if err := checkMoves(cfg.Moves); err != nil {
		return Schedule{}, err
	}
	for _, f := range families {
		if slices.Contains(cfg.Families, f.Name) {
			allowed = append(allowed, f)
		}
	}
	if cfg.Interval <= 0 {
		return Schedule{}, fmt.Errorf("a nemesis interval of %v is too short", cfg.Interval)
	}
	if !cfg.Every {
		allowed = swarm(allowed, prng.New(seed, "nemesis/plan"))
	}
	var s Schedule
	for _, f := range allowed {
		s.Packages = append(s.Packages, drawPackage(f, cfg, seed))
	}
	return s, nil
}

func checkMoves(named []string) error {
	for _, name := range named {
		family, move, _ := strings.Cut(name, ":")
		if known := MoveNames(family); !slices.Contains(known, move) {
			return fmt.Errorf("the nemesis %s has no move %q: expected some of %s", family, move, strings.Join(known, ", "))
		}
	}
	return nil
}

// swarm returns a random set of families, each with probability one half, not
// empty unless there are none to choose from.
func swarm(allowed []Family, r *rand.Rand) []Family {
	if len(allowed) == 0 {
		return nil
	}
	sure := r.IntN(len(allowed))
	var drawn []Family
	for i, f := range allowed {
		if r.IntN(2) == 0 || i == sure {
			drawn = append(drawn, f)
		}
	}
	return drawn
}

// String describes the schedule on one line.
func (s Schedule) String() string {
	if len(s.Packages) == 0 {
		return "no faults"
	}
	parts := make([]string, len(s.Packages))
	for i, p := range s.Packages {
		parts[i] = p.String()
	}
	return strings.Join(parts, "; ")
}
