package reports

import (
	"bytes"
	"fmt"
	"image"
	_ "image/png"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	cdpage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// press sends a key to the timeline.
func (b *browser) press(t *testing.T, key string) {
	t.Helper()
	b.eval(t, fmt.Sprintf(`document.getElementById("timeline-canvas").dispatchEvent(new KeyboardEvent("keydown", { key: %q }))`, key))
}

// choose selects an entry of a list.
func (b *browser) choose(t *testing.T, id, value string) {
	t.Helper()
	b.eval(t, fmt.Sprintf(`(() => { const s = document.getElementById(%q); s.value = %q; s.dispatchEvent(new Event("change")); })()`, id, value))
}

// spanShown is the part of the run that the timeline says it shows.
const spanShown = `document.getElementById("timeline-span").textContent`

// shownSpan waits until the timeline shows another part than before.
func (b *browser) shownSpan(t *testing.T, before string) string {
	t.Helper()
	b.await(t, fmt.Sprintf(`%s !== %q`, spanShown, before))
	return b.eval(t, spanShown)
}

// lanesTold points at every lane of the timeline and returns which ops are told of
// on which lane.
const lanesTold = `(() => {
  const canvas = document.getElementById("timeline-canvas"), box = canvas.getBoundingClientRect(), tip = document.getElementById("timeline-tip"), told = new Set();
  for (let y = 5; y < box.height; y += 13) for (let x = 110; x < box.width; x += 20) {
    canvas.dispatchEvent(new PointerEvent("pointermove", { clientX: box.left + x, clientY: box.top + y }));
    if (!tip.hidden && tip.textContent.startsWith("#")) told.add(tip.textContent.split(" ")[0] + "@" + Math.floor((y - 30) / 26));
  }
  return [...told].sort().join(" ");
})()`

// TestBrowserMovesTheTimeline: the keys, the wheel and the strip below each change
// the part that is shown, and the wheel leaves the page alone until the picture
// has been clicked.
func TestBrowserMovesTheTimeline(t *testing.T) {
	b := newBrowser(t)
	b.open(t, cycleInput(t, 20), "#t=0.5-1")
	at := b.eval(t, spanShown)
	for _, key := range []string{"w", "d", "a", "s", "+", "-", "ArrowRight", "ArrowLeft", "0"} {
		b.press(t, key)
		at = b.shownSpan(t, at)
	}
	if at != "whole run" {
		t.Errorf("0 shows %s", at)
	}
	const wheel = `(() => { const c = document.getElementById("timeline-canvas"), r = c.getBoundingClientRect(), e = new WheelEvent("wheel", { deltaY: -100, clientX: r.left + 500, clientY: r.top + 50, cancelable: true }); c.dispatchEvent(e); return e.defaultPrevented; })()`
	if b.eval(t, wheel) != "false" {
		t.Error("the wheel zooms before the picture was clicked")
	}
	b.eval(t, `(() => { const c = document.getElementById("timeline-canvas"), r = c.getBoundingClientRect(), at = { clientX: r.left + 500, clientY: r.top + 5, pointerId: 1 }; c.setPointerCapture = () => {};
    c.dispatchEvent(new PointerEvent("pointerdown", at)); c.dispatchEvent(new PointerEvent("pointerup", at)); })()`)
	if b.eval(t, wheel) != "true" {
		t.Error("the wheel does not zoom after a click")
	}
	at = b.shownSpan(t, at)
	b.eval(t, `(() => { const m = document.getElementById("timeline-map"), r = m.getBoundingClientRect(); m.setPointerCapture = () => {};
    m.dispatchEvent(new PointerEvent("pointerdown", { clientX: r.right - 20, clientY: r.top + 5, pointerId: 1, buttons: 1 })); })()`)
	b.shownSpan(t, at)
	b.clean(t)
}

// TestBrowserLaysLanes: ops that do not overlap share the lane of a thread, a node
// has its own, and an op of two keys stands on the lanes of both.
func TestBrowserLaysLanes(t *testing.T) {
	b := newBrowser(t)
	b.open(t, cycleInput(t, 3), "")
	b.press(t, "0")
	b.await(t, spanShown+` === "whole run"`)
	for _, test := range []struct{ by, want string }{{"thread", "#1@0 #3@0 #5@0"}, {"node", "#1@0 #3@1 #5@2"}, {"key", "#1@0 #1@1 #3@1 #3@2 #5@0 #5@2"}} {
		if test.by != "thread" {
			b.choose(t, "timeline-by", test.by)
		}
		if got := b.eval(t, lanesTold); got != test.want {
			t.Errorf("by %s: %s, want %s", test.by, got, test.want)
		}
	}
	b.clean(t)
}

// TestBrowserFilters: each field of the filter, and any text, leaves the ops that
// have it, in the picture's count and in the table.
func TestBrowserFilters(t *testing.T) {
	b := newBrowser(t)
	b.open(t, smallInvalid(t), "")
	b.press(t, "0")
	b.await(t, spanShown+` === "whole run"`)
	b.eval(t, `document.getElementById("timeline-table").open = true`)
	for filter, want := range map[string]string{"f:write": "4 of 6", "type:fail": "1 of 6", "process:0": "2 of 6", "node:n2": "2 of 6", "key:3": "1 of 6", "no-leader": "1 of 6", "f:write node:n1": "2 of 6", "nobody": "0 of 6"} {
		b.eval(t, fmt.Sprintf(`(() => { const f = document.getElementById("timeline-filter"); f.value = %q; f.dispatchEvent(new Event("input")); })()`, filter))
		if got := b.eval(t, `document.getElementById("timeline-matching").textContent`); got != want {
			t.Errorf("%s: %s, want %s", filter, got, want)
		}
		b.await(t, fmt.Sprintf(`document.querySelectorAll("#timeline-table tbody tr").length === %s`, strings.Fields(want)[0]))
	}
	b.clean(t)
}

// clearOfTag asks what room is left for a text beside the index of a witness: behind
// it, before it, and where the index is out of view.
const clearOfTag = `(() => {
  const t = window.moved, lane = t.lanes.witness.findIndex((bars) => bars.length > 0), i = t.lanes.witness[lane][0];
  t.lanes.witness[lane] = [i];
  const took = t.endAt[i] - t.startAt[i];
  t.show(t.startAt[i] - 10 * took, t.endAt[i] + 10 * took);
  const tag = t.tag(i), room = (from, to) => ({ lane, bar: i, from, to });
  const behind = room(t.endAt[i], t.to), before = room(t.from, t.to);
  let written = 0;
  t.label = (text, x) => { written = x; };
  t.drawBarText(behind, t.top);
  delete t.label;
  const told = [written - tag.x - tag.width, t.clear(before).x + t.clear(before).width - tag.x];
  t.show(t.endAt[i] + took / 100, t.endAt[i] + 10 * took);
  return [...told, t.clear(behind).x - t.room(behind).x].map(Math.round).join(" ");
})()`

// TestBrowserKeepsTextsApart: what is written on a bar keeps clear of the index of
// a witness, of one that is shown.
func TestBrowserKeepsTextsApart(t *testing.T) {
	b := newBrowser(t)
	b.open(t, cycleInput(t, 20), "")
	b.watch(t)
	if got := b.eval(t, clearOfTag); got != "5 0 0" {
		t.Errorf("%s pixels apart", got)
	}
	b.clean(t)
}

// TestBrowserRestoresLinks: the address that a view leaves behind shows the same
// view again, and each of its parts does what it names.
func TestBrowserRestoresLinks(t *testing.T) {
	b := newBrowser(t)
	in := cycleInput(t, 20)
	b.open(t, in, "#op=21")
	b.choose(t, "timeline-by", "node")
	b.press(t, "w")
	b.await(t, `/^#op=21&t=[\d.]+-[\d.]+&by=node$/.test(location.hash)`)
	span, hash := b.eval(t, spanShown), b.eval(t, `location.hash`)
	b.open(t, in, hash)
	if got := b.eval(t, spanShown); got != span {
		t.Errorf("%s shows %s, want %s", hash, got, span)
	}
	if got := b.eval(t, `document.getElementById("timeline-by").value`); got != "node" {
		t.Errorf("%s shows lanes by %s", hash, got)
	}
	b.press(t, "d") // what was picked goes on into the next address
	b.await(t, `location.hash.startsWith("#op=21&") && location.hash !== "`+hash+`"`)
	b.clean(t)

	two := smallInvalid(t)
	check := &two.Document.Checks[0]
	check.Anomalies[0].Witnesses = append(check.Anomalies[0].Witnesses, check.Anomalies[0].Witnesses[0])
	b.open(t, two, "#a=witness-1-2")
	if got := b.eval(t, `document.getElementById("witness-1-2").open + " " + document.getElementById("timeline-witness").value`); got != "true witness-1-2" {
		t.Errorf("#a=witness-1-2 opens and chooses %s", got)
	}
	b.eval(t, `document.querySelector("#witness-1-1 a.here").click()`)
	b.await(t, `document.getElementById("timeline-witness").value === "witness-1-1"`)
	b.clean(t)
}

// TestBrowserIsReachableByKeys: Tab comes to every edge, control and region that
// scrolls, and Enter on an edge leads to its sentence.
func TestBrowserIsReachableByKeys(t *testing.T) {
	b := newBrowser(t)
	b.open(t, cycleInput(t, 3), "")
	const wanted = `[...document.querySelectorAll("a.edge, nav a, button, select, input, summary, canvas[tabindex], [role=region], a[data-op], a[data-witness]")].filter((e) => e.checkVisibility())`
	b.eval(t, `document.addEventListener("focusin", (e) => { e.target.reached = true; })`)
	for range 80 {
		b.do(t, chromedp.KeyEvent("\t"))
	}
	if left := b.eval(t, wanted+`.filter((e) => !e.reached).map((e) => e.outerHTML.slice(0, 90)).join("; ")`); left != "" {
		t.Errorf("Tab does not come to %s", left)
	}
	b.eval(t, `document.querySelectorAll("a.edge")[1].focus()`)
	b.do(t, chromedp.KeyEvent("\r"))
	b.await(t, `document.querySelector("li:target")?.textContent.includes("T2 did not observe T3")`)
	b.clean(t)
}

// TestBrowserHasATableForEachPicture: whatever a picture shows can be read in a
// table or a list of the same length.
func TestBrowserHasATableForEachPicture(t *testing.T) {
	b := newBrowser(t)
	for _, name := range []string{"told", "cycle", "folded", "split", "lost", "undecided"} {
		b.open(t, small[name](t), "")
		b.eval(t, `document.querySelectorAll("details").forEach((d) => { d.open = true; })`)
		if told := b.eval(t, picturesWithout); told != "" {
			t.Errorf("%s: %s", name, told)
		}
		if small[name](t).History != nil {
			b.press(t, "0")
			b.await(t, spanShown+` === "whole run"`)
			b.await(t, `document.querySelectorAll("#timeline-table tbody tr").length === Number(document.querySelector("#timeline .caption").textContent.match(/([\d,]+) bars?\./)[1])`)
		}
		b.clean(t)
	}
}

// picturesWithout names the pictures whose table or list is not there or too short.
const picturesWithout = `(() => {
  const missing = [], rows = (label) => document.querySelectorAll('[aria-label="' + label + '"] tbody tr').length;
  for (const w of document.querySelectorAll(".witness")) {
    const steps = w.querySelectorAll(".steps li").length, ops = w.querySelectorAll("table.ops tbody tr").length, events = w.querySelectorAll('[aria-label="Events of the witness"] tbody tr').length;
    if (w.querySelectorAll("a.edge").length > steps) missing.push("edges of " + w.id);
    if (w.querySelectorAll(".box:not(.fold), .bar").length > ops) missing.push("ops of " + w.id);
    if (w.querySelectorAll(".event").length !== events) missing.push("events of " + w.id);
  }
  const heads = [...document.querySelectorAll('[aria-label="Numbers over time"] th')].map((e) => e.textContent).join("|");
  for (const figure of document.querySelectorAll(".chart")) {
    const title = figure.querySelector("figcaption").textContent;
    const twin = title.startsWith("faults in force") ? rows("Every fault") : title.startsWith("leader") ? rows("Leaders") : title.startsWith("clock") ? rows("Clock readings") :
      title.startsWith("latency") ? heads.includes("median|95 %|99 %|longest") : title.startsWith("ops in flight") ? heads.includes("in flight") :
      title.startsWith("participants") ? heads.includes("in doubt") : heads.includes("ok|info|fail");
    if (!twin) missing.push("chart " + title);
  }
  for (const lattice of document.querySelectorAll("svg.lattice")) {
    const table = document.querySelector(".checks").textContent;
    for (const model of lattice.querySelectorAll("g text")) if (!table.includes(model.textContent.replace(/^[^a-z]*|( \(asked for\))$/g, ""))) missing.push("model " + model.textContent);
  }
  for (const s of document.querySelectorAll(".spacetime")) {
    const lines = document.querySelectorAll("#" + s.dataset.table + " tbody tr").length;
    if (s.querySelectorAll(".arrow, .point").length !== lines) missing.push("messages " + s.dataset.table);
  }
  return missing.join("; ");
})()`

// TestBrowserPrintsAllOfIt: on paper a dark screen's report is light, and what was
// folded is open while it is printed and folded again afterwards.
func TestBrowserPrintsAllOfIt(t *testing.T) {
	b := newBrowser(t)
	b.open(t, small["told"](t), "")
	dark := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}
	for _, test := range []struct {
		media string
		light bool
	}{{"screen", false}, {"print", true}} {
		if _, err := chromedp.Call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: test.media, Features: dark}); err != nil {
			t.Fatal(err)
		}
		if got := b.brightness(t); (got > 0.85) != test.light || (got < 0.3) == test.light {
			t.Errorf("on a %s in the dark the page is %.2f bright", test.media, got)
		}
		if low := b.eval(t, contrast); low != "" {
			t.Errorf("%s: too little contrast: %s", test.media, low)
		}
	}
	b.eval(t, `addEventListener("beforeprint", () => { window.printed = document.querySelectorAll("details:not([open])").length; })`)
	folded := b.eval(t, `document.querySelectorAll("details:not([open])").length`)
	pdf, err := chromedp.Run(b, chromedp.PrintToPDF())
	if err != nil {
		t.Fatal(err)
	}
	if got := b.eval(t, `window.printed`); got != "0" {
		t.Errorf("folded while it is printed: %s", got)
	}
	if got := b.eval(t, `document.querySelectorAll("details:not([open])").length`); got != folded || folded == "0" {
		t.Errorf("folded afterwards: %s, before: %s", got, folded)
	}
	if pages := len(regexp.MustCompile(`/Type\s*/Page\b`).FindAll(pdf, -1)); !bytes.HasPrefix(pdf, []byte("%PDF-")) || pages < 2 {
		t.Errorf("%d pages: %.20q", pages, pdf)
	}
	b.clean(t)
}

// brightness is how bright what can be seen of the page is, from 0 to 1.
func (b *browser) brightness(t *testing.T) float64 {
	t.Helper()
	shot, err := chromedp.Call(b, cdpage.CaptureScreenshot, cdpage.CaptureScreenshotParams{Format: "png"})
	if err != nil {
		t.Fatal(err)
	}
	picture, _, err := image.Decode(bytes.NewReader(shot.Data))
	if err != nil {
		t.Fatal(err)
	}
	sum, n := 0.0, 0.0
	for y := picture.Bounds().Min.Y; y < picture.Bounds().Max.Y; y += 7 {
		for x := picture.Bounds().Min.X; x < picture.Bounds().Max.X; x += 7 {
			r, g, b, _ := picture.At(x, y).RGBA()
			sum += float64(r+g+b) / (3 * 0xffff)
			n++
		}
	}
	return sum / n
}
