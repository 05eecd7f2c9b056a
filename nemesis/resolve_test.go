package nemesis

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"checker/internal/prng"

	"pgregory.net/rapid"
)

// drawView draws nodes, some of which lead, are down or paused.
func drawView(t *rapid.T) View {
	nodes := nodesOf(rapid.IntRange(1, 9).Draw(t, "nodes"))
	part := func(label string, of []string) []string {
		return slices.DeleteFunc(slices.Clone(of), func(string) bool { return rapid.IntRange(0, 3).Draw(t, label) > 0 })
	}
	down := part("down", nodes)
	return View{Nodes: nodes, Primaries: part("primary", nodes), Down: down, Paused: part("paused", without(nodes, down))}
}

// draft draws a fault that is not resolved yet.
func draft(t *rapid.T) Fault {
	return rapid.Custom(drawFault).Filter(func(f Fault) bool { return !f.Concrete() }).Draw(t, "fault")
}

func TestResolveMakesConcreteFaultsOfTheseNodes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, view, seed := draft(t), drawView(t), rapid.Uint64().Draw(t, "seed")
		got, err := Resolve(f, view, prng.New(seed, "test"))
		if err != nil {
			t.Fatal(err)
		}
		if !got.Concrete() || got.Verb != f.Verb {
			t.Fatalf("%s became %s", f, got)
		}
		for _, node := range got.names() {
			if !slices.Contains(view.Nodes, node) {
				t.Fatalf("%s became %s, with a node %q that is none", f, got, node)
			}
		}
		if back, err := Parse(string(got.Verb), got.Text()); err != nil || !reflect.DeepEqual(back, got) {
			t.Fatalf("%q is read as %#v, %v", got, back, err)
		}
		if again, _ := Resolve(f, view, prng.New(seed, "test")); !reflect.DeepEqual(again, got) {
			t.Fatalf("%s became %s, and then %s from the same seed", f, got, again)
		}
		if same, err := Resolve(got, View{}, nil); err != nil || !reflect.DeepEqual(same, got) {
			t.Fatalf("%s is concrete, but was resolved to %s, %v", got, same, err)
		}
		if f.Verb != Partition && len(got.names()) == 0 {
			t.Fatalf("%s became %s: nobody is struck", f, got)
		}
		if f.Verb == Partition && len(view.Nodes) >= 3 && len(got.Links(nil)) == 0 && f.Target != "bridge" {
			// All nodes may be primaries: then there is nobody to be cut off from.
			if !(len(view.Primaries) == len(view.Nodes) && (f.Target == "deaf-primaries" || f.Target == "mute-primaries")) {
				t.Fatalf("%s of %d nodes became %s", f, len(view.Nodes), got)
			}
		}
	})
}

func TestResolveNeedsNodes(t *testing.T) {
	r := prng.New(1, "test")
	if f, err := Resolve(Fault{Verb: Kill, Target: "one"}, View{}, r); err == nil {
		t.Errorf("one of no nodes is %s", f)
	}
	if f, err := Resolve(Fault{Verb: Kill, Target: "one"}, View{Nodes: []string{"all"}}, r); err == nil {
		t.Errorf("a node called all was struck by %s", f)
	}
	for _, f := range []Fault{{Verb: Kill, Target: "some"}, {Verb: Partition, Target: "some"}} {
		if got, err := Resolve(f, View{Nodes: nodesOf(3)}, r); err == nil {
			t.Errorf("%s became %s", f, got)
		}
	}
}

// resolveAll resolves a fault under many seeds.
func resolveAll(t *testing.T, text string, view View) []Fault {
	t.Helper()
	f, err := Parse(cut(text))
	if err != nil {
		t.Fatal(err)
	}
	all := make([]Fault, 300)
	for seed := range all {
		if all[seed], err = Resolve(f, view, prng.New(uint64(seed), "test")); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func TestSelectorsChooseAsManyAsTheySay(t *testing.T) {
	for _, c := range []struct {
		selector    string
		nodes       int
		least, most int
	}{
		{"random", 5, 1, 5}, {"one", 5, 1, 1}, {"one", 1, 1, 1}, {"all", 5, 5, 5},
		{"minority", 5, 2, 2}, {"minority", 4, 1, 1}, {"minority", 3, 1, 1}, {"minority", 2, 1, 1}, {"minority", 1, 1, 1},
		{"majority", 5, 3, 3}, {"majority", 4, 3, 3}, {"majority", 1, 1, 1},
		{"minority-third", 3, 1, 1}, {"minority-third", 7, 2, 2}, {"minority-third", 9, 2, 2}, {"primaries", 5, 1, 1},
	} {
		sizes := map[int]bool{}
		struck := map[string]bool{}
		for _, f := range resolveAll(t, "kill "+c.selector, View{Nodes: nodesOf(c.nodes)}) {
			sizes[len(f.Nodes)] = true
			for _, node := range f.Nodes {
				struck[node] = true
			}
		}
		for n := range 10 {
			if want := n >= c.least && n <= c.most; sizes[n] != want {
				t.Errorf("%s of %d chose %d nodes: %v, expected %v", c.selector, c.nodes, n, sizes[n], want)
			}
		}
		if len(struck) != c.nodes {
			t.Errorf("%s of %d only ever chose %d of them", c.selector, c.nodes, len(struck))
		}
	}
}

func TestMinorityCountsWhoIsImpairedAlready(t *testing.T) {
	five := nodesOf(5)
	for _, c := range []struct {
		view View
		want []string // of all that may be chosen
		size int
	}{
		{View{Nodes: five, Down: []string{"n1"}}, []string{"n2", "n3", "n4", "n5"}, 1},
		{View{Nodes: five, Down: []string{"n1"}, Paused: []string{"n2"}}, []string{"n2"}, 1},
		{View{Nodes: five, Paused: []string{"n2", "n3"}}, []string{"n2", "n3"}, 1},
		{View{Nodes: five, Down: []string{"n4", "n5"}}, []string{"n4", "n5"}, 1},
		{View{Nodes: five, Faulty: []string{"n4"}}, []string{"n1", "n2", "n3", "n5"}, 1},
		{View{Nodes: five, Outside: []string{"n4", "n5"}}, []string{"n1", "n2", "n3"}, 1},
		{View{Nodes: five, Outside: []string{"n4"}, Down: []string{"n4"}}, []string{"n1", "n2", "n3", "n5"}, 1},
	} {
		for _, f := range resolveAll(t, "kill minority", c.view) {
			if len(f.Nodes) != c.size || len(without(f.Nodes, c.want)) > 0 {
				t.Fatalf("%+v: %s, expected %d of %v", c.view, f, c.size, c.want)
			}
		}
	}
}

func TestGrudgesSplitAsTheySay(t *testing.T) {
	view := View{Nodes: nodesOf(5), Primaries: []string{"n2", "n4"}}
	sizes := map[string]func(f Fault) bool{
		"halves":         func(f Fault) bool { return f.Text() == "n1,n2|n3,n4,n5" },
		"random-halves":  func(f Fault) bool { return len(f.Sides) == 2 && len(f.Sides[0]) == 2 },
		"one":            func(f Fault) bool { return len(f.Sides) == 2 && len(f.Sides[0]) == 1 },
		"majority":       func(f Fault) bool { return len(f.Sides) == 2 && len(f.Sides[1]) >= 3 },
		"minority-third": func(f Fault) bool { return len(f.Sides) == 2 && len(f.Sides[0]) == 1 },
		"complete":       func(f Fault) bool { return len(f.Sides) == 5 },
		"primaries": func(f Fault) bool {
			return slices.Contains([]string{"n2|n1,n3,n4,n5", "n4|n1,n2,n3,n5", "n1,n3,n5|n2|n4", "n2|n4|n1,n3,n5"}, f.Text())
		},
		"leaders":        func(f Fault) bool { return f.Text() == "n1,n3,n5|n2|n4" || f.Text() == "n2|n4|n1,n3,n5" },
		"deaf-primaries": func(f Fault) bool { return !mutual(f.Ways) && slices.Contains(view.Primaries, f.Ways[0].To) },
		"mute-primaries": func(f Fault) bool { return !mutual(f.Ways) && slices.Contains(view.Primaries, f.Ways[0].From) },
		"one-way":        func(f Fault) bool { return !mutual(f.Ways) },
		"bridge":         func(f Fault) bool { return mutual(f.Ways) && len(f.Ways) == 8 },
		"majorities-ring": func(f Fault) bool {
			return mutual(f.Ways) && len(f.Ways) == 10
		},
	}
	for _, g := range Grudges() {
		ok := sizes[g.Name]
		if ok == nil {
			t.Errorf("grudge %s is not tested", g.Name)
			continue
		}
		for _, f := range resolveAll(t, "partition "+g.Name, view) {
			if !ok(f) {
				t.Fatalf("%s made %s", g.Name, f)
			}
		}
	}
}

func TestAmountsStayWithinTheirLimit(t *testing.T) {
	for _, c := range []struct {
		text        string
		least, most int64
	}{
		{"clock-bump all up-to=4s", int64(11 * time.Millisecond), int64(4 * time.Second)},
		{"clock-jump all up-to=4s", int64(11 * time.Millisecond), int64(4 * time.Second)},
		{"clock-bump all up-to=5ms", int64(5 * time.Millisecond), int64(5 * time.Millisecond)},
		{"clock-bump all up-to=287.626s", int64(11 * time.Millisecond), int64(288 * time.Second)},
		{"clock-drift all up-to=500ppm", 100, 500},
		{"clock-drift all up-to=50ppm", 50, 50},
	} {
		low, high, negative := int64(1)<<62, int64(0), 0
		for _, f := range resolveAll(t, c.text, View{Nodes: nodesOf(5)}) {
			for _, s := range f.Skews {
				size := max(s.Amount, -s.Amount)
				low, high = min(low, size), max(high, size)
				if s.Amount < 0 {
					negative++
				}
			}
		}
		if low < c.least || high > c.most || low > 2*c.least || high < c.most*8/10 {
			t.Errorf("%s drew %d to %d, expected %d to %d", c.text, low, high, c.least, c.most)
		}
		if negative < 500 || negative > 1000 {
			t.Errorf("%s: %d of 1500 are negative", c.text, negative)
		}
	}
}

// Whoever leaves is a member, and leaves a majority of all nodes behind; whoever comes
// in was outside. Where there is nobody to choose, nothing is to be changed.
func TestMembersAreChosenSoThatAMajorityStays(t *testing.T) {
	five := nodesOf(5)
	for _, c := range []struct {
		text    string
		outside []string
		from    []string // all that may be chosen
		most    int
	}{
		{"member-remove one", nil, five, 1},
		{"member-remove minority", nil, five, 2},
		{"member-remove all", nil, five, 2},
		{"member-remove all", []string{"n2"}, []string{"n1", "n3", "n4", "n5"}, 1},
		{"member-remove one", []string{"n2", "n4"}, []string{"n2", "n4"}, 1},
		{"member-add one", []string{"n2", "n4"}, []string{"n2", "n4"}, 1},
		{"member-add all", []string{"n2", "n4"}, []string{"n2", "n4"}, 2},
		{"member-add one", nil, five, 1},
		{"member-replace one", []string{"n2", "n4"}, []string{"n1", "n3", "n5"}, 1},
	} {
		chosen := map[string]bool{}
		for _, f := range resolveAll(t, c.text, View{Nodes: five, Outside: c.outside}) {
			if len(f.Nodes) > c.most || len(without(f.Nodes, c.from)) > 0 {
				t.Fatalf("%s without %v became %s", c.text, c.outside, f)
			}
			for _, node := range f.Nodes {
				chosen[node] = true
			}
		}
		if len(chosen) != len(c.from) {
			t.Errorf("%s without %v only ever chose %v", c.text, c.outside, chosen)
		}
	}
}

// TestAloneFromClients: a node that is alone is cut off from its clients, where the
// environment can, and from nobody otherwise.
func TestAloneFromClients(t *testing.T) {
	for _, grudge := range grudgeNames() {
		for clients, want := range map[bool]string{true: "n1|clients", false: ""} {
			f, err := Resolve(Fault{Verb: Partition, Target: grudge}, View{Nodes: []string{"n1"}, Clients: clients}, prng.New(1, "test"))
			if err != nil || clients && f.Text() != want || !clients && slices.Contains(f.names(), ClientName) {
				t.Errorf("%s: %q, %v, expected %q", grudge, f.Text(), err, want)
			}
		}
	}
}
