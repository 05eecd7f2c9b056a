package reports

import (
	"container/heap"
	"fmt"

	"checker/history"
)

// maxLanes bounds how many rows the timeline has; more share rows.
const maxLanes = 256

// lanes says on which row of the timeline each client process stands.
type lanes struct {
	of    map[history.Process]int
	names []string
}

// newLanes puts the processes of a run on their threads: a process that an info
// ended is followed by the process that is concurrency higher. Of a history
// recorded elsewhere the concurrency is unknown; a process then takes the first
// row on which no other process is between its first op and its last.
func (v *view) newLanes(concurrency int) lanes {
	if concurrency > 0 {
		return v.threads(concurrency)
	}
	return v.packed()
}

func (v *view) threads(concurrency int) lanes {
	l := lanes{of: map[history.Process]int{}, names: []string{}}
	rows := min(concurrency, maxLanes)
	for i := range rows {
		l.names = append(l.names, fmt.Sprintf("thread %d", i))
	}
	for i := range v.Len() {
		if p := v.Process(i); p.IsClient() {
			l.of[p] = int(p) % concurrency % rows
		}
	}
	return l
}

func (v *view) packed() lanes {
	l := lanes{of: map[history.Process]int{}, names: []string{}}
	last := map[history.Process]int{}
	for i := range v.Len() {
		last[v.Process(i)] = i
		if v.Type(i) == history.Invoke && v.Pair(i) < 0 {
			last[v.Process(i)] = v.Len()
		}
	}
	free := &intHeap{}
	var guests []int // processes by lane
	for i := range v.Len() {
		p := v.Process(i)
		if !p.IsClient() {
			continue
		}
		lane, known := l.of[p]
		if !known {
			if lane = len(guests); free.Len() > 0 {
				lane = heap.Pop(free).(int)
				guests[lane]++
			} else {
				guests = append(guests, 1)
				l.names = append(l.names, "process "+line(v.ProcessName(p), 40))
			}
			l.of[p] = lane
		}
		if last[p] == i {
			heap.Push(free, lane)
		}
	}
	return l.fold(guests)
}

// fold names rows that several processes share, and lets rows beyond the bound
// share those below it.
func (l lanes) fold(guests []int) lanes {
	for i, n := range guests {
		if n > 1 || len(guests) > maxLanes {
			l.names[i] = fmt.Sprintf("row %d", i)
		}
	}
	if len(l.names) > maxLanes {
		l.names = l.names[:maxLanes]
		for p := range l.of {
			l.of[p] %= maxLanes
		}
	}
	return l
}

type intHeap []int

func (h intHeap) Len() int           { return len(h) }
func (h intHeap) Less(i, j int) bool { return h[i] < h[j] }
func (h intHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *intHeap) Push(x any)        { *h = append(*h, x.(int)) }
func (h *intHeap) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}
