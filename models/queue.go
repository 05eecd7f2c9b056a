package models

import (
	"slices"

	"checker/history"
)

// The functions of queues, as Op.F counts them.
const (
	QueueEnqueue = iota
	QueueDequeue
)

func queueModel(t DataType, name, summary, in, out string) Model {
	return Model{
		Name:      name,
		Type:      t,
		Summary:   summary,
		Functions: []Function{{Name: in, Args: 1}, {Name: out, Result: true}},
		Init: func(v *Values, initial history.Value) (Datum, error) {
			var elems []Datum
			for _, e := range initial.Elems() {
				elems = append(elems, v.Add(e))
			}
			return v.Tuple(elems), nil
		},
		Observes: queueObserves,
	}
}

// Queue gives back what was put in, each element once, in any order. A dequeue
// that returned nil found it empty.
func Queue() Model {
	m := queueModel(TypeQueue, "queue", "elements that come out once each, in any order", "enqueue", "dequeue")
	m.Next = func(v *Values, state Datum, op Op, next []Datum) []Datum {
		elems := v.Elems(state)
		if op.F == QueueEnqueue {
			at, _ := slices.BinarySearch(elems, op.In[0])
			return append(next, v.Tuple(slices.Insert(slices.Clone(elems), at, op.In[0])))
		}
		if len(elems) == 0 && (!op.Known || op.Out[0] == 0) {
			return append(next, state)
		}
		for i, e := range elems {
			if (!op.Known || op.Out[0] == e) && (i == 0 || elems[i-1] != e) {
				next = append(next, v.Tuple(slices.Delete(slices.Clone(elems), i, i+1)))
			}
		}
		return next
	}
	init := m.Init
	m.Init = func(v *Values, initial history.Value) (Datum, error) {
		state, err := init(v, initial)
		return v.Tuple(slices.Sorted(slices.Values(v.Elems(state)))), err
	}
	return m
}

// FIFOQueue gives elements back in the order in which they were put in. A
// dequeue that returned nil found it empty.
func FIFOQueue() Model {
	m := queueModel(TypeFIFOQueue, "fifo-queue", "elements that come out in the order in which they went in", "enqueue", "dequeue")
	m.Step = takeFrom(func(_ *Values, elems []Datum, e Datum) int { return len(elems) }, false)
	return m
}

// Stack gives the last element back first. A pop that returned nil found it
// empty.
func Stack() Model {
	m := queueModel(TypeStack, "stack", "elements of which the last comes out first", "push", "pop")
	m.Step = takeFrom(func(_ *Values, elems []Datum, e Datum) int { return len(elems) }, true)
	return m
}

// PriorityQueue gives the least element back first, by number or else by text. A
// delete-min that returned nil found it empty.
func PriorityQueue() Model {
	m := queueModel(TypePriorityQueue, "priority-queue", "elements of which the least comes out first", "insert", "delete-min")
	m.Step = takeFrom(func(v *Values, elems []Datum, e Datum) int {
		at, _ := slices.BinarySearchFunc(elems, e, v.compare)
		return at
	}, false)
	return m
}

// takeFrom is the step of an object that puts elements in a place and takes them
// from one end.
func takeFrom(place func(v *Values, elems []Datum, e Datum) int, last bool) func(*Values, Datum, Op) (Datum, bool) {
	return func(v *Values, state Datum, op Op) (Datum, bool) {
		elems := v.Elems(state)
		if op.F == QueueEnqueue {
			return v.Tuple(slices.Insert(slices.Clone(elems), place(v, elems, op.In[0]), op.In[0])), true
		}
		if len(elems) == 0 {
			return state, !op.Known || op.Out[0] == 0
		}
		at := 0
		if last {
			at = len(elems) - 1
		}
		if op.Known && op.Out[0] != elems[at] {
			return state, false
		}
		return v.Tuple(slices.Delete(slices.Clone(elems), at, at+1)), true
	}
}

// queueObserves: an element that was put in shows where it comes out, which may
// be where nobody saw what did; one that was taken out shows wherever another is.
func queueObserves(_ *Values, seen, effect Op) bool {
	switch {
	case seen.F == QueueEnqueue:
		return false
	case effect.F == QueueDequeue:
		return true
	}
	return !seen.Known || seen.Out[0] == effect.In[0]
}
