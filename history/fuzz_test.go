package history

import (
	"bytes"
	"errors"
	"testing"
)

// fuzzReader checks that reading anything ends in a history or a *ParseError,
// and that a history comes back from what is written of it.
func fuzzReader(f *testing.F, format Format, seeds ...string) {
	for _, seed := range seeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if _, err := Read(bytes.NewReader(text), "fuzz", ReadOptions{}); err != nil && !isParseError(err) {
			t.Fatalf("error %T: %v", err, err)
		}
		h, err := Read(bytes.NewReader(text), "fuzz", ReadOptions{Format: format})
		if err != nil {
			if !isParseError(err) {
				t.Fatalf("error %T: %v", err, err)
			}
			return
		}
		lines := write(t, h, JSONL)
		if got := write(t, read(t, lines), JSONL); got != lines {
			t.Fatalf("JSON Lines changed\nfrom %s\nto   %s", lines, got)
		}
		if got := write(t, read(t, write(t, h, EDN)), JSONL); got != lines {
			t.Fatalf("by way of EDN, JSON Lines changed\nfrom %s\nto   %s", lines, got)
		}
		if torn, err := Read(bytes.NewReader(text), "fuzz", ReadOptions{Format: format, AllowTruncated: true}); err != nil || torn.Len() != h.Len() {
			t.Fatalf("allowing truncation lost ops, or failed with %v", err)
		}
	})
}

func isParseError(err error) bool {
	var e *ParseError
	return errors.As(err, &e) && e.Line > 0 && e.Col > 0 && e.Msg != ""
}

func FuzzEDN(f *testing.F) {
	fuzzReader(f, EDN,
		"{:type :invoke, :f :read, :value nil, :process 0, :time 10, :index 0}\n{:type :ok :f :read :value 5 :process 0}",
		"[#op{:type :invoke :f :txn :value [[:append 5 1] [:r :x [1 2]] [:r \"k\" nil]]} #_ 5 ; c\n]",
		"({:type :info :process :nemesis :f :kill :value {:a #{1 \\a \"\\u00e9\\n\"} 2.5 #t (nil true -3N)} :x ##NaN})",
		"{:type :invoke :value [1 2 [3 [[:w 4 5] [:r 6]]] 99999999999]}",
	)
}

func FuzzJSON(f *testing.F) {
	fuzzReader(f, JSONL,
		`{"index":0,"time":1,"process":0,"type":"invoke","f":"txn","value":[["append",5,1],["r",":x",[1,2]]],"node":"n1"}`+"\n"+`{"type":"ok","process":0}`,
		`[{"type":"invoke","value":{"0":100,":k":[1.5,-2,true,null,"\u00e9\udcff"]}},{"type":"info","process":"nemesis"}]`,
		`{"type":"invoke","value":[{"#set":[1]},{"#list":[]},{"#map":[[1,2]]},{"#tag":["t",1]},{"#float":"NaN"},{"##a":1}]}`,
	)
}

func FuzzKnossosLog(f *testing.F) {
	fuzzReader(f, KnossosLog, "INFO  jepsen.util - 0\t:invoke\t:write\t1\nnoise\nINFO  jepsen.util - 0\t:info\t:write\t:timed-out\nINFO  jepsen.util - 1\t:invoke\t:cas\t[1 2]")
}

func FuzzPorcupineKV(f *testing.F) {
	fuzzReader(f, PorcupineKV, "{:process 9, :type :invoke, :f :append, :key \"0\", :value \"x 9 0 y\"}\n{:process 9, :type :ok, :f :append, :key \"0\", :value [1 2]}")
}

func FuzzAWDIT(f *testing.F) {
	fuzzReader(f, AWDIT, "w 0 0\nr 0 1\n-----\nw 1 5\n=====\nr 0 0\n")
}

func FuzzIsolationText(f *testing.F) {
	fuzzReader(f, IsolationText, "w(0,1,1,1)\nr(0,2,1,1)\nw(0,2,2,1)")
}
