package foreign_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"pgregory.net/rapid"

	"checker/check"
	"checker/check/atomic"
	"checker/check/atomic/foreign"
)

// A golden holds the files of some nodes, each behind a line "-- name --", and shows the trace that they make and
// the verdict on it. A file called rules tells how to read logs.
func TestGoldens(t *testing.T) {
	datadriven.Walk(t, "testdata/logs", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			events, err := convert(d.Input)
			if err != nil {
				return "error: " + err.Error() + "\n"
			}
			var trace strings.Builder
			if err := foreign.Write(&trace, events); err != nil {
				t.Fatal(err)
			}
			verdict := describe(judge(t, trace.String()))
			if d.Cmd == "verdict" {
				return verdict
			}
			var told strings.Builder
			for _, e := range events {
				fmt.Fprintln(&told, e)
			}
			return told.String() + verdict
		})
	})
}

// convert reads files and merges them.
func convert(input string) ([]atomic.Event, error) {
	var rules foreign.Rules
	var all []foreign.Step
	for part := range strings.SplitSeq("\n"+input, "\n-- ") {
		name, text, found := strings.Cut(part, " --\n")
		if !found {
			continue
		}
		node, _, _ := strings.Cut(name, ".")
		var steps []foreign.Step
		var err error
		switch in := strings.NewReader(text); {
		case name == "rules":
			rules, err = foreign.ReadRules(in, name)
		case strings.HasSuffix(name, ".csv"):
			steps, err = foreign.ReadCSV(in, name, node)
		case strings.HasSuffix(name, ".jsonl"):
			steps, err = foreign.ReadJSON(in, name, node)
		default:
			steps, err = rules.ReadLog(in, name, node)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, steps...)
	}
	return foreign.Merge(all)
}

// judge reads a trace back, so that what is written can be.
func judge(t testing.TB, trace string) check.Result {
	m := atomic.NewMonitor(atomic.Options{})
	end, err := atomic.ReadTrace(strings.NewReader(trace), func(e *atomic.Event) bool {
		m.Observe(e)
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	m.Reached(end)
	return m.Result()
}

func describe(r check.Result) string {
	var b strings.Builder
	fmt.Fprintln(&b, strings.TrimSpace(r.Verdict.String()+" "+r.Reason))
	for _, a := range r.Anomalies {
		fmt.Fprintf(&b, "%s: %s\n", a.Type, strings.SplitN(a.Witnesses[0].Text, "\n", 2)[0])
	}
	return b.String()
}

// protocol is two-phase commit of a few transactions at a coordinator and some participants, one step after the
// other, with the messages that bring each about.
type protocol struct {
	t     *rapid.T
	steps []foreign.Step
	sent  int
}

func (p *protocol) tell(node, step, txn, outcome string, received ...string) (message string) {
	p.sent++
	message = fmt.Sprint("m", p.sent)
	s := foreign.Step{Received: received, Sent: []string{message}, File: node, Line: len(p.steps) + 1}
	s.Node, s.Step, s.Txn, s.Outcome = node, step, txn, outcome
	p.steps = append(p.steps, s)
	return message
}

func (p *protocol) commit(txn string, participants []string) {
	prepare := p.tell("tm", atomic.Begun, txn, "")
	p.steps[len(p.steps)-1].Peer = strings.Join(participants, " ")
	outcome := atomic.Commit
	var votes []string
	for _, name := range participants {
		vote := atomic.VotedYes
		if rapid.IntRange(0, 9).Draw(p.t, "vote") == 0 {
			vote, outcome = atomic.VotedNo, atomic.Abort
		}
		votes = append(votes, p.tell(name, vote, txn, "", prepare))
	}
	if rapid.IntRange(0, 5).Draw(p.t, "patience") == 0 {
		outcome = atomic.Abort
	}
	decision := p.tell("tm", atomic.Decided, txn, outcome, votes...)
	for _, name := range participants {
		p.tell(name, atomic.Applied, txn, outcome, decision)
	}
}

// run draws a correct execution, and takes from it what logs do not tell: the order between nodes, the right time,
// most messages, and of the coordinator, which is one of those given, its aborts or everything.
func run(t *rapid.T, coordinators ...string) []foreign.Step {
	p := &protocol{t: t}
	participants := []string{"a", "b", "c"}[:rapid.IntRange(2, 3).Draw(t, "participants")]
	for i := range rapid.IntRange(1, 4).Draw(t, "transactions") {
		p.commit(fmt.Sprint("T", i), participants)
	}
	known := rapid.SampledFrom([]int{0, 50, 100}).Draw(t, "messages")
	clocks := rapid.SampledFrom([]string{"none", "right", "skewed"}).Draw(t, "clocks")
	lost := map[string]bool{}
	coordinator := rapid.SampledFrom(coordinators).Draw(t, "coordinator")
	p.steps = slices.DeleteFunc(p.steps, func(s foreign.Step) bool {
		mute := s.Node == "tm" && (coordinator == "silent" || coordinator == "commits only" && s.Outcome == atomic.Abort)
		lost[s.Sent[0]] = mute
		return mute
	})
	for i := range p.steps {
		s := &p.steps[i]
		if rapid.IntRange(1, 100).Draw(t, "known") > known {
			lost[s.Sent[0]] = true
			s.Sent = nil
		}
		var received []string
		for _, m := range s.Received {
			if !lost[m] {
				received = append(received, m)
			}
		}
		s.Received = received
		if s.Timed = clocks != "none"; s.Timed {
			s.At = int64(i) * 1000
		}
		if clocks == "skewed" {
			s.At += int64(len(s.Node)+int(s.Node[0])%5) * 2500
		}
	}
	var byNode []foreign.Step
	for _, name := range append([]string{"tm"}, participants...) {
		for _, s := range p.steps {
			if s.Node == name {
				byNode = append(byNode, s)
			}
		}
	}
	return byNode
}

// Whatever the logs of a correct database leave out, its trace is valid.
func TestCorrectLogsAreValid(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		events, err := foreign.Merge(run(rt, "whole", "commits only", "silent"))
		if err != nil {
			rt.Fatal(err)
		}
		if r := verdict(events); r.Verdict != check.Valid {
			rt.Fatalf("%s\n%s", describe(r), lines(events))
		}
	})
}

// A vote that is missing, and an outcome that is another one, are found whatever the logs leave out.
func TestWrongLogsAreInvalid(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		steps := run(rt, "whole", "commits only")
		at := rapid.IntRange(0, len(steps)-1).Draw(rt, "step")
		switch s := &steps[at]; {
		case s.Step == atomic.Applied && s.Outcome == atomic.Commit:
			s.Outcome = atomic.Abort
		case s.Step == atomic.Applied:
			s.Outcome = atomic.Commit
		case s.Step == atomic.VotedYes:
			committed := false
			for _, other := range steps {
				committed = committed || other.Txn == s.Txn && other.Outcome == atomic.Commit
			}
			if !committed {
				rt.Skip("it was aborted anyway")
			}
			s.Step = atomic.VotedNo
		default:
			rt.Skip("nothing to get wrong")
		}
		events, err := foreign.Merge(steps)
		if err != nil {
			rt.Fatal(err)
		}
		if r := verdict(events); r.Verdict != check.Invalid {
			rt.Fatalf("%s\n%s", describe(r), lines(events))
		}
	})
}

func verdict(events []atomic.Event) check.Result {
	m := atomic.NewMonitor(atomic.Options{})
	for i := range events {
		m.Observe(&events[i])
	}
	return m.Result()
}

func lines(events []atomic.Event) string {
	var b strings.Builder
	for _, e := range events {
		fmt.Fprintln(&b, e)
	}
	return b.String()
}

// Whatever is read, in whichever form, is an error or a trace that can be judged.
func FuzzRead(f *testing.F) {
	f.Add("-- a.csv --\nstep,txn,outcome\nvoted-yes,T1,\napplied,T1,commit\n")
	f.Add("-- a.jsonl --\n{\"step\":\"decided\",\"txn\":\"T1\",\"outcome\":\"abort\",\"term\":3}\n")
	f.Add("-- rules --\nvoted-yes: PREPARE '(?P<txn>[^']+)'\n-- a.log --\nPREPARE 'T1'\n")
	f.Add("-- a.csv --\nnode,step,txn,sent,received\na,begun,T1,m1,m2\nb,begun,T1,m2,m1\n")
	f.Add("-- a.csv --\nt,step\n1,healed\n2,settled\n")
	f.Fuzz(func(t *testing.T, input string) {
		events, err := convert(input)
		if err != nil || len(events) == 0 {
			return
		}
		var trace strings.Builder
		if err := foreign.Write(&trace, events); err != nil {
			t.Fatal(err)
		}
		judge(t, trace.String())
	})
}
