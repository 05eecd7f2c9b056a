package polygraph

import (
	"context"
	"slices"
)

// Witness is why no schedule explains a problem: a few choices that cannot be
// made, and the cycle that each way to make them closes.
type Witness struct {
	Txns    []int32 // in the cycles and the choices, ascending
	Choices []Choice
	Cycle   []Edge // when there is no choice: a cycle of what is known
	// Proof goes through the choices. It is nil with Cycle, and where there are
	// too many choices to tell in words; then they are still all it takes.
	Proof *Step
	// Minimal is whether without any one of the choices the others can be made.
	Minimal bool
}

// Choice is a pair of versions of a key, of which one came first. Each stands
// for the run of versions from First to Last, of which every writer read the one
// before; most runs are a single version.
type Choice struct {
	Key  int32
	A, B Run
}

// Run is the writers of versions that follow one another.
type Run struct{ First, Last int32 }

// Edge is why transaction From comes before To: ww, wr, rw, process or realtime.
// Chosen tells that it holds since a choice was made so.
type Edge struct {
	From, To int32
	Kind     string
	Key      int32 // of ww, wr and rw, else -1
	Chosen   bool
}

// Step of a proof takes a choice, Witness.Choices[Choice], and goes on from each
// of its sides: A first, then B first.
type Step struct {
	Choice int
	Sides  [2]Side
}

// Side of a choice closes a cycle, or leads to a further step.
type Side struct {
	Cycle []Edge
	Then  *Step
}

// A proof in words has at most so many choices and steps; minimising takes at
// most so many steps of search.
const (
	mostToldChoices = 40
	mostToldSteps   = 400
	minimiseSteps   = 100_000_000
)

// witness makes one of a refutation.
func (s *search) witness(rank []int32) *Witness {
	n := s.order.network
	core, refuted, steps := n.refute(rank, s.core(), 0)
	if !refuted {
		panic("polygraph: the choices that a refutation rests on can be made")
	}
	minimal := true
	for i := 0; i < len(core); {
		smaller, refuted, taken := n.refute(rank, slices.Delete(slices.Clone(core), i, i+1), max(1, minimiseSteps-steps))
		steps += taken
		switch {
		case refuted:
			core = smaller // in the order of core, so that what precedes i is needed still
			i = min(i, len(core))
		case steps >= minimiseSteps:
			minimal = false
			i = len(core)
		default:
			i++
		}
	}
	w := &Witness{Minimal: minimal}
	for _, c := range core {
		chains := n.keys[c.key].chains
		w.Choices = append(w.Choices, Choice{c.key, run(&chains[c.a]), run(&chains[c.b])})
	}
	if len(core) <= mostToldChoices {
		t := &teller{network: n, rank: rank, core: core, left: mostToldSteps, sides: make([]int8, len(core))}
		w.Proof = t.step()
	}
	w.collectTxns()
	return w
}

func run(c *chain) Run { return Run{c.writers[0], c.writers[len(c.writers)-1]} }

// core returns the choices that a refutation rests on, in the order in which the
// search met them.
func (s *search) core() []choice {
	used := make([]bool, len(s.choices))
	seen := map[*clause]bool{}
	stack := []*clause{s.refuted}
	for len(stack) > 0 {
		c := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if seen[c] {
			continue
		}
		seen[c] = true
		for _, p := range c.proof {
			if p.clause != nil {
				stack = append(stack, p.clause)
				continue
			}
			used[p.choice] = true
			if why := s.reason[p.choice]; why != nil && s.level[p.choice] == 0 && s.value[p.choice] != 0 {
				stack = append(stack, why)
				for _, l := range why.lits {
					used[l.choice()] = true
					if r := s.reason[l.choice()]; r != nil && s.level[l.choice()] == 0 {
						stack = append(stack, r)
					}
				}
			}
		}
	}
	var core []choice
	for v, c := range s.choices {
		if used[v] {
			core = append(core, c)
		}
	}
	return core
}

// refute decides whether some choices alone cannot be made. If so it returns
// those of them that this rests on. Zero steps is no bound.
func (n *network) refute(rank []int32, choices []choice, steps int64) (core []choice, refuted bool, taken int64) {
	b := newBudget(context.Background(), Options{Steps: steps})
	s := newSearch(n, rank, b)
	for _, c := range choices {
		s.choose(c)
	}
	if s.run(func() {}) || s.refuted == nil {
		return nil, false, s.order.steps
	}
	return s.core(), true, s.order.steps
}

func (w *Witness) collectTxns() {
	for _, c := range w.Choices {
		w.Txns = append(w.Txns, c.A.First, c.A.Last, c.B.First, c.B.Last)
	}
	w.addCycle(w.Cycle)
	w.addStep(w.Proof)
	slices.Sort(w.Txns)
	w.Txns = slices.Compact(w.Txns)
}

func (w *Witness) addStep(s *Step) {
	if s == nil {
		return
	}
	for _, side := range s.Sides {
		w.addCycle(side.Cycle)
		w.addStep(side.Then)
	}
}

func (w *Witness) addCycle(cycle []Edge) {
	for _, e := range cycle {
		w.Txns = append(w.Txns, e.From)
	}
}
