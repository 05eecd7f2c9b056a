package check

import "sort"

// Result is what one check found.
type Result struct {
	Name              string             `json:"name"`
	Verdict           Verdict            `json:"verdict"`
	Reason            string             `json:"reason"` // why it is unknown, or what was ignored
	ConsistencyModels *ConsistencyModels `json:"consistency_models,omitempty"`
	Anomalies         []Anomaly          `json:"anomalies"`
	Notes             []string           `json:"notes,omitempty"` // what the reader should know though it changes nothing
}

// ConsistencyModels relates a result to the guarantees that it bears on.
type ConsistencyModels struct {
	Requested []string `json:"requested"`
	Not       []string `json:"not"`      // the weakest that are broken
	AlsoNot   []string `json:"also_not"` // the stronger ones that fall with them
	Holds     []string `json:"holds"`    // the strongest that still hold
}

// Anomaly is a kind of violation and examples of it.
type Anomaly struct {
	Type      string    `json:"type"`
	Count     int       `json:"count"` // how many were found; at least len(Witnesses)
	Witnesses []Witness `json:"witnesses"`
}

// Witness is a smallest example of an anomaly: the few ops that cannot all have
// happened as recorded. Ops are named by the index of their completion, or of
// their invocation where there is none.
type Witness struct {
	Ops    []int   `json:"ops"`
	Key    string  `json:"key,omitempty"`
	Steps  []Step  `json:"steps,omitempty"`
	Events []Event `json:"events,omitempty"` // what a witness from a trace rests on, in the order of time
	Reads  []Read  `json:"reads,omitempty"`  // of incompatible-order: every list that was read of the key, the longest first
	Text   string  `json:"text"`             // the same in words
}

// Event is a line of a trace about the protocol of a node, with the fields of
// docs/trace-format.md. A reader finds the messages around it in the trace by time
// and node.
type Event struct {
	At     int64  `json:"t"` // ns since the start of the run
	Node   string `json:"node"`
	Group  string `json:"group,omitempty"` // whose log it is, where nodes are part of several
	Step   string `json:"step"`
	Term   uint64 `json:"term,omitempty"`
	Index  uint64 `json:"index,omitempty"`
	Digest string `json:"digest,omitempty"`
	Peer   string `json:"peer,omitempty"` // another node, or several
	// Of the steps of transactions.
	Txn     string `json:"txn,omitempty"`
	Outcome string `json:"outcome,omitempty"` // commit or abort
}

// Read is a value that was read of an object.
type Read struct {
	Op     int    `json:"op"`     // that read it first
	Count  int    `json:"count"`  // how many did
	Prefix bool   `json:"prefix"` // whether it is a prefix of the longest one
	Value  string `json:"value"`
}

// Step is one edge of a witness: why op From comes before op To.
type Step struct {
	From int    `json:"from"`
	To   int    `json:"to"`
	Edge string `json:"edge"` // ww, wr, rw, realtime, process…
	Key  string `json:"key,omitempty"`
	Why  string `json:"why"`
}

// Add counts a witness under its anomaly type and keeps it while there are fewer
// than most.
func (r *Result) Add(kind string, w Witness, most int) {
	for i := range r.Anomalies {
		if a := &r.Anomalies[i]; a.Type == kind {
			a.Count++
			if len(a.Witnesses) < most {
				a.Witnesses = append(a.Witnesses, w)
			}
			r.Verdict = Invalid
			return
		}
	}
	r.Anomalies = append(r.Anomalies, Anomaly{Type: kind, Count: 1, Witnesses: []Witness{w}})
	r.Verdict = Invalid
}

// AnomalyTypes returns the sorted, distinct types of all anomalies in results.
func AnomalyTypes(results []Result) []string {
	seen := map[string]bool{}
	types := []string{}
	for _, r := range results {
		for _, a := range r.Anomalies {
			if !seen[a.Type] {
				seen[a.Type] = true
				types = append(types, a.Type)
			}
		}
	}
	sort.Strings(types)
	return types
}
