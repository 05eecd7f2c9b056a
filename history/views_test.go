package history

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// mixed has every way in which an operation can end, a fault and a remark.
const mixed = `{:index 10 :time 5 :process 0 :type :invoke :f :read :value [:x nil]}
{:index 11 :time 6 :process 1 :type :invoke :f :write :value [[1 2] 7]}
{:index 12 :time 7 :process :nemesis :type :info :f :kill :value nil}
{:index 13 :time 8 :process 0 :type :ok :f :read :value [:x 3]}
{:index 14 :time 9 :process 1 :type :fail :f :write :value [[1 2] 7]}
{:index 15 :time 12 :process :nemesis :type :info :f :kill :value ["n1"]}
{:index 20 :time 11 :process 1 :type :invoke :f :read :value [[1 2] nil]}
{:index 21 :time 11 :process 2 :type :invoke :f :write :value [:x 9]}
{:index 22 :time 11 :process 1 :type :info :f :read :value nil :error [:timeout 5]}
{:index 23 :time 11 :process :nemesis :type :info :f :start :value nil}
`

func TestPairs(t *testing.T) {
	h := read(t, mixed)
	pairs := h.Pairs()
	if want := []Pair{{0, 3}, {1, 4}, {6, 8}, {7, -1}}; !reflect.DeepEqual(pairs, want) {
		t.Fatalf("pairs %v, want %v", pairs, want)
	}
	var outcomes, witnesses []string
	for _, p := range pairs {
		outcomes = append(outcomes, h.Outcome(p).String())
		witnesses = append(witnesses, fmt.Sprint(h.Witness(p)))
	}
	if got := strings.Join(outcomes, " "); got != "ok fail info info" {
		t.Errorf("outcomes %s", got)
	}
	if got := strings.Join(witnesses, " "); got != "13 14 22 21" {
		t.Errorf("witnesses %s", got)
	}
}

func TestByKey(t *testing.T) {
	h := read(t, mixed)
	keys, groups, ok := h.ByKey(h.Pairs())
	if !ok || len(keys) != 2 {
		t.Fatalf("ok %t, %d keys", ok, len(keys))
	}
	if k := h.Value(keys[0]); !k.Equal(Keyword("x")) {
		t.Errorf("first key %v", k)
	}
	if k := h.Value(keys[1]); !k.Equal(Ints(1, 2)) {
		t.Errorf("second key %v", k)
	}
	if want := [][]Pair{{{0, 3}, {7, -1}}, {{1, 4}, {6, 8}}}; !reflect.DeepEqual(groups, want) {
		t.Errorf("groups %v, want %v", groups, want)
	}
	if v, _ := h.Int(h.Inner(3)); v != 3 {
		t.Errorf("value without its key is %d, want 3", v)
	}
	if !h.Inner(8).IsNil() {
		t.Errorf("the inner value of nil is %v", h.Value(h.Inner(8)))
	}
	plain := read(t, `{:type :invoke :f :read :process 0 :value [1 2]} {:type :invoke :f :read :process 1 :value 5}`)
	if _, _, ok := plain.ByKey(plain.Pairs()); ok {
		t.Error("a value that is no tuple was taken for one")
	}
}

func TestStats(t *testing.T) {
	got := read(t, mixed).Stats()
	want := Stats{
		Ops: 4, Processes: 3, Faults: 2, First: 5, Last: 12,
		ByF: map[string]Counts{"read": {Invoke: 2, Ok: 1, Info: 1}, "write": {Invoke: 2, Fail: 1, Info: 1}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("stats %+v, want %+v", got, want)
	}
	if fs := got.Fs(); !reflect.DeepEqual(fs, []string{"read", "write"}) {
		t.Errorf("functions %v", fs)
	}
}

func TestIndicesOfTheFileAreKept(t *testing.T) {
	for _, test := range []struct{ file, want string }{
		{"0 1 2", "0 1 2"}, {"1 2 3", "1 2 3"}, {"4 7 9", "4 7 9"}, {"- - -", "0 1 2"}, {"- 5 -", "0 5 6"}, {"3 - 9", "3 4 9"},
	} {
		var text, got strings.Builder
		for i, index := range strings.Fields(test.file) {
			fmt.Fprintf(&text, "{:type :invoke :f :read :process %d %s}\n", i, strings.Replace(":index "+index, ":index -", "", 1))
		}
		h := read(t, text.String())
		for i := range h.Len() {
			fmt.Fprintf(&got, " %d", h.Index(i))
		}
		if got.String() != " "+test.want {
			t.Errorf("file has %s, history has%s, want %s", test.file, got.String(), test.want)
		}
	}
}

// An error that is a collection lies behind the value in the heap, and must stay
// when the value turns out to be that of the invocation.
func TestErrorsSurviveSharing(t *testing.T) {
	for _, text := range []string{
		`{:process 0 :type :invoke :f :cas :value [3 2]} {:process 0 :type :fail :f :cas :value [3 2] :error [:aborted [1 2]]}`,
		`{:process 0 :type :invoke :f :cas :value [3 2]} {:process 0 :type :fail :f :cas :error [:aborted [1 2]] :value [3 2]}`,
	} {
		h := read(t, text+` {:process 1 :type :invoke :f :cas :value [7 8 9 "x"]}`)
		if got, want := h.Op(1).Error, Vector(Keyword("aborted"), Ints(1, 2)); !got.Equal(want) {
			t.Errorf("error reads back as %v, want %v", got, want)
		}
	}
}

// A read that returns a transaction puts micro-ops before those of its own, so
// they cannot be taken back.
func TestTransactionsInsideReadsSurviveSharing(t *testing.T) {
	h := read(t, `{:process 0 :type :invoke :f :txn :value [[:r 1 nil] [:w 8 9]]}
{:process 0 :type :ok :f :txn :value [[:r 1 [[:w 2 3] [:r 4 5]]] [:w 8 9]]}
{:process 1 :type :invoke :f :txn :value [[:w 6 7] [:w 6 8] [:w 6 9]]}`)
	want := Vector(Mop("r", Int(1), Vector(Mop("w", Int(2), Int(3)), Mop("r", Int(4), Int(5)))), Mop("w", Int(8), Int(9)))
	if got := h.Op(1).Value; !got.Equal(want) {
		t.Errorf("completion reads back as %v, want %v", got, want)
	}
}

func TestSparseColumn(t *testing.T) {
	var s sparse
	rows := map[int]Ref{0: 5, 5: 6, 9: 7}
	for i := range 12 {
		s.set(i, rows[i])
	}
	for i := range 12 {
		if got := s.at(i); got != rows[i] {
			t.Errorf("row %d has %d, want %d", i, got, rows[i])
		}
	}
}

func TestHistoryWithoutRealTimeSaysSo(t *testing.T) {
	h := read(t, "w 0 1\n=====\nr 0 1\n")
	for _, f := range []Format{JSONL, EDN, JSON} {
		if read(t, write(t, h, f)).HasRealTime() {
			t.Errorf("%s forgets that there is no real time", f)
		}
	}
	if !read(t, mixed).HasRealTime() {
		t.Error("an ordinary history has real time")
	}
}
