package workloads

import (
	"time"

	"checker/history"
	"checker/workloads/gen"
	"checker/workloads/gen/txns"
)

// A closing read that is not ok is tried again after closeEvery, mostCloses times in all.
const (
	closeEvery = 100 * time.Millisecond
	mostCloses = 10
)

// closeAccounts reads all accounts in the end in one transaction, until one is ok: what is still in doubt then
// may end between two reads, and nobody could tell one half of it from half of it. Nor does anybody know how many
// accounts there are, so twice as many are read as long as the last openAccounts of them are not all empty.
func closeAccounts() gen.Generator { return closing{accounts: 2 * openAccounts, left: mostCloses} }

type closing struct {
	accounts int64 // that the next transaction reads
	left     int   // reads that may still fail
	due      int64 // when the next may begin
	busy     bool
	done     bool
}

func (g closing) Next(ctx *gen.Context) (gen.Step, gen.Generator) {
	switch {
	case g.busy:
		return gen.Step{Kind: gen.Pending, At: gen.Never}, g
	case g.done || g.left == 0:
		return gen.Step{}, nil
	case ctx.Now < g.due:
		return gen.Step{Kind: gen.Pending, At: g.due}, g
	}
	all := make([]int64, g.accounts)
	for i := range all {
		all[i] = int64(i)
	}
	step := ctx.Fill(readAccounts(txns.F, all...))
	if step.Kind == gen.Emit {
		g.busy, g.due = true, ctx.Now+int64(closeEvery)
	}
	return step, g
}

// Update takes the answer.
func (g closing) Update(_ *gen.Context, event history.Op) gen.Generator {
	switch {
	case event.F != txns.F || event.Type == history.Invoke:
		return g
	case event.Type != history.Ok || int64(len(event.Value.Elems())) != g.accounts:
		g.left--
	case anyEntry(event.Value.Elems()[g.accounts-openAccounts:]):
		g.accounts *= 2
	default:
		g.done = true
	}
	g.busy = false
	return g
}

// anyEntry tells whether reads show anything.
func anyEntry(reads []history.Value) bool {
	for _, r := range reads {
		if mop := r.Elems(); len(mop) == 3 && len(mop[2].Elems()) > 0 {
			return true
		}
	}
	return false
}
