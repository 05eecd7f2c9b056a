package reports

import (
	"fmt"
	"strings"
	"testing"
)

// told returns a row for each message, step and op around the first witness.
func told(t *testing.T, in Input) (rows []string, s *messages) {
	t.Helper()
	p := newPage(in)
	p.flights = p.newFlights()
	p.tale = p.newTale()
	if s = p.messages(); s == nil {
		return nil, nil
	}
	for _, r := range s.All[0].Rows {
		rows = append(rows, strings.Join(strings.Fields(fmt.Sprint(r.Class, " ", r.From, " ", r.To, " ", r.Kind, " ", r.Way)), " "))
	}
	return rows, s
}

// TestMessagesAroundAWitness: those of the witness's clients and of nodes, with
// what became of them, and not what was said long before.
func TestMessagesAroundAWitness(t *testing.T) {
	in := toldInput(t)
	in.Trace = traceOf(append(smallTrace(),
		`{"t":2605000000,"event":"sent","from":"n1","to":"n2","packet":9,"message":"too late"}`)...)
	rows, s := told(t, in)
	want := "op c1 invoke; op c1 ok; op c2 invoke; message n1 n2 Append lost: partition; message n2 n3 Append delivered; message n1 c2 answer delivered; step n1 became-follower; op c2 ok"
	if got := strings.Join(rows, "; "); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if got := strings.Join(s.All[0].Lanes, " "); got != "c1 c2 n1 n2 n3" {
		t.Errorf("lanes %s", got)
	}
}

// TestMessagesAreBounded: of too many the first and the last are kept, and the
// number of the others is stated.
func TestMessagesAreBounded(t *testing.T) {
	lines := smallTrace()
	for i := range 5000 {
		lines = append(lines, fmt.Sprintf(`{"t":%d,"event":"sent","from":"n1","to":"n2","packet":%d,"message":"Append %d"}`, 2520000000+i*1000, 100+i, i))
	}
	in := toldInput(t)
	in.Trace = traceOf(lines...)
	rows, s := told(t, in)
	if n := strings.Count(strings.Join(rows, "\n"), "message "); n != maxFlights || !strings.Contains(strings.Join(s.All[0].Left, " "), "4,803 messages") {
		t.Errorf("%d messages, left out: %v", n, s.All[0].Left)
	}
	if !strings.Contains(strings.Join(rows, "\n"), "still under way") {
		t.Error("a message that never arrived is not told apart")
	}
}

// TestNoMessagesWithoutNews: a run that is valid, or whose trace has no messages,
// has no such section.
func TestNoMessagesWithoutNews(t *testing.T) {
	valid := smallValid(t)
	valid.Trace = traceOf(smallTrace()...)
	silent := toldInput(t)
	silent.Trace = traceOf(protocol(10, "n1", "s0", "became-leader", `,"term":1`), protocol(2550, "n2", "s0", "became-leader", `,"term":2`))
	for name, in := range map[string]Input{"valid": valid, "silent": silent} {
		if rows, _ := told(t, in); rows != nil {
			t.Errorf("%s: %v", name, rows)
		}
		if strings.Contains(htmlOf(t, in), `id="messages"`) {
			t.Errorf("%s: has the section", name)
		}
	}
}
