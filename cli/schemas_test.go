package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"checker/campaign"
	"checker/check"
	"checker/rundir"
)

// schema is as much of JSON Schema as docs/schemas uses.
type schema struct {
	Ref        string            `json:"$ref"`
	Type       any               `json:"type"` // a name, or several
	Const      any               `json:"const"`
	Enum       []any             `json:"enum"`
	Minimum    *float64          `json:"minimum"`
	Required   []string          `json:"required"`
	Properties map[string]schema `json:"properties"`
	Values     *schema           `json:"additionalProperties"`
	Items      *schema           `json:"items"`
	Defs       map[string]schema `json:"$defs"`
}

func readSchema(t *testing.T, name string) schema {
	t.Helper()
	text, err := os.ReadFile("../docs/schemas/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var s schema
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return s
}

// problems tells where a value is not as the schema says. Stricter than JSON
// Schema, it takes a property that the schema does not have for one.
func (s schema) problems(at string, v any, defs map[string]schema) []string {
	if name, ok := strings.CutPrefix(s.Ref, "#/$defs/"); ok {
		def, known := defs[name]
		if !known {
			return []string{at + ": no definition " + name}
		}
		return def.problems(at, v, defs)
	}
	var all []string
	bad := func(format string, args ...any) { all = append(all, at+": "+fmt.Sprintf(format, args...)) }
	if s.Const != nil && v != s.Const {
		bad("%v, want %v", v, s.Const)
	}
	if s.Enum != nil && !slices.Contains(s.Enum, v) {
		bad("%v is none of %v", v, s.Enum)
	}
	if is := typeOf(v); s.Type != nil && !strings.Contains(fmt.Sprint(s.Type), is) && !(is == "integer" && s.Type == "number") {
		bad("%s, want %v", is, s.Type)
	}
	switch v := v.(type) {
	case float64:
		if s.Minimum != nil && v < *s.Minimum {
			bad("%v is below %v", v, *s.Minimum)
		}
	case []any:
		for i, e := range v {
			all = append(all, s.Items.problems(fmt.Sprintf("%s[%d]", at, i), e, defs)...)
		}
	case map[string]any:
		for _, name := range s.Required {
			if _, there := v[name]; !there {
				bad("%s is missing", name)
			}
		}
		for name, e := range v {
			if p, known := s.Properties[name]; known {
				all = append(all, p.problems(at+"."+name, e, defs)...)
			} else if s.Values != nil {
				all = append(all, s.Values.problems(at+"."+name, e, defs)...)
			} else {
				bad("%s is not in the schema", name)
			}
		}
	}
	return all
}

func typeOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case float64:
		if v == float64(int64(v)) {
			return "integer"
		}
		return "number"
	case []any:
		return "array"
	}
	return "object"
}

// checkDocument compares JSON with a schema.
func checkDocument(t *testing.T, name string, text []byte) {
	t.Helper()
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	s := readSchema(t, name)
	for _, p := range s.problems(name, v, s.Defs) {
		t.Error(p)
	}
}

// TestSchemasKnowRealDocuments: what the program writes is as docs/schemas says.
func TestSchemasKnowRealDocuments(t *testing.T) {
	dir := t.TempDir()
	run := func(args ...string) []byte {
		var out bytes.Buffer
		Main(Default(), append(args, "--out", dir), strings.NewReader(""), &out, io.Discard)
		return out.Bytes()
	}
	for _, args := range [][]string{
		{"run", "--bug", "stale-leader-read", "--seed", "1", "--set", "reads=local", "-c", "linearizable", "--time-limit", "20s", "--json"},
		{"run", "--bug", "decision-told-too-soon", "--seed", "1", "--time-limit", "20s", "--json"},
		{"run", "--seed", "2", "--time-limit", "5s", "--json"},
	} {
		checkDocument(t, "verdict", run(args...))
		for name, file := range map[string]string{"run": rundir.RunFile, "verdict": rundir.VerdictFile} {
			text, err := os.ReadFile(filepath.Join(dir, "latest", file))
			if err != nil {
				t.Fatal(err)
			}
			checkDocument(t, name, text)
		}
	}
	run("campaign", "--name", "c", "--bug", "stale-leader-read", "--seeds", "2", "--time-limit", "10s", "--quiet")
	summaries, err := filepath.Glob(filepath.Join(dir, "c", "summary.json"))
	if err != nil || len(summaries) != 1 {
		t.Fatalf("%v %v", summaries, err)
	}
	text, err := os.ReadFile(summaries[0])
	if err != nil {
		t.Fatal(err)
	}
	checkDocument(t, "campaign-summary", text)
}

// TestSchemasRefuseOthers: a validator that takes everything proves nothing.
func TestSchemasRefuseOthers(t *testing.T) {
	s := readSchema(t, "verdict")
	for _, text := range []string{`{}`, `[]`,
		`{"schema":"checker/verdict/2","verdict":"valid","summary":"","anomaly_types":[],"checks":[],"evidence":{"vacuous":false,"reason":"","ops":{},"faults":{}}}`,
		`{"schema":"checker/verdict/1","verdict":"fine","summary":"","anomaly_types":[],"checks":[],"evidence":{"vacuous":false,"reason":"","ops":{},"faults":{}}}`,
		`{"schema":"checker/verdict/1","verdict":"valid","summary":1,"anomaly_types":[],"checks":[],"evidence":{"vacuous":false,"reason":"","ops":{"read":{"ok":-1,"invoke":0,"fail":0,"info":0}},"faults":{}}}`,
		`{"schema":"checker/verdict/1","verdict":"valid","new":1,"summary":"","anomaly_types":[],"checks":[],"evidence":{"vacuous":false,"reason":"","ops":{},"faults":{}}}`,
	} {
		var v any
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		if len(s.problems("verdict", v, s.Defs)) == 0 {
			t.Errorf("no problem with %s", text)
		}
	}
}

// TestSchemasHaveEveryField: a schema has the fields of its document and no others,
// and asks for those that are always written.
func TestSchemasHaveEveryField(t *testing.T) {
	for name, document := range map[string]any{"verdict": check.Document{}, "run": rundir.Run{}, "campaign-summary": campaign.Summary{}} {
		s := readSchema(t, name)
		compareFields(t, name, s, s.Defs, reflect.TypeOf(document))
	}
}

func compareFields(t *testing.T, at string, s schema, defs map[string]schema, typ reflect.Type) {
	t.Helper()
	if name, ok := strings.CutPrefix(s.Ref, "#/$defs/"); ok {
		s = defs[name]
	}
	switch {
	case typ == reflect.TypeFor[check.Verdict]():
		return
	case typ.Kind() == reflect.Pointer:
		compareFields(t, at, s, defs, typ.Elem())
	case typ.Kind() == reflect.Slice && s.Items != nil:
		compareFields(t, at+"[]", *s.Items, defs, typ.Elem())
	case typ.Kind() == reflect.Map && s.Values != nil:
		compareFields(t, at+".*", *s.Values, defs, typ.Elem())
	case typ.Kind() == reflect.Struct:
		var names, required []string
		for i := range typ.NumField() {
			name, option, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
			names = append(names, name)
			if option == "" {
				required = append(required, name)
			}
			compareFields(t, at+"."+name, s.Properties[name], defs, typ.Field(i).Type)
		}
		for name := range s.Properties {
			if !slices.Contains(names, name) {
				t.Errorf("%s: the schema has a field %s that is not written", at, name)
			}
		}
		for _, name := range names {
			if _, known := s.Properties[name]; !known || slices.Contains(required, name) != slices.Contains(s.Required, name) {
				t.Errorf("%s: the field %s is not in the schema, or required where it may be missing", at, name)
			}
		}
	}
}
