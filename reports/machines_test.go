package reports

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
)

// TestPerfettoTracksDoNotOverlap: viewers ask that the slices of a track follow
// each other, and every op, fault and reign is there.
func TestPerfettoTracksDoNotOverlap(t *testing.T) {
	for _, name := range []string{"told", "hostile", "nothing", "cycle"} {
		in := small[name](t)
		var b bytes.Buffer
		if err := Perfetto(&b, in); err != nil {
			t.Fatal(err)
		}
		var doc struct {
			TraceEvents []struct {
				Name, Ph string
				Ts, Dur  float64
				Pid, Tid int
			}
		}
		if err := json.Unmarshal(b.Bytes(), &doc); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, b.String())
		}
		kinds, last := map[string]int{}, map[string]float64{}
		for _, e := range doc.TraceEvents {
			kinds[e.Ph]++
			track := fmt.Sprint(e.Pid, e.Tid)
			if e.Ph == "X" && (e.Ts < last[track] || e.Dur < 0) {
				t.Errorf("%s: %s of track %s begins at %v, before %v", name, e.Name, track, e.Ts, last[track])
			}
			if e.Ph == "X" {
				last[track] = e.Ts + e.Dur
			}
		}
		if name == "told" && (kinds["X"] != 6+2 || kinds["b"] != 2 || kinds["e"] != 2 || kinds["i"] != 2) {
			t.Errorf("events by phase: %v", kinds)
		}
	}
}

// TestDrawingsStandAlone: each is XML on its own, with its style, and nothing
// foreign gets out of its text.
func TestDrawingsStandAlone(t *testing.T) {
	var names []string
	for _, kind := range []string{"told", "hostile", "cycle", "split"} {
		drawings, err := Drawings(small[kind](t))
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range drawings {
			names = append(names, d.Name)
			for dec := xml.NewDecoder(strings.NewReader(d.SVG)); ; {
				token, err := dec.Token()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatalf("%s: %v", d.Name, err)
				}
				if e, ok := token.(xml.StartElement); ok && (e.Name.Local == "script" || e.Name.Local == "img") {
					t.Errorf("%s: has an element %s", d.Name, e.Name.Local)
				}
			}
			if !strings.Contains(d.SVG, "--invalid:") || !strings.Contains(d.SVG, ".drawing text") {
				t.Errorf("%s: has no style", d.Name)
			}
		}
	}
	if slices.ContainsFunc(names, func(n string) bool { return strings.ContainsAny(n, "/\\<>\"' ") }) || !slices.Contains(names, "stale-read-1.svg") {
		t.Errorf("names %q", names)
	}
}
