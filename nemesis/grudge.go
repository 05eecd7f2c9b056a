package nemesis

import (
	"math/rand/v2"
	"slices"
)

// A grudge says who does not hear whom: a list of directed links to cut. Links
// come out in the order of the nodes given, so that equal arguments make equal
// lists.

// Bisect splits the nodes in two groups, the smaller one first.
func Bisect(nodes []string) (smaller, larger []string) {
	return nodes[:len(nodes)/2], nodes[len(nodes)/2:]
}

// Complete cuts every link between different groups of nodes; a group that is
// empty counts for nothing.
func Complete(groups [][]string) []Link {
	var cuts []Link
	for i, group := range groups {
		for _, from := range group {
			for j, other := range groups {
				if i != j {
					cuts = append(cuts, fan(from, other)...)
				}
			}
		}
	}
	return cuts
}

// fan returns the links from one node to others.
func fan(from string, others []string) []Link {
	links := make([]Link, len(others))
	for i, to := range others {
		links[i] = Link{from, to}
	}
	return links
}

// OneWay cuts the links from one group to another and leaves those back.
func OneWay(from, to []string) []Link {
	var cuts []Link
	for _, node := range from {
		cuts = append(cuts, fan(node, to)...)
	}
	return cuts
}

// Invert returns the links between the nodes that are not among those given: from
// who may talk to whom it makes what is to be cut, and back.
func Invert(nodes []string, links []Link) []Link {
	given := make(map[Link]bool, len(links))
	for _, l := range links {
		given[l] = true
	}
	var rest []Link
	for _, from := range nodes {
		for _, to := range nodes {
			if l := (Link{from, to}); from != to && !given[l] {
				rest = append(rest, l)
			}
		}
	}
	return rest
}

// Bridge splits the nodes in halves, but for the first node of the larger half,
// which goes on talking to all.
func Bridge(nodes []string) []Link {
	smaller, larger := Bisect(nodes)
	if len(larger) == 0 {
		return nil
	}
	return Complete([][]string{smaller, larger[1:]})
}

// MajoritiesRing puts the nodes in a ring, in the order given, and lets each talk
// to its nearest only: every node sees a majority, all links work both ways, and
// no two nodes see the same majority. The majorities are as small as such links
// allow, which is exact but for n = 3, 7, 11…, where one node more is needed. Three
// nodes form a line, and fewer cannot be cut this way at all.
//
// Jepsen's ring is the same for 4 and 5 nodes, cuts one direction for 3 (so that no
// request is ever answered) and is a random graph above.
func MajoritiesRing(nodes []string) []Link {
	n := len(nodes)
	switch {
	case n < 3:
		return nil
	case n == 3:
		return Complete([][]string{nodes[:1], nodes[2:]})
	}
	majority := Majority(n)
	reach := majority / 2 // how far a node sees in each direction
	opposite := n%2 == 0 && majority%2 == 0
	if opposite {
		reach-- // it sees the node across the ring instead
	}
	var seen []Link
	for i, node := range nodes {
		for d := 1; d <= reach; d++ {
			seen = append(seen, Link{node, nodes[(i+d)%n]}, Link{node, nodes[(i+n-d)%n]})
		}
		if opposite {
			seen = append(seen, Link{node, nodes[(i+n/2)%n]})
		}
	}
	return Invert(nodes, seen)
}

// Isolate groups the nodes so that each of those chosen is alone and the others
// are together: unlike with Jepsen's :primaries, a node that is not chosen never
// drops out of the grudge.
func Isolate(nodes, chosen []string) [][]string {
	var rest []string
	var groups [][]string
	for _, node := range nodes {
		if slices.Contains(chosen, node) {
			groups = append(groups, []string{node})
		} else {
			rest = append(rest, node)
		}
	}
	if rest != nil {
		groups = append(groups, rest)
	}
	return groups
}

// Majority returns how many of n nodes are a majority.
func Majority(n int) int { return n/2 + 1 }

// MinorityThird returns the largest number below a third of n, what a Byzantine
// quorum may lose.
func MinorityThird(n int) int { return max(0, (n-1)/3) }

// shuffled returns the nodes in random order.
func shuffled(nodes []string, r *rand.Rand) []string {
	nodes = slices.Clone(nodes)
	r.Shuffle(len(nodes), func(i, j int) { nodes[i], nodes[j] = nodes[j], nodes[i] })
	return nodes
}

// sample returns k random nodes, in the order of nodes; all if there are fewer.
func sample(nodes []string, k int, r *rand.Rand) []string {
	chosen := shuffled(nodes, r)[:min(max(k, 0), len(nodes))]
	return ordered(nodes, chosen)
}

// ordered returns the chosen ones of the nodes, in the order of nodes.
func ordered(nodes, chosen []string) []string {
	var in []string
	for _, node := range nodes {
		if slices.Contains(chosen, node) {
			in = append(in, node)
		}
	}
	return in
}

// without returns the nodes that are not among those given.
func without(nodes, gone []string) []string {
	var left []string
	for _, node := range nodes {
		if !slices.Contains(gone, node) {
			left = append(left, node)
		}
	}
	return left
}
