package bank

import (
	"context"
	"fmt"

	"checker/check"
	"checker/history"
)

// Options direct the check. The zero value is a bank without credit whose total
// is that of the first read.
type Options struct {
	Total       *int64 // what all balances add up to; nil takes it from the first read
	Negative    bool   // balances may be negative
	MaxTransfer int64  // no transfer may be of more; 0 is no bound
	Witnesses   int    // examples kept of each anomaly; 0 is [check.DefaultWitnesses]
	_           struct{}
}

// New returns a checker of banks.
func New(o Options) check.Checker { return checker{o} }

type checker struct{ options Options }

// Name is bank.
func (checker) Name() string { return "bank" }

// Check judges a history of transfers and reads. Without an ok read it is unknown.
func (c checker) Check(ctx context.Context, h *history.History) (check.Result, error) {
	r := &run{Options: c.options, h: h, found: check.NewFindings(c.Name(), h, c.options.Witnesses), accounts: map[string]bool{}}
	var reads []history.Pair
	for _, p := range h.Pairs() {
		var err error
		switch f := h.FName(h.F(int(p.Inv))); {
		case f == "transfer":
			err = r.transfer(p)
		case f != "read":
			err = fmt.Errorf("op %d: a bank knows read and transfer, not %q", h.Witness(p), f)
		case h.Outcome(p) == history.Ok:
			reads = append(reads, p)
		}
		if err != nil {
			return check.Result{}, err
		}
	}
	for i, p := range reads {
		if i%1024 == 0 && ctx.Err() != nil {
			return check.Result{}, fmt.Errorf("%d of %d reads judged: %w", i, len(reads), ctx.Err())
		}
		if err := r.read(p, i == 0); err != nil {
			return check.Result{}, err
		}
	}
	r.found.Note("%d reads judged", len(reads))
	if len(reads) == 0 {
		r.found.Undecided("nothing to check: no read is ok")
	}
	return r.found.Result, nil
}

// run is one call of Check.
type run struct {
	Options
	h        *history.History
	found    *check.Findings
	accounts map[string]bool // known ones
}

// transfer learns the accounts of a transfer.
func (r *run) transfer(p history.Pair) error {
	v := r.h.Ref(int(p.Inv))
	if v.Kind() != history.KindMap {
		return fmt.Errorf("op %d: a transfer of %s is not {:from a :to b :amount n}", r.h.Witness(p), r.h.Value(v))
	}
	fields := map[string]history.Ref{}
	for i := 0; i < r.h.Heap.Len(v); i += 2 {
		fields[r.name(r.h.Elem(v, i))] = r.h.Elem(v, i+1)
	}
	amount, ok := r.h.Int(fields["amount"])
	if !ok || fields["from"].IsNil() || fields["to"].IsNil() {
		return fmt.Errorf("op %d: a transfer of %s is not {:from a :to b :amount n}", r.h.Witness(p), r.h.Value(v))
	}
	if r.MaxTransfer > 0 && (amount > r.MaxTransfer || amount < -r.MaxTransfer) {
		return fmt.Errorf("op %d: a transfer of %d is more than the %d that are allowed at a time", r.h.Witness(p), amount, r.MaxTransfer)
	}
	r.accounts[r.name(fields["from"])] = true
	r.accounts[r.name(fields["to"])] = true
	return nil
}

// name is what an account or field is called, whether it is a string, a keyword
// or a number.
func (r *run) name(v history.Ref) string {
	switch v.Kind() {
	case history.KindString, history.KindKeyword:
		return r.h.Text(v)
	}
	return r.h.Value(v).String()
}

// read judges one read of all balances.
func (r *run) read(p history.Pair, first bool) error {
	v := r.h.Ref(int(p.Comp))
	op := r.h.Witness(p)
	if v.Kind() != history.KindMap {
		return fmt.Errorf("op %d: a read of %s is not a map of balances", op, r.h.Value(v))
	}
	var total int64
	whole := true
	for i := 0; i < r.h.Heap.Len(v); i += 2 {
		account, balance := r.name(r.h.Elem(v, i)), r.h.Elem(v, i+1)
		if first {
			r.accounts[account] = true
		}
		if !r.accounts[account] {
			r.report(UnexpectedKey, p, "read (op %d) has account %s, which the first read lacks and no transfer names", op, account)
		}
		n, ok := r.h.Int(balance)
		switch {
		case balance.IsNil():
			whole = false
			r.report(NilBalance, p, "read (op %d) has account %s without a balance", op, account)
		case !ok:
			return fmt.Errorf("op %d: the balance of account %s is %s, which is not a whole number", op, account, r.h.Value(balance))
		case n < 0 && !r.Negative:
			r.report(NegativeValue, p, "read (op %d) has %d on account %s, and balances cannot be negative", op, n, account)
		}
		total += n
	}
	if !whole {
		return nil
	}
	if r.Total == nil {
		r.Total = &total
		r.found.Note("the total, %d, is that of the first read (op %d)", total, op)
	}
	if total != *r.Total {
		r.report(WrongTotal, p, "the balances in read (op %d) add up to %d, and there is %d in all", op, total, *r.Total)
	}
	return nil
}

func (r *run) report(kind string, p history.Pair, format string, args ...any) {
	r.found.Found(kind, "", []history.Pair{p}, format, args...)
}
