package nemesis

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// View is what is known of the nodes when a fault is resolved. All lists are in
// the order of Nodes.
type View struct {
	Nodes     []string
	Primaries []string // that take themselves for primaries or leaders, as far as is known
	Down      []string // whose process was killed and not started again
	Paused    []string // whose process was paused and not resumed
	Faulty    []string // whose disk is faulty, so that the process may end at any time
	Clients   bool     // a node that is alone can be cut off from its clients
	Outside   []string // that were asked to leave the group of those that replicate the data
}

// Choice is a name for a way to choose nodes or links, with a sentence.
type Choice struct{ Name, Summary string }

// selectors are the names of ways to choose nodes.
var selectors = []Choice{
	{"random", "a random set of nodes, of any size but empty"},
	{"one", "one node at random"},
	{"minority", "as many nodes as may be lost without losing the majority, counting those that are down or paused or have a faulty disk already"},
	{"minority-third", "the most nodes below a third, counting the same ones"},
	{"majority", "the smallest majority"},
	{"primaries", "a random set of the nodes that take themselves for primaries, of any size but empty; one node where none is known"},
	{"all", "all nodes"},
}

var selectorNames = names(selectors)

// Selectors returns the ways to choose nodes for a fault, as the text form knows
// them.
func Selectors() []Choice { return slices.Clone(selectors) }

func names(choices []Choice) []string {
	all := make([]string, len(choices))
	for i, c := range choices {
		all[i] = c.Name
	}
	return all
}

// choose returns nodes by a selector, in the order of the view. A fault strikes at
// least one node, even where a third of the nodes is less than one.
func (v View) choose(selector string, r *rand.Rand) ([]string, error) {
	n, members := len(v.Nodes), len(v.members())
	if n == 0 {
		return nil, fmt.Errorf("there are no nodes to choose from")
	}
	switch selector {
	case "random":
		return sample(v.Nodes, 1+r.IntN(n), r), nil
	case "one":
		return sample(v.Nodes, 1, r), nil
	case "minority":
		return v.spare(members-Majority(members), r), nil
	case "minority-third":
		return v.spare(MinorityThird(members), r), nil
	case "majority":
		return sample(v.Nodes, Majority(n), r), nil
	case "primaries":
		return v.somePrimaries(r), nil
	case "all":
		return slices.Clone(v.Nodes), nil
	}
	return nil, fmt.Errorf("no selector %q", selector)
}

// members returns the nodes that are to replicate the data: all, where nobody was
// asked to leave or everybody was.
func (v View) members() []string {
	if members := without(v.Nodes, v.Outside); len(members) > 0 {
		return members
	}
	return v.Nodes
}

// spare chooses healthy nodes until no more than most nodes are impaired, so that
// overlapping faults of several families do not add up to a lost quorum. Where
// there is no room left, it chooses among the impaired ones; where there are none
// of those either, one node.
func (v View) spare(most int, r *rand.Rand) []string {
	impaired := ordered(v.members(), slices.Concat(v.Down, v.Paused, v.Faulty))
	healthy := without(v.members(), impaired)
	if room := most - len(impaired); room > 0 {
		return sample(healthy, room, r)
	}
	for _, rest := range [][]string{without(impaired, v.Down), impaired} {
		if len(rest) > 0 {
			return sample(rest, 1, r)
		}
	}
	return sample(v.Nodes, 1, r)
}

// somePrimaries returns a random non-empty set of the primaries, or one node
// where none is known.
func (v View) somePrimaries(r *rand.Rand) []string {
	primaries := ordered(v.Nodes, v.Primaries)
	if len(primaries) == 0 {
		return sample(v.Nodes, 1, r)
	}
	return sample(primaries, 1+r.IntN(len(primaries)), r)
}

// allPrimaries returns all of them, or one node where none is known.
func (v View) allPrimaries(r *rand.Rand) []string {
	if primaries := ordered(v.Nodes, v.Primaries); len(primaries) > 0 {
		return primaries
	}
	return sample(v.Nodes, 1, r)
}
