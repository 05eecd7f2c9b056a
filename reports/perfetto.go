package reports

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
)

// perfettoEvent is an event in the JSON that trace viewers read. Moments are in µs.
type perfettoEvent struct {
	Name     string         `json:"name"`
	Phase    string         `json:"ph"` // X a slice, b and e the ends of one that may overlap others, i an instant, M what a track is called
	Category string         `json:"cat,omitempty"`
	Time     float64        `json:"ts"`
	Duration *float64       `json:"dur,omitempty"`
	Group    int            `json:"pid"`
	Track    int            `json:"tid"`
	ID       string         `json:"id,omitempty"`
	Args     map[string]any `json:"args,omitempty"`
}

// The groups of tracks.
const (
	perfettoClients = iota + 1
	perfettoFaults
	perfettoLeaders
)

// perfettoWriter writes events one by one: a long run has millions.
type perfettoWriter struct {
	out   *bufio.Writer
	enc   *json.Encoder
	wrote bool
	err   error
}

func (w *perfettoWriter) add(e perfettoEvent) {
	if w.err != nil {
		return
	}
	if w.wrote {
		w.out.WriteByte(',')
	}
	w.wrote = true
	w.err = w.enc.Encode(e)
}

// Perfetto writes the run as a trace that ui.perfetto.dev and chrome://tracing
// open: a track for each process of a client with its ops, one for each family of
// faults, and one for each node while it led. An op that never completed lasts to
// the end.
func Perfetto(w io.Writer, in Input) error {
	p := newPage(in)
	p.tale = p.newTale()
	out := &perfettoWriter{out: bufio.NewWriter(w)}
	out.enc = json.NewEncoder(out.out)
	out.out.WriteString(`{"displayTimeUnit":"ms","otherData":` + string(mustJSON(map[string]string{
		"title": p.Title, "verdict": p.Headline.Verdict, "summary": p.Headline.Sentence})) + ",\"traceEvents\":[\n")
	if p.view != nil {
		p.perfettoClients(out)
		p.perfettoFaults(out)
		p.perfettoLeaders(out)
	}
	out.out.WriteString("]}\n")
	if out.err != nil {
		return out.err
	}
	return out.out.Flush()
}

// mustJSON is for texts, which always have a form in JSON.
func mustJSON(texts map[string]string) []byte {
	text, err := json.Marshal(texts)
	if err != nil {
		panic(err)
	}
	return text
}

// µs is a moment of the view; rows of an untimed history count as µs.
func (p *page) µs(t int64) float64 {
	if !p.view.timed {
		return float64(t)
	}
	return float64(t) / 1e3
}

func (w *perfettoWriter) name(group int, what string) {
	w.add(perfettoEvent{Name: "process_name", Phase: "M", Group: group, Args: map[string]any{"name": what}})
}

func (w *perfettoWriter) nameTrack(group, track int, what string) {
	w.add(perfettoEvent{Name: "thread_name", Phase: "M", Group: group, Track: track, Args: map[string]any{"name": what}})
}

func (p *page) perfettoClients(out *perfettoWriter) {
	v := p.view
	out.name(perfettoClients, "clients")
	named := map[int]bool{}
	for o := range v.clientOps {
		process := int(v.Process(o.inv))
		if !named[process] {
			named[process] = true
			out.nameTrack(perfettoClients, process+1, "process "+line(v.ProcessName(v.Process(o.inv)), 40))
		}
		lasted := p.µs(o.end) - p.µs(o.start)
		args := map[string]any{"index": v.Index(o.row()), "value": v.exchange(o, maxBarText), "outcome": o.outcome.String()}
		if node := v.nodeOf(o); node != "" {
			args["node"] = line(node, 40)
		}
		if o.comp < 0 {
			args["outcome"] = "never completed"
		}
		out.add(perfettoEvent{Name: line(v.FName(v.F(o.inv)), 40), Phase: "X", Category: o.outcome.String(), Time: p.µs(o.start), Duration: &lasted,
			Group: perfettoClients, Track: process + 1, Args: args})
	}
	for _, a := range p.Anomalies {
		for _, w := range a.Witnesses {
			for _, o := range w.Ops {
				out.add(perfettoEvent{Name: a.Type + ", " + w.Title, Phase: "i", Category: "witness", Time: p.µs(o.op.start),
					Group: perfettoClients, Track: int(v.Process(o.op.inv)) + 1, Args: map[string]any{"index": o.Index, "text": w.Text}})
			}
		}
	}
}

func (p *page) perfettoFaults(out *perfettoWriter) {
	if len(p.faults) == 0 {
		return
	}
	out.name(perfettoFaults, "faults")
	tracks := map[string]int{}
	for i, name := range families(p.faults) {
		tracks[name] = i + 1
		out.nameTrack(perfettoFaults, i+1, name)
	}
	for i, f := range p.faults {
		e := perfettoEvent{Name: f.label(), Phase: "b", Category: f.family, Time: p.µs(f.start), Group: perfettoFaults, Track: tracks[f.family],
			ID: fmt.Sprintf("fault-%d", i+1), Args: map[string]any{"index": f.index, "effect": f.effect}}
		out.add(e)
		e.Phase, e.Time, e.Args = "e", p.µs(f.end), nil
		out.add(e)
	}
}

func (p *page) perfettoLeaders(out *perfettoWriter) {
	if p.tale == nil || len(p.tale.reigns) == 0 {
		return
	}
	out.name(perfettoLeaders, "leaders")
	tracks := map[string]int{}
	for _, r := range p.tale.reigns {
		name := line(r.group+" "+r.node, 60)
		if tracks[name] == 0 {
			tracks[name] = len(tracks) + 1
			out.nameTrack(perfettoLeaders, tracks[name], name)
		}
		lasted := p.µs(r.to) - p.µs(r.from)
		out.add(perfettoEvent{Name: fmt.Sprintf("term %d", r.term), Phase: "X", Category: "leader", Time: p.µs(r.from), Duration: &lasted,
			Group: perfettoLeaders, Track: tracks[name]})
	}
}
