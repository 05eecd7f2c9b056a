package kafka_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"checker/check"
	"checker/check/kafka"
	"checker/history"
)

// defects of a log, each with an anomaly that it must be found as.
var defects = map[string]string{
	"loses a record":            kafka.LostWrite,
	"writes a record twice":     kafka.Duplicate,
	"writes what it aborts":     kafka.AbortedRead,
	"overwrites an offset":      kafka.InconsistentOffsets,
	"consumers jump":            kafka.PollSkip,
	"consumers fall back":       kafka.PollBack,
	"transactions see their":    kafka.PrecommittedRead,
	"transactions tear":         kafka.IntSendSkip,
	"polls jump in their midst": kafka.IntPollSkip,
}

// TestSimulatedLogs: a log in which transactions happen one at a time is never
// invalid, and each defect of it is found under its name.
func TestSimulatedLogs(t *testing.T) {
	const runs = 400
	rng := rand.New(rand.NewPCG(6, 9))
	for range runs {
		h := newLog(rng, "").run()
		if got := check.Run(context.Background(), kafka.New(kafka.Options{Serializable: true}), h); got.Verdict != check.Valid {
			for i := range h.Len() {
				t.Log(h.Op(i))
			}
			t.Fatalf("a correct log is %v", got)
		}
	}
	for defect, want := range defects {
		found := 0
		for range runs {
			got := check.Run(context.Background(), kafka.New(kafka.Options{Serializable: true}), newLog(rng, defect).run())
			if slices.Contains(check.AnomalyTypes([]check.Result{got}), want) {
				found++
			}
		}
		if found < runs/10 {
			t.Errorf("a log that %s is found as %s in %d of %d runs", defect, want, found, runs)
		}
	}
}

// log is two logs, the processes that use them, and what is wrong.
type log struct {
	rng     *rand.Rand
	defect  string
	records [2][]record
	at      map[history.Process]*[2]int // of consumers
	next    int64
	b       *history.Builder
}

type record struct{ offset, value int64 }

func newLog(rng *rand.Rand, defect string) *log {
	return &log{rng: rng, defect: defect, at: map[history.Process]*[2]int{}, b: history.NewBuilder()}
}

// errs reports whether the defect strikes now.
func (l *log) errs(defect string) bool { return l.defect == defect && l.rng.IntN(6) == 0 }

func (l *log) run() *history.History {
	process := []history.Process{0, 1, 2}
	open := map[history.Process]history.Op{}
	for range 60 {
		i := l.rng.IntN(len(process))
		op, busy := open[process[i]]
		if !busy {
			op = history.Op{Process: process[i], Type: history.Invoke, F: "txn", Value: l.mops()}
			open[process[i]] = op
			l.add(op)
			continue
		}
		delete(open, process[i])
		if l.execute(op) == history.Info {
			process[i] += 3
		}
	}
	for i := range process { // final polls
		if op, busy := open[process[i]]; busy {
			op.Type = history.Info
			l.add(op)
		}
		op := history.Op{Process: 90 + history.Process(i), Type: history.Invoke, F: "poll", Value: history.Vector(history.Vector(history.Keyword("poll")))}
		l.add(op)
		op.Type, op.Value = history.Ok, history.Vector(l.poll(op.Process, 1000))
		l.add(op)
	}
	return l.b.History()
}

func (l *log) add(op history.Op) {
	if err := l.b.AddOp(op); err != nil {
		panic(err)
	}
}

// mops draws one to three micro-ops.
func (l *log) mops() history.Value {
	var mops []history.Value
	for range 1 + l.rng.IntN(3) {
		if l.rng.IntN(2) == 0 {
			mops = append(mops, history.Vector(history.Keyword("poll")))
			continue
		}
		l.next++
		mops = append(mops, history.Vector(history.Keyword("send"), history.Int(l.rng.Int64N(2)), history.Int(l.next)))
	}
	return history.Vector(mops...)
}

// execute lets a transaction happen, or not, and records how it ended.
func (l *log) execute(op history.Op) history.Type {
	op.Type = []history.Type{history.Ok, history.Ok, history.Ok, history.Ok, history.Fail, history.Info}[l.rng.IntN(6)]
	happens := op.Type == history.Ok || op.Type == history.Info && l.rng.IntN(2) == 0 || op.Type == history.Fail && l.errs("writes what it aborts")
	if happens {
		done := l.mutate(op)
		if op.Type == history.Ok {
			op.Value = done
		}
	}
	l.add(op)
	return op.Type
}

// mutate does the micro-ops of a transaction: what it polls was there before it.
func (l *log) mutate(op history.Op) history.Value {
	var done []history.Value
	before := [2]int{len(l.records[0]), len(l.records[1])}
	own := l.errs("transactions see their")
	for _, m := range op.Value.Elems() {
		parts := m.Elems()
		if len(parts) == 1 {
			hidden := [2][]record{}
			for k := range hidden {
				if !own {
					hidden[k] = slices.Clone(l.records[k][before[k]:])
					l.records[k] = l.records[k][:before[k]]
				}
			}
			polled := l.poll(op.Process, 1+l.rng.IntN(4))
			for k := range hidden {
				l.records[k] = append(l.records[k], hidden[k]...)
			}
			done = append(done, polled)
			continue
		}
		k, _ := parts[1].Int()
		v, _ := parts[2].Int()
		done = append(done, history.Vector(parts[0], parts[1], history.Ints(l.send(k, v), v)))
		if l.errs("transactions tear") { // another one gets in between
			l.next++
			l.late(k)
		}
	}
	return history.Vector(done...)
}

// late sends a record in a transaction of its own.
func (l *log) late(k int64) {
	send := func(v history.Value) history.Value {
		return history.Vector(history.Vector(history.Keyword("send"), history.Int(k), v))
	}
	op := history.Op{Process: history.Process(1000 + l.next), Type: history.Invoke, F: "send", Value: send(history.Int(l.next))}
	l.add(op)
	op.Type, op.Value = history.Ok, send(history.Ints(l.send(k, l.next), l.next))
	l.add(op)
}

// send appends a record and returns its offset. Offsets have gaps.
func (l *log) send(k, v int64) int64 {
	offset := int64(0)
	if n := len(l.records[k]); n > 0 {
		offset = l.records[k][n-1].offset + 1 + l.rng.Int64N(2)
		if l.errs("overwrites an offset") {
			offset = l.records[k][n-1].offset
		}
	}
	if l.errs("loses a record") {
		l.records[k] = append(l.records[k], record{offset, -1})
		return offset
	}
	l.records[k] = append(l.records[k], record{offset, v})
	if l.errs("writes a record twice") {
		l.records[k] = append(l.records[k], record{offset + 1, v})
	}
	return offset
}

// poll reads a few records of each log.
func (l *log) poll(p history.Process, most int) history.Value {
	at := l.at[p]
	if at == nil {
		at = &[2]int{}
		l.at[p] = at
	}
	var kvs []history.Value
	for k := range l.records {
		switch {
		case l.errs("consumers jump"):
			at[k] = min(at[k]+2, len(l.records[k]))
		case l.errs("consumers fall back"):
			at[k] = max(at[k]-2, 0)
		}
		var polled []history.Value
		for ; at[k] < len(l.records[k]) && len(polled) < most; at[k]++ {
			if l.errs("polls jump in their midst") {
				continue
			}
			if r := l.records[k][at[k]]; r.value >= 0 {
				polled = append(polled, history.Ints(r.offset, r.value))
			}
		}
		if len(polled) > 0 {
			kvs = append(kvs, history.Int(int64(k)), history.Vector(polled...))
		}
	}
	return history.Vector(history.Keyword("poll"), history.Map(kvs...))
}
