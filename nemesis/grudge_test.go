package nemesis

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func nodesOf(n int) []string {
	nodes := make([]string, n)
	for i := range nodes {
		nodes[i] = fmt.Sprintf("n%d", i+1)
	}
	return nodes
}

// hears returns whom a node hears, itself included, when links are cut.
func hears(nodes []string, cuts []Link, node string) []string {
	var heard []string
	for _, from := range nodes {
		if from == node || !slices.Contains(cuts, Link{from, node}) {
			heard = append(heard, from)
		}
	}
	return heard
}

func mutual(cuts []Link) bool {
	for _, l := range cuts {
		if !slices.Contains(cuts, Link{l.To, l.From}) {
			return false
		}
	}
	return true
}

func TestGrudges(t *testing.T) {
	five := nodesOf(5)
	for _, c := range []struct {
		name string
		cuts []Link
		want string
	}{
		{"complete", Complete([][]string{{"n1"}, {"n2", "n3"}}), "n1>n2 n1>n3 n2>n1 n3>n1"},
		{"complete with an empty group", Complete([][]string{{}, {"n1"}}), "none"},
		{"one way", OneWay([]string{"n1", "n2"}, []string{"n3"}), "n1>n3 n2>n3"},
		{"bridge", Bridge(five), "n1>n4 n1>n5 n2>n4 n2>n5 n4>n1 n4>n2 n5>n1 n5>n2"},
		{"bridge of one", Bridge(five[:1]), "none"},
		{"bridge of none", Bridge(nil), "none"},
		{"invert", Invert(five[:3], []Link{{"n1", "n2"}, {"n3", "n1"}}), "n1>n3 n2>n1 n2>n3 n3>n2"},
		{"ring of two", MajoritiesRing(five[:2]), "none"},
		{"ring of three", MajoritiesRing(five[:3]), "n1>n3 n3>n1"},
		{"ring of four", MajoritiesRing(five[:4]), "n1>n3 n2>n4 n3>n1 n4>n2"},
		{"ring of five", MajoritiesRing(five), "n1>n3 n1>n4 n2>n4 n2>n5 n3>n1 n3>n5 n4>n1 n4>n2 n5>n2 n5>n3"},
	} {
		if got := (Fault{Verb: Partition, Ways: c.cuts}).Text(); got != c.want {
			t.Errorf("%s: %s, expected %s", c.name, got, c.want)
		}
	}
}

func TestInvertTwiceIsNothing(t *testing.T) {
	for n := range 8 {
		nodes := nodesOf(n)
		cuts := MajoritiesRing(nodes)
		back := Invert(nodes, Invert(nodes, cuts))
		slices.SortFunc(cuts, func(a, b Link) int { return strings.Compare(a.From+">"+a.To, b.From+">"+b.To) })
		if !slices.Equal(back, cuts) {
			t.Errorf("%d nodes: %v became %v", n, cuts, back)
		}
	}
}

func TestEveryNodeOfTheRingSeesAnotherMajority(t *testing.T) {
	for n := 3; n <= 40; n++ {
		nodes := nodesOf(n)
		cuts := MajoritiesRing(nodes)
		if !mutual(cuts) {
			t.Errorf("%d nodes: a link works one way only", n)
		}
		seen := map[string]string{}
		for _, node := range nodes {
			heard := hears(nodes, cuts, node)
			if least, most := Majority(n), Majority(n)+1; len(heard) < least || len(heard) > most {
				t.Errorf("%d nodes: %s sees %d, expected %d or %d", n, node, len(heard), least, most)
			}
			if len(heard) != Majority(n) && n%4 != 3 {
				t.Errorf("%d nodes: %s sees more than the smallest majority", n, node)
			}
			key := strings.Join(heard, ",")
			if other := seen[key]; other != "" {
				t.Errorf("%d nodes: %s and %s both see %s", n, node, other, key)
			}
			seen[key] = node
		}
	}
}

func TestPrimariesThatAreNotChosenStayWithTheOthers(t *testing.T) {
	// Jepsen's grudge for primaries n1, n2, n3 of five with only n2 chosen leaves n1 and
	// n3 out: they would hear n2, and the cut would leak.
	five := nodesOf(5)
	cuts := Complete(Isolate(five, []string{"n2"}))
	for _, node := range five {
		heard := strings.Join(hears(five, cuts, node), ",")
		want := "n1,n3,n4,n5"
		if node == "n2" {
			want = "n2"
		}
		if heard != want {
			t.Errorf("%s hears %s, expected %s", node, heard, want)
		}
	}
}

func TestMinorityThirdIsBelowAThird(t *testing.T) {
	for n := range 100 {
		if k := MinorityThird(n); 3*k >= max(n, 1) || 3*(k+1) < n {
			t.Errorf("%d of %d", k, n)
		}
	}
}
