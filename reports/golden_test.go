package reports

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"checker/check"
	"checker/history"
	"checker/rundir"
)

// small are the inputs of the goldens: few ops, so that a page can be read whole.
var small = map[string]func(testing.TB) Input{
	"valid":   smallValid,
	"invalid": smallInvalid,
	"vacuous": vacuousInput,
	"hostile": hostileInput,
	"cycle":   func(t testing.TB) Input { return cycleInput(t, 3) },
	"split":   splitInput,
	"told":    toldInput,
	"folded":  func(t testing.TB) Input { return cycleInput(t, 25) },
	"pair":    func(t testing.TB) Input { return cycleInput(t, 2) },
	"lost":    lostInput,
	"early": func(t testing.TB) Input {
		in := smallInvalid(t)
		in.Run.Status, in.Run.End = rundir.StatusInterrupted, ""
		return in
	},
	"undecided": undecidedInput,
	"elsewhere": func(t testing.TB) Input {
		in := smallInvalid(t)
		in.Run, in.Document.File, in.Document.Reproduce = nil, "etcd_002.jsonl", ""
		in.Document.Evidence = check.Evidence{}
		return in
	},
	"nothing": func(testing.TB) Input {
		return Input{Title: "empty", Document: check.NewDocument(nil, check.Evidence{})}
	},
}

// TestGoldens shows every format of every small input. The page is shown without
// its style and script, and with the payload of the timeline unpacked.
func TestGoldens(t *testing.T) {
	datadriven.Walk(t, "testdata/goldens", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			in, ok := small[d.CmdArgs[0].Key]
			if !ok {
				d.Fatalf(t, "no input %q", d.CmdArgs[0].Key)
			}
			f, err := LookupFormat(d.Cmd)
			if err != nil {
				d.Fatalf(t, "%v", err)
			}
			var b bytes.Buffer
			if err := f.Write(&b, in(t)); err != nil {
				return "error: " + err.Error() + "\n"
			}
			if d.Cmd == "html" {
				return legible(t, b.String())
			}
			return b.String()
		})
	})
}

var (
	stylePart   = regexp.MustCompile(`(?s)<style>.*?</style>`)
	scriptPart  = regexp.MustCompile(`(?s)<script>.*?</script>`)
	policyPart  = regexp.MustCompile(`sha256-[A-Za-z0-9&#;=/]+`)
	payloadPart = regexp.MustCompile(`(<script type="application/json" id="timeline-data">)"([^"]*)"(</script>)`)
	blankLines  = regexp.MustCompile(`\n\s*\n+`)
)

func legible(t *testing.T, page string) string {
	page = stylePart.ReplaceAllString(page, "<style>…</style>")
	page = scriptPart.ReplaceAllString(page, "<script>…</script>")
	page = policyPart.ReplaceAllString(page, "sha256-…")
	page = payloadPart.ReplaceAllStringFunc(page, func(s string) string {
		m := payloadPart.FindStringSubmatch(s)
		text, err := json.MarshalIndent(unpack(t, m[2]), "", " ")
		if err != nil {
			t.Fatal(err)
		}
		return m[1] + string(regexp.MustCompile(`,\n\s+(-?\d+|")`).ReplaceAll(text, []byte(", $1"))) + m[3]
	})
	return blankLines.ReplaceAllString(page, "\n")
}

// unpack undoes [payload.encode], as the script does.
func unpack(t *testing.T, text string) payload {
	t.Helper()
	packed, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
	if err != nil {
		t.Fatal(err)
	}
	r := bytes.NewReader(plain)
	number := func() int {
		n, err := binary.ReadVarint(r)
		if err != nil {
			t.Fatal(err)
		}
		return int(n)
	}
	head := payloadHead{}
	headText := make([]byte, number())
	if _, err := io.ReadFull(r, headText); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(headText, &head); err != nil {
		t.Fatal(err)
	}
	columns := make([][]int, 10)
	for i := range columns {
		columns[i] = make([]int, head.Count)
		for j := range columns[i] {
			columns[i][j] = number()
		}
	}
	last, known := map[int][2]int{}, 0
	for i, lane := range columns[0] {
		now := [2]int{last[lane][0] + columns[6][i], last[lane][1] + columns[8][i]}
		columns[6][i], columns[8][i], last[lane] = now[0], now[1], now
		columns[7][i] = known - columns[7][i]
		known = max(known, columns[7][i]+1)
	}
	p := head.payload
	p.Bars = payloadBars{Lane: columns[0], Type: columns[3], Function: columns[4], Index: columns[5], Process: columns[6], Touched: columns[9]}
	for _, touched := range columns[9] {
		for range touched {
			p.Bars.Key = append(p.Bars.Key, number())
		}
	}
	var texts []string
	if err := json.NewDecoder(r).Decode(&texts); err != nil {
		t.Fatal(err)
	}
	for i := range head.Count {
		p.Bars.Start = append(p.Bars.Start, int64(columns[1][i]))
		p.Bars.Duration = append(p.Bars.Duration, int64(columns[2][i]))
		p.Bars.Text = append(p.Bars.Text, texts[columns[7][i]])
		p.Bars.Node = append(p.Bars.Node, head.Nodes[columns[8][i]])
	}
	return p
}

// clientOp is both rows of an op.
func clientOp(p history.Process, f string, from, to int64, typ history.Type, asked, answered history.Value) [2]history.Op {
	return [2]history.Op{
		{Time: from, Process: p, Type: history.Invoke, F: f, Value: asked, Node: fmt.Sprintf("n%d", p%3+1)},
		{Time: to, Process: p, Type: typ, F: f, Value: answered, Node: fmt.Sprintf("n%d", p%3+1)},
	}
}

func smallHistory(t testing.TB) *history.History {
	w1 := clientOp(0, "write", 1e9, 1100e6, history.Ok, history.Int(1), history.Int(1))
	w2 := clientOp(1, "write", 1200e6, 1350e6, history.Ok, history.Int(2), history.Int(2))
	failed := clientOp(0, "write", 2e9, 2010e6, history.Fail, history.Int(3), history.Int(3))
	failed[1].Error = history.Keyword("no-leader")
	lost := clientOp(1, "write", 2100e6, 3100e6, history.Info, history.Int(4), history.Int(4))
	read := clientOp(2, "read", 2500e6, 2600e6, history.Ok, history.Nil, history.Int(1))
	return build(t, w1[0], w1[1], w2[0], w2[1],
		nemesisOp(1500e6, "partition", history.String("n1|n2,n3")), nemesisOp(1501e6, "partition", history.String("4 links cut")),
		nemesisOp(1600e6, "kill", history.String("n3")), nemesisOp(1601e6, "kill", history.String("n3")),
		nemesisOp(1900e6, "start", history.String("n3")), nemesisOp(1950e6, "start", history.String("n3")),
		failed[0], failed[1], lost[0], read[0], read[1],
		nemesisOp(3e9, "heal", history.Nil), nemesisOp(3050e6, "heal", history.Nil), lost[1],
		clientOp(3, "read", 3200e6, 0, history.Ok, history.Nil, history.Nil)[0])
}

func smallValid(t testing.TB) Input {
	h, run := smallHistory(t), sampleRun()
	return Input{Run: &run, History: h, Document: check.NewDocument([]check.Result{linearizable(check.Valid)}, sampleEvidence(h))}
}

func smallInvalid(t testing.TB) Input {
	in := smallValid(t)
	w := check.Witness{Ops: []int{3, 14}, Text: "read (index 14) observed 1, which write 2 (index 3) had replaced.",
		Steps: []check.Step{{From: 3, To: 14, Edge: "realtime", Why: "the write had completed before the read was invoked"},
			{From: 14, To: 3, Edge: "value", Why: "the read observed what the write replaced"}}}
	in.Document = check.NewDocument([]check.Result{linearizable(check.Invalid, check.Anomaly{Type: "stale-read", Count: 1, Witnesses: []check.Witness{w}})}, in.Document.Evidence)
	in.Glossary = map[string]string{"stale-read": "An op observed a value that another had surely replaced."}
	return in
}

// lostInput is a set that lost an element: a witness without steps, and one of an
// op that the history does not have.
func lostInput(t testing.TB) Input {
	add := clientOp(0, "add", 1e9, 1100e6, history.Ok, history.Int(7), history.Int(7))
	maybe := clientOp(1, "add", 1e9, 2e9, history.Info, history.Int(8), history.Int(8))
	read := clientOp(2, "read", 3e9, 3100e6, history.Ok, history.Nil, history.Set(history.Int(8), history.Int(9)))
	h := build(t, add[0], maybe[0], add[1], maybe[1], read[0], read[1])
	r := check.Result{Name: "set", Verdict: check.Invalid, Notes: []string{"1 add is indeterminate"}, Anomalies: []check.Anomaly{
		{Type: "lost", Count: 1, Witnesses: []check.Witness{{Ops: []int{2, 5}, Key: "7", Text: "7 was added (op 2) and the final read (op 5) does not have it"}}},
		{Type: "unexpected", Count: 12, Witnesses: []check.Witness{{Ops: []int{5, 77}, Text: "9 was read (op 5) and never added"}}}}}
	return Input{Title: "a set", History: h, Document: check.NewDocument([]check.Result{r}, check.Evidence{})}
}

// undecidedInput is a run of which one check held and another gave up.
func undecidedInput(t testing.TB) Input {
	in := smallValid(t)
	in.Document = check.NewDocument([]check.Result{linearizable(check.Valid),
		{Name: "recovery", Verdict: check.Unknown, Reason: "n3 took no part in the final reads\nand nobody knows why"}}, in.Document.Evidence)
	return in
}

// attack is text that tries to get out of every place that it may stand in.
const attack = "</script></title></textarea></pre><script>alert(1)</script><!--<img src=x onerror=alert(1)>-->" +
	"\"'`|{{.}}]]>\u2028\u2029\u202e\u0000\x1b[31m\xff\r\n::error::x\u200b@team https://evil.example"

// hostileTrace has the attack in every text of a trace.
func hostileTrace(t testing.TB) func() (io.ReadCloser, error) {
	var lines []string
	for _, event := range []map[string]any{
		{"event": "protocol", "node": attack, "group": attack, "step": "became-leader", "term": 1, "t": 1005e6},
		{"event": "protocol", "node": attack, "step": "voted-yes", "txn": attack, "peer": attack, "outcome": attack, "t": 1010e6},
		{"event": "sent", "from": attack, "to": "c0", "packet": 1, "message": attack, "t": 1020e6},
		{"event": "dropped", "from": attack, "to": "c0", "packet": 1, "cause": attack, "t": 1030e6},
		{"event": "sent", "from": attack, "to": attack, "packet": 2, "message": attack, "t": 1040e6},
		{"event": "exited", "node": attack, "cause": attack, "t": 1050e6},
	} {
		text, err := json.Marshal(event)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(text))
	}
	return traceOf(lines...)
}

// hostileInput has the attack in every text that a run can bring along.
func hostileInput(t testing.TB) Input {
	read := clientOp(0, "read"+attack, 1e9, 1100e6, history.Ok, history.String(attack), history.String(strings.Repeat(attack, 8000)))
	read[1].Node, read[1].Error = attack, history.String(attack)
	h := build(t, read[0], read[1],
		nemesisOp(2e9, attack, history.String(attack)), nemesisOp(3e9, attack, history.String(attack+"2")))
	run := sampleRun()
	run.Name, run.Config.Target, run.Config.Workload, run.Config.Env = attack, attack, attack, attack
	run.Plan, run.Guarantee, run.Start, run.Versions.Target = attack, attack, attack, attack
	run.FaultModel, run.Beyond, run.Config.Bugs = []string{attack}, []string{attack}, []string{attack}
	run.Config.Settings = map[string]string{attack: attack}
	run.Capabilities[2].Name, run.Capabilities[2].Detail = attack, attack
	run.Status, run.Error = attack, attack
	w := check.Witness{Ops: []int{1, 0, 99}, Key: attack, Text: attack, Steps: []check.Step{{From: 1, To: 0, Edge: attack, Key: attack, Why: attack}}}
	r := linearizable(check.Invalid, check.Anomaly{Type: attack, Count: 1, Witnesses: []check.Witness{w, w}})
	r.Name, r.Reason, r.Notes = attack, attack, []string{attack}
	r.ConsistencyModels = &check.ConsistencyModels{Requested: []string{attack}, Not: []string{attack}, AlsoNot: []string{attack}, Holds: []string{attack}}
	doc := check.NewDocument([]check.Result{r}, check.Evidence{Vacuous: true, Reason: attack,
		Ops: map[string]check.Counts{attack: {Invoke: 1, Ok: 1}}, Faults: map[string]check.Bite{attack: {Injected: 1}}})
	doc.Reproduce, doc.Warnings = attack, []string{attack}
	return Input{Run: &run, History: h, Document: doc, Glossary: map[string]string{attack: attack}, Trace: hostileTrace(t),
		Schedule: rundir.Excerpt{Name: attack, Size: 1 << 20, Head: attack, Tail: attack}, Logs: []rundir.Excerpt{{Name: attack, Size: int64(len(attack)), Tail: attack}}}
}
