package bank

import (
	"context"
	"fmt"
	"strconv"

	"checker/check"
	"checker/history"
)

// Options direct the check. The zero value is a bank without credit whose total
// is that of the first read.
type Options struct {
	Total       *int64 // what all balances add up to; nil takes it from the first read
	Negative    bool   // balances may be negative
	MaxTransfer int64  // no transfer may be of more; 0 is no bound
	Accounts    int    // how many there are at first, from 0 on, where accounts come and go; 0 is those of the first read
	Recent      bool   // a read is of a state at a moment between its invocation and its completion
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
	r := &run{Options: c.options, h: h, found: check.NewFindings(c.Name(), h, c.options.Witnesses), accounts: map[string]*account{}}
	var reads []history.Pair
	for _, p := range h.Pairs() {
		var err error
		switch f := h.FName(h.F(int(p.Inv))); {
		case f == "transfer", f == "open", f == "close":
			err = r.change(f, p)
		case f != "read":
			err = fmt.Errorf("op %d: a bank knows read, transfer, open and close, not %q", h.Witness(p), f)
		case h.Outcome(p) == history.Ok:
			reads = append(reads, p)
		}
		if err != nil {
			return check.Result{}, err
		}
	}
	r.begin()
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
	accounts map[string]*account // known ones
	names    []string            // of those that are opened or closed, in the order of their first op
	named    []string            // by transfers
}

// fields are those of each op that moves money: two accounts and an amount.
var fields = map[string][2]string{"transfer": {"from", "to"}, "open": {"account", "from"}, "close": {"account", "to"}}

// change learns the accounts of an op that moves money.
func (r *run) change(f string, p history.Pair) error {
	v := r.h.Ref(int(p.Inv))
	given := map[string]history.Ref{}
	if v.Kind() == history.KindMap {
		for i := 0; i < r.h.Heap.Len(v); i += 2 {
			given[r.name(r.h.Elem(v, i))] = r.h.Elem(v, i+1)
		}
	}
	one, other := fields[f][0], fields[f][1]
	amount, ok := r.h.Int(given["amount"])
	if !ok || given[one].IsNil() || given[other].IsNil() {
		return fmt.Errorf("op %d: %s of %s is not {:%s a :%s b :amount n}", r.h.Witness(p), f, r.h.Value(v), one, other)
	}
	if f == "transfer" {
		if r.MaxTransfer > 0 && (amount > r.MaxTransfer || amount < -r.MaxTransfer) {
			return fmt.Errorf("op %d: a transfer of %d is more than the %d that are allowed at a time", r.h.Witness(p), amount, r.MaxTransfer)
		}
		r.named = append(r.named, r.name(given["from"]), r.name(given["to"]))
		return nil
	}
	a := r.comesAndGoes(r.name(given[one]))
	if f == "open" {
		a.opens.add(p, r.h.Outcome(p))
	} else {
		a.closes.add(p, r.h.Outcome(p))
	}
	return nil
}

// comesAndGoes returns an account that is opened or closed.
func (r *run) comesAndGoes(name string) *account {
	a := r.accounts[name]
	if a == nil {
		a = &account{}
		r.accounts[name] = a
		r.names = append(r.names, name)
	}
	return a
}

// begin settles which accounts there are at first. Where none comes or goes, those that transfers name exist.
func (r *run) begin() {
	if len(r.names)+r.Accounts == 0 {
		for _, name := range r.named {
			r.accounts[name] = &account{first: true}
		}
	}
	for id := range r.Accounts {
		a := r.comesAndGoes(strconv.Itoa(id))
		a.first, a.opens.done = true, append(a.opens.done, beginning)
	}
	for _, a := range r.accounts {
		a.opens.seal()
		a.closes.seal()
	}
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
	shown := map[string]bool{}
	for i := 0; i < r.h.Heap.Len(v); i += 2 {
		name, balance := r.name(r.h.Elem(v, i)), r.h.Elem(v, i+1)
		shown[name] = true
		if first && r.Accounts == 0 {
			r.learn(name)
		}
		if !r.exists(name, p) {
			r.report(UnexpectedKey, p, "read (op %d) has account %s, %s", op, name, r.unexpected())
		}
		n, ok := r.h.Int(balance)
		switch {
		case balance.IsNil():
			whole = false
			r.report(NilBalance, p, "read (op %d) has account %s without a balance", op, name)
		case !ok:
			return fmt.Errorf("op %d: the balance of account %s is %s, which is not a whole number", op, name, r.h.Value(balance))
		case n < 0 && !r.Negative:
			r.report(NegativeValue, p, "read (op %d) has %d on account %s, and balances cannot be negative", op, n, name)
		}
		total += n
	}
	if r.Recent {
		r.judgeAccounts(p, shown)
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

// learn takes an account of the first read as one that there was at first.
func (r *run) learn(name string) {
	if r.accounts[name] == nil {
		r.accounts[name] = &account{}
	}
	r.accounts[name].first = true
}

// unexpected says what an account lacks that is not known.
func (r *run) unexpected() string {
	if len(r.names) > 0 {
		return "which there was not at first, and which nobody can have opened by then"
	}
	return "which the first read lacks and no transfer names"
}

func (r *run) report(kind string, p history.Pair, format string, args ...any) {
	r.found.Found(kind, "", []history.Pair{p}, format, args...)
}
