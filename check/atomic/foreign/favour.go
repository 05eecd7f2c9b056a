package foreign

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"checker/check/atomic"
)

// favour says which order of steps of one transaction is to the credit of the database:
//
//   - it is begun before it is decided, or a decision carried out;
//   - a participant votes yes before anybody commits;
//   - somebody refuses, decides to abort, or presumes so before one that had voted yes aborts;
//   - who decides does so before a coordinator of a later epoch acts.
//
// Of several nodes that tell the same, one is enough.
func (m *merger) favour() {
	txns := map[string][]int{}
	for i := range m.steps {
		if id := m.steps[i].Txn; id != "" {
			txns[id] = append(txns[id], i)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(txns)) {
		m.favourTxn(txns[id])
	}
}

func (m *merger) favourTxn(steps []int) {
	pick := func(fits func(s *Step) bool) (list []int) {
		for _, i := range steps {
			if fits(&m.steps[i]) {
				list = append(list, i)
			}
		}
		return list
	}
	yes := map[string][]int{} // by participant
	for _, i := range pick(votesYes) {
		name := m.steps[i].participant()
		yes[name] = append(yes[name], i)
	}
	commits := pick(func(s *Step) bool { return s.Outcome == atomic.Commit })
	for _, name := range slices.Sorted(maps.Keys(yes)) {
		m.prefer(yes[name], commits)
	}
	outcomes := pick(func(s *Step) bool { return s.Outcome != "" })
	first := m.firstTerm(outcomes)
	m.prefer(pick(func(s *Step) bool { return s.Step == atomic.Begun && s.Term <= first }), outcomes)
	m.prefer(pick(func(s *Step) bool {
		return s.Step == atomic.Presumed || s.Step == atomic.Decided && s.Outcome == atomic.Abort || s.Step == atomic.VotedNo && yes[s.participant()] == nil
	}), pick(func(s *Step) bool {
		return yes[s.participant()] != nil && (s.Step == atomic.VotedNo || s.Step == atomic.Applied && s.Outcome == atomic.Abort)
	}))
	m.favourEpochs(pick(func(s *Step) bool { return s.Step == atomic.Decided && s.Term > 0 }), pick(func(s *Step) bool {
		return s.Term > 0 && (s.Step == atomic.Begun || s.Step == atomic.TookOver || s.Step == atomic.Decided)
	}))
}

// firstTerm returns the lowest epoch of some steps, the highest there is if they have none.
func (m *merger) firstTerm(steps []int) uint64 {
	first := uint64(math.MaxUint64)
	for _, i := range steps {
		if term := m.steps[i].Term; term > 0 {
			first = min(first, term)
		}
	}
	return first
}

func votesYes(s *Step) bool { return s.Step == atomic.VotedYes || s.Step == atomic.VotedRead }

// favourEpochs has each decision told once before anybody of a later epoch acts.
func (m *merger) favourEpochs(decisions, acts []int) {
	type decision struct {
		by   string
		term uint64
	}
	told := map[decision][]int{}
	for _, i := range decisions {
		d := decision{m.steps[i].participant(), m.steps[i].Term}
		told[d] = append(told[d], i)
	}
	inOrder := slices.SortedFunc(maps.Keys(told), func(a, b decision) int {
		return cmp.Or(cmp.Compare(a.term, b.term), cmp.Compare(a.by, b.by))
	})
	for _, d := range inOrder {
		later := slices.DeleteFunc(slices.Clone(acts), func(i int) bool { return m.steps[i].Term <= d.term })
		m.prefer(told[d], later)
	}
}

// prefer has some steps come after one of others, if possible.
func (m *merger) prefer(of, before []int) {
	if len(of) == 0 || len(before) == 0 {
		return
	}
	g := len(m.groups)
	before = slices.DeleteFunc(slices.Clone(before), func(i int) bool { return slices.Contains(of, i) })
	m.groups = append(m.groups, group{of: of, before: before})
	for _, i := range of {
		m.places[i].oneOf = append(m.places[i].oneOf, g)
	}
	for _, i := range before {
		m.places[i].hopes = append(m.places[i].hopes, g)
		m.places[i].waits++
	}
}

// participant is who a step is about.
func (s *Step) participant() string { return cmp.Or(s.Group, s.Node) }
