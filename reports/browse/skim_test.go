package browse

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"checker/check"
)

func TestSkim(t *testing.T) {
	drop := func(depth int, name string) bool { return name == "x" || depth == 2 && name == "y" }
	for in, want := range map[string]string{
		` { "a" : 1 , "x" : [ 1, {"y":"}"} ] , "b" : "q\"\\" } `: `{"a":1,"b":"q\"\\"}`,
		`{"x":1}`:                     `{}`,
		`{"x":1,"a":[],"x":2}`:        `{"a":[]}`,
		`{"y":{"y":1,"z":[{"y":2}]}}`: `{"y":{"z":[{"y":2}]}}`,
		`[{"x":1},{"y":true}]`:        `[{},{"y":true}]`,
		` null `:                      `null`,
		`"\\"`:                        `"\\"`,
		`{"a":1,}`:                    `{"a":1,}`,
		`{"a" 1}`:                     `{"a" 1}`,
		`[1,]`:                        `[1,]`,
		`{"x":"`:                      `{"x":"`,
		`{"a":1} {"x":2}`:             `{"a":1} {"x":2}`,
		``:                            ``,
		strings.Repeat("[", 5000):     strings.Repeat("[", 5000),
		`{"x":"` + "\\" + `"`:         `{"x":"` + "\\" + `"`,
	} {
		if got := string(skim([]byte(in), drop)); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

// TestListNeedsNoMore: the row of a run is the same whether its verdict is decoded
// whole or skimmed, for each of the documents that the tests of the store have.
func TestListNeedsNoMore(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(fill(t, 6), "name", "*", "verdict.json"))
	if err != nil || len(paths) != 6 {
		t.Fatal(paths, err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var whole, skimmed check.Document
		if err := json.Unmarshal(text, &whole); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(skim(text, notListed), &skimmed); err != nil {
			t.Fatal(err)
		}
		if whole.Verdict == check.Invalid && len(skim(text, notListed)) > len(text)/4 {
			t.Errorf("%s: hardly anything is skipped", path)
		}
		if signature(whole) != signature(skimmed) || whole.Summary != skimmed.Summary || whole.Verdict != skimmed.Verdict ||
			!reflect.DeepEqual(whole.AnomalyTypes, skimmed.AnomalyTypes) || !reflect.DeepEqual(whole.Evidence, skimmed.Evidence) {
			t.Errorf("%s: skimmed to %+v, want %+v", path, skimmed, whole)
		}
	}
}

// FuzzSkim: whatever JSON says, it says still when nothing is dropped, and what is
// no JSON is none afterwards.
func FuzzSkim(f *testing.F) {
	for _, seed := range []string{`{"a":[1,-2.5e3,"\u0041\"",{"b":null}],"c":{}}`, `[`, `{"a":1,}`, `"\`, `{"a":}`, `[1 2]`, `tru`, `{"":""}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var before, after any
		err := json.Unmarshal(text, &before)
		if errAfter := json.Unmarshal(skim(text, func(int, string) bool { return false }), &after); (err == nil) != (errAfter == nil) || !reflect.DeepEqual(before, after) {
			t.Errorf("%q: %v, %v, skimmed %v, %v", text, before, err, after, errAfter)
		}
		skim(text, func(depth int, name string) bool { return depth%2 == 0 || name == "a" })
	})
}
