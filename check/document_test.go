package check

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"checker/history"
)

func TestWorst(t *testing.T) {
	tests := []struct {
		of   []Verdict
		want Verdict
	}{
		{nil, Unknown},
		{[]Verdict{Valid}, Valid},
		{[]Verdict{Valid, Unknown}, Unknown},
		{[]Verdict{Unknown, Invalid, Valid}, Invalid},
	}
	for _, test := range tests {
		if got := Worst(test.of...); got != test.want {
			t.Errorf("Worst(%v) = %v, want %v", test.of, got, test.want)
		}
	}
}

// fake is a checker that does what it is told.
type fake func() (Result, error)

func (fake) Name() string                                              { return "fake" }
func (f fake) Check(context.Context, *history.History) (Result, error) { return f() }

func TestWhateverGoesWrongInACheckerIsUnknown(t *testing.T) {
	tests := []struct {
		name string
		fake fake
		want string
	}{
		{"error", func() (Result, error) { return Result{Verdict: Valid}, errors.New("does not fit") }, "does not fit"},
		{"panic", func() (Result, error) { panic("a bug") }, "panicked: a bug"},
		{"deadline", func() (Result, error) { return Result{}, context.DeadlineExceeded }, "time limit"},
		{"invalid without a witness", func() (Result, error) { return Result{Verdict: Invalid}, nil }, "without naming"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := Run(context.Background(), test.fake, history.NewBuilder().History())
			if r.Verdict != Unknown || !strings.Contains(r.Reason, test.want) {
				t.Errorf("%v because %q, want unknown because of %q", r.Verdict, r.Reason, test.want)
			}
		})
	}
}

func TestDocumentComposesItsChecks(t *testing.T) {
	lost := Result{Name: "set"}
	lost.Add("lost", Witness{Ops: []int{3}, Text: "3 was lost"}, 1)
	lost.Add("lost", Witness{Ops: []int{4}, Text: "4 was lost"}, 1)
	ok := Result{Name: "recovery"}
	tests := []struct {
		name    string
		results []Result
		vacuous bool
		want    Verdict
		summary string
	}{
		{"valid", []Result{ok}, false, Valid, "valid: recovery held over 7 ok ops"},
		{"too little happened", []Result{ok}, true, Unknown, "unknown: nobody read"},
		{"an anomaly outweighs too little", []Result{ok, lost}, true, Invalid, "invalid: set is violated by lost: 3 was lost"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			ev := Evidence{Vacuous: test.vacuous, Reason: "nobody read", Ops: map[string]Counts{"add": {Ok: 7}}}
			d := NewDocument(test.results, ev)
			if d.Verdict != test.want || d.Summary != test.summary {
				t.Errorf("%v: %s\nwant %v: %s", d.Verdict, d.Summary, test.want, test.summary)
			}
		})
	}
	if a := lost.Anomalies[0]; a.Count != 2 || len(a.Witnesses) != 1 {
		t.Errorf("%d lost with %d witnesses, want 2 with 1", a.Count, len(a.Witnesses))
	}
}

func TestVerdictReadsBack(t *testing.T) {
	for _, v := range []Verdict{Valid, Unknown, Invalid} {
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		var back Verdict
		if err := json.Unmarshal(data, &back); err != nil || back != v {
			t.Errorf("%s reads back as %v (%v)", data, back, err)
		}
	}
	var v Verdict
	if err := json.Unmarshal([]byte(`"true"`), &v); err == nil || v == Valid {
		t.Errorf("an unknown word reads as %v without an error", v)
	}
}
