package nemesis

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// grudges are the names of ways to partition nodes.
var grudges = []Choice{
	{"halves", "the first half of the nodes against the others, the smaller first"},
	{"random-halves", "a random half of the nodes against the others"},
	{"one", "one node at random against the others"},
	{"majority", "a majority of random size against the others"},
	{"minority-third", "the most nodes below a third, at least one, against the others"},
	{"primaries", "some nodes that take themselves for primaries, each alone, against the others together"},
	{"deaf-primaries", "some primaries are heard by the others, but hear nobody"},
	{"mute-primaries", "some primaries hear the others, but nobody hears them"},
	{"bridge", "two halves that only one node can talk to both of"},
	{"majorities-ring", "every node sees a majority, no two the same one"},
	{"one-way", "a random group of nodes is not heard by the others, but hears them"},
	{"complete", "every node alone"},
	{"leaders", "every node that takes itself for a primary, each alone, against the others together; one node where none is known"},
}

// Grudges returns the ways to partition nodes, as the text form knows them.
func Grudges() []Choice { return slices.Clone(grudges) }

func grudgeNames() []string { return names(grudges) }

// Resolve makes a fault concrete: it chooses the nodes, the links and the amounts
// that the fault leaves open. It is called just before the fault is recorded, so
// that a history and a saved schedule hold concrete faults only and a replay needs
// neither a view nor randomness. A concrete fault stays as it is, and draws
// nothing.
func Resolve(f Fault, view View, r *rand.Rand) (Fault, error) {
	if f.Concrete() {
		return f, nil
	}
	if err := checkNames(view.Nodes); err != nil {
		return Fault{}, err
	}
	var err error
	switch f.Verb {
	case Partition:
		err = f.resolvePartition(view, r)
	case ClockBump, ClockJump, ClockDrift:
		err = f.resolveSkews(view, r)
	case MemberRemove, MemberReplace, MemberAdd:
		err = f.resolveMembers(view, r)
	default:
		f.Nodes, err = view.choose(f.Target, r)
	}
	if err != nil {
		return Fault{}, fmt.Errorf("%s: %w", f, err)
	}
	f.Target, f.UpTo = "", 0
	return f, nil
}

func (f *Fault) resolvePartition(v View, r *rand.Rand) error {
	n := len(v.Nodes)
	if n == 1 && v.Clients {
		f.Sides = [][]string{v.Nodes, {ClientName}}
		return nil
	}
	switch f.Target {
	case "halves":
		smaller, larger := Bisect(v.Nodes)
		f.Sides = v.sides(smaller, larger)
	case "random-halves":
		smaller, larger := Bisect(shuffled(v.Nodes, r))
		f.Sides = v.sides(smaller, larger)
	case "one":
		f.Sides = v.split(1, r)
	case "majority":
		f.Sides = v.split(1+r.IntN(max(1, n-Majority(n))), r)
	case "minority-third":
		f.Sides = v.split(max(1, MinorityThird(n)), r)
	case "primaries":
		f.Sides = v.sides(Isolate(v.Nodes, v.somePrimaries(r))...)
	case "leaders":
		f.Sides = v.sides(Isolate(v.Nodes, v.allPrimaries(r))...)
	case "deaf-primaries", "mute-primaries":
		some := v.somePrimaries(r)
		from, to := some, without(v.Nodes, some)
		if f.Target == "deaf-primaries" {
			from, to = to, from
		}
		f.Ways = OneWay(from, to)
	case "bridge":
		f.Ways = v.links(Bridge(shuffled(v.Nodes, r)))
	case "majorities-ring":
		f.Ways = v.links(MajoritiesRing(shuffled(v.Nodes, r)))
	case "one-way":
		from := sample(v.Nodes, 1+r.IntN(max(1, n-1)), r)
		f.Ways = OneWay(from, without(v.Nodes, from))
	case "complete":
		f.Sides = v.sides(Isolate(v.Nodes, v.Nodes)...)
	default:
		return fmt.Errorf("no grudge %q", f.Target)
	}
	return nil
}

// split groups k random nodes against the others.
func (v View) split(k int, r *rand.Rand) [][]string {
	some := sample(v.Nodes, k, r)
	return v.sides(some, without(v.Nodes, some))
}

// sides returns the groups that are not empty, each in the order of the nodes; nil
// if there are not at least two, which means no cut.
func (v View) sides(groups ...[]string) [][]string {
	var sides [][]string
	for _, g := range groups {
		if len(g) > 0 {
			sides = append(sides, ordered(v.Nodes, g))
		}
	}
	if len(sides) < 2 {
		return nil
	}
	return sides
}

// links returns links in the order of the nodes.
func (v View) links(links []Link) []Link {
	slices.SortFunc(links, func(a, b Link) int {
		return cmp.Or(
			cmp.Compare(slices.Index(v.Nodes, a.From), slices.Index(v.Nodes, b.From)),
			cmp.Compare(slices.Index(v.Nodes, a.To), slices.Index(v.Nodes, b.To)))
	})
	return links
}

// The smallest amounts drawn: 1.5^6 ms as in Jepsen's nemesis.time, and what an
// ordinary quartz is off anyway.
const (
	bumpBase     = 1.5
	minBumpPower = 6
	minDriftPPM  = 100
)

func (f *Fault) resolveSkews(v View, r *rand.Rand) error {
	nodes, err := v.choose(f.Target, r)
	if err != nil {
		return err
	}
	f.Skews = make([]Skew, len(nodes))
	for i, node := range nodes {
		amount := drawDrift(f.UpTo, r)
		if f.Verb != ClockDrift {
			amount = drawBump(f.UpTo, r)
		}
		if r.IntN(2) == 0 {
			amount = -amount
		}
		f.Skews[i] = Skew{node, amount}
	}
	return nil
}

// resolveMembers chooses who leaves among the members, so many at most that those
// who stay are a majority of all nodes, and who comes in among the others. Where
// there is nobody to choose, it chooses where nothing is to be changed.
func (f *Fault) resolveMembers(v View, r *rand.Rand) (err error) {
	members, outside := v.members(), ordered(v.Nodes, v.Outside)
	room := len(members) - Majority(len(v.Nodes))
	from := members
	if f.Verb == MemberAdd || f.Verb == MemberRemove && room <= 0 {
		from = outside
	}
	if len(from) == 0 {
		from = v.Nodes
	}
	v.Nodes, v.Outside = from, nil
	if f.Nodes, err = v.choose(f.Target, r); err != nil {
		return err
	}
	if f.Verb == MemberRemove && room > 0 && len(f.Nodes) > room {
		f.Nodes = ordered(f.Nodes, sample(f.Nodes, room, r))
	}
	return nil
}

// drawBump draws an amount of 1.5^6 ms (11 ms) to the limit, the exponent uniform
// as in Jepsen, in whole milliseconds.
func drawBump(limit int64, r *rand.Rand) int64 {
	most := math.Log(float64(limit)/float64(time.Millisecond)) / math.Log(bumpBase)
	power := minBumpPower + r.Float64()*max(0, most-minBumpPower)
	amount := time.Duration(math.Pow(bumpBase, power)) * time.Millisecond
	return min(limit, int64(amount))
}

// drawDrift draws a rate of 100 ppm to the limit, its logarithm uniform.
func drawDrift(limit int64, r *rand.Rand) int64 {
	span := max(0, math.Log(float64(limit)/minDriftPPM))
	return min(limit, int64(minDriftPPM*math.Exp(r.Float64()*span)))
}
