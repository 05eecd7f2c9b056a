package reports

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	cdpage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"checker/check"
	"checker/history"
)

// noteDrawn notes when the timeline has been drawn, in ms since the navigation
// began: the frame after the one that draws begins once that is on the screen.
const noteDrawn = `(() => {
  let drawn = false;
  const look = () => {
    if (drawn) { window.drawnAfter = performance.now(); return; }
    drawn = !!document.getElementById("timeline-span")?.textContent;
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})()`

// measureFrames defines a function that presses keys in turn, one a frame, and
// returns the median, the 95th percentile and the worst of two times in ms: of
// frames, as requestAnimationFrame spaces them, whatever takes that long, and of the
// page's drawing in them. The browser begins a frame every 16.7 ms at most.
const measureFrames = `(() => {
  const draw = TimelinePicture.prototype.draw;
  let script = 0;
  TimelinePicture.prototype.draw = function () {
    const began = performance.now();
    window.moved = this;
    draw.call(this);
    script += performance.now() - began;
  };
  const summary = (times) => {
    times.sort((a, b) => a - b);
    return [0.5, 0.95, 1].map((part) => times[Math.ceil(part * times.length) - 1]);
  };
  window.frames = async (keys, rounds) => {
    const canvas = document.getElementById("timeline-canvas"), all = [], ours = [];
    let before = await new Promise(requestAnimationFrame);
    for (let i = 0; i < keys.length * rounds; i++) {
      canvas.dispatchEvent(new KeyboardEvent("keydown", { key: keys[i % keys.length] }));
      script = 0;
      const now = await new Promise(requestAnimationFrame);
      all.push(now - before);
      ours.push(script);
      before = now;
    }
    window.measured = JSON.stringify([...summary(all.slice(1)), ...summary(ours.slice(1))]);
  };
})()`

// frameTimes are of one way to move, in ms.
type frameTimes [6]float64

func (f frameTimes) String() string {
	return fmt.Sprintf("%5.1f %5.1f %5.1f (script %4.1f %4.1f %4.1f)", f[0], f[1], f[2], f[3], f[4], f[5])
}

// frames presses keys, over and over.
func (b *browser) frames(t *testing.T, keys string, rounds int) frameTimes {
	t.Helper()
	b.eval(t, fmt.Sprintf(`(() => { window.measured = ""; window.frames(%q, %d); })()`, keys, rounds))
	b.await(t, `window.measured !== ""`)
	var times frameTimes
	if err := json.Unmarshal([]byte(b.eval(t, `window.measured`)), &times); err != nil {
		t.Fatal(err)
	}
	return times
}

// TestBrowserTakesManyOps: a long run opens and can be moved. Times are printed,
// and their bounds generous, since the machine does other things too; the number of
// ops is CHECKER_BROWSER_OPS, and with it, there are more frames.
func TestBrowserTakesManyOps(t *testing.T) {
	n, rounds := 100_000, 1
	if text := os.Getenv("CHECKER_BROWSER_OPS"); text != "" {
		rounds = 6
		if _, err := fmt.Sscan(text, &n); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct{ name, by string }{{"even", "key"}, {"rough", "node"}} {
		t.Run(test.name, func(t *testing.T) {
			h := bigHistory(t, n)
			if test.name == "rough" {
				h = roughHistory(t, n, 50)
			}
			page := htmlOf(t, Input{Title: "big", History: h, Document: check.NewDocument(nil, check.Evidence{})})
			t.Logf("%d rows, a page of %.1f MB", h.Len(), float64(len(page))/1e6)
			h = nil
			runtime.GC() // it would take its time from the browser
			b := newBrowser(t)
			b.openTimed(t, page)
			b.moveAtLevels(t, rounds)
			b.choose(t, "timeline-by", test.by)
			t.Logf("by %s:", test.by)
			b.moveAtLevels(t, rounds)
			b.clean(t)
		})
	}
}

// openTimed opens a page and logs when its timeline was drawn.
func (b *browser) openTimed(t *testing.T, page string) {
	t.Helper()
	script := cdpage.AddScriptToEvaluateOnNewDocumentParams{Source: noteDrawn}
	if _, err := chromedp.Call(b, cdpage.AddScriptToEvaluateOnNewDocument, script); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(path, []byte(page), 0o644); err != nil {
		t.Fatal(err)
	}
	b.do(t, chromedp.Navigate("file://"+path))
	b.await(t, `window.drawnAfter > 0`)
	var after float64
	if err := json.Unmarshal([]byte(b.eval(t, `window.drawnAfter`)), &after); err != nil {
		t.Fatal(err)
	}
	t.Logf("drawn %.0f ms after the navigation began", after)
	if after > 20_000 {
		t.Errorf("drawn after %.0f ms", after)
	}
	b.watch(t)
}

// watch makes the timeline of the page known, and its frames can be measured.
func (b *browser) watch(t *testing.T) {
	t.Helper()
	b.eval(t, measureFrames)
	b.press(t, "Escape") // draws
	b.await(t, `!!window.moved`)
}

// moveAtLevels pans and zooms with more and less of the run in view and logs how
// long frames take.
func (b *browser) moveAtLevels(t *testing.T, rounds int) {
	t.Helper()
	t.Logf("%-18s %-38s %s", "ms per frame:", "panned: median, 95 %, worst", "zoomed: the same")
	for _, part := range []float64{1, 0.1, 0.001, 0.00002} {
		b.eval(t, fmt.Sprintf(`(() => { const t = window.moved, from = t.end * 0.4 * (1 - %[1]v); t.show(from, from + t.end * %[1]v); })()`, part))
		panned, zoomed := b.frames(t, "dddddaaaaa", rounds), b.frames(t, "wwwsss", 2*rounds)
		t.Logf("%-18s %v  %v", fmt.Sprintf("%g of the run", part), panned, zoomed)
		if panned[0] > 1000 || zoomed[0] > 1000 {
			t.Errorf("a frame takes a second")
		}
	}
}

// sumsUp draws views of the run once from blocks of bars that are summed up and
// once from every bar. It returns in how many views the pictures, or what is found
// at 300 places, differ, and how many marks and bars either way laid.
const sumsUp = `(() => {
  const t = window.moved, put = Raster.prototype.put, laid = [0, 0];
  let how = 0, different = 0, random = 1;
  Raster.prototype.put = function (...bits) { laid[how]++; put.apply(this, bits); };
  const next = () => (random = random * 48271 % 2147483647) / 2147483647;
  const seen = (places) => {
    t.draw();
    return [t.raster.pixels.slice(), Int32Array.from(places, (place) => t.lanes.lastAt(...place))];
  };
  for (let view = 0; view < 24; view++) {
    const width = t.end * Math.pow(0.5, view), from = next() * (t.end - width);
    t.show(from, from + width);
    const places = Array.from({ length: 300 }, () => {
      const lane = Math.floor(next() * t.lanes.names.length), at = from + next() * width;
      return [lane, at, at + width / 500];
    });
    how = 0;
    const blocks = seen(places), levels = t.lanes.levels;
    how = 1;
    t.lanes.levels = [];
    if (seen(places).some((numbers, k) => numbers.some((n, at) => n !== blocks[k][at]))) different++;
    t.lanes.levels = levels;
  }
  Raster.prototype.put = put;
  return [different, ...laid].join(" ");
})()`

// TestBrowserSumsUpExactly: a picture that does not look at every bar is the same,
// pixel by pixel, as one that does, also with a filter and on other lanes.
func TestBrowserSumsUpExactly(t *testing.T) {
	b := newBrowser(t)
	b.open(t, Input{Title: "big", History: roughHistory(t, 60_000, 2), Document: check.NewDocument(nil, check.Evidence{})}, "")
	b.do(t, chromedp.EmulateViewport(390, 800)) // a pixel has hundreds of ops, so that large blocks are summed up, too
	b.watch(t)
	for _, test := range []struct {
		by, filter string
		some       bool
	}{{"node", "", true}, {"node", "f:write process:3", true}, {"node", "nobody", false}, {"thread", "type:fail", true}, {"thread", "", true}} {
		b.choose(t, "timeline-by", test.by)
		b.eval(t, fmt.Sprintf(`(() => { const f = document.getElementById("timeline-filter"); f.value = %q; f.dispatchEvent(new Event("input")); })()`, test.filter))
		b.sumsUp(t, test.some)
	}
	b.eval(t, `(() => { const t = window.moved; t.data.bars.lane.fill(0); t.arrange("thread"); t.resize(); })()`) // ops overlap
	b.sumsUp(t, true)
	b.clean(t)
}

func (b *browser) sumsUp(t *testing.T, some bool) {
	t.Helper()
	var different, few, all int
	if _, err := fmt.Sscan(b.eval(t, sumsUp), &different, &few, &all); err != nil {
		t.Fatal(err)
	}
	if different > 0 || few > all/3 || some != (all > 0) {
		t.Errorf("%d views differ; laid %d marks and bars of %d", different, few, all)
	}
}

// hoverPicked points at the op that was picked and returns whether the lanes were
// scrolled, whether the op is in the box, whether the picture shows anything there, and
// which op the tip names.
const hoverPicked = `(() => {
  const t = window.moved, box = t.canvas.getBoundingClientRect(), x = t.xOf(t.startAt[t.picked]) + 2;
  const y = t.top + (t.pickedOn[0] + 0.5) * t.laneHeight - t.box.scrollTop;
  t.canvas.dispatchEvent(new PointerEvent("pointermove", { clientX: box.left + x, clientY: box.top + y }));
  const painted = t.raster.pixels[Math.floor(y * t.scale) * t.raster.codes.length + Math.floor((x - t.left) * t.scale)] !== 0;
  return [t.box.scrollTop > 0, y > 0 && y < box.height, painted, document.getElementById("timeline-tip").textContent.split(" ")[0]].join(" ");
})()`

// TestBrowserScrollsLanes: of many lanes only those in the box are drawn, an op on a
// lane far down is scrolled to, and is where the picture shows it; on paper, all
// lanes are.
func TestBrowserScrollsLanes(t *testing.T) {
	b := newBrowser(t)
	b.open(t, Input{Title: "big", History: bigHistory(t, 2000), Document: check.NewDocument(nil, check.Evidence{})}, "#by=key")
	b.watch(t)
	b.eval(t, `window.last = window.moved.index[window.moved.lanes.bar.at(-1)]`)
	b.eval(t, `(() => { const f = document.getElementById("timeline-find"); f.value = window.last; f.dispatchEvent(new Event("change")); })()`)
	b.await(t, hoverPicked+` === "true true true #" + window.last`)
	for _, test := range []struct {
		event string
		whole string
	}{{"beforeprint", "true"}, {"afterprint", "false"}} {
		b.eval(t, fmt.Sprintf(`dispatchEvent(new Event(%q))`, test.event))
		if got := b.eval(t, `window.moved.canvas.getBoundingClientRect().height >= window.moved.top + 100 * window.moved.laneHeight`); got != test.whole {
			t.Errorf("%s: all lanes are drawn: %s", test.event, got)
		}
	}
	b.clean(t)
}

// roughHistory has about so many ops of clients of one register under faults: some
// fail, some time out, and some never come back. Most of their texts differ.
func roughHistory(t testing.TB, ops, clients int) *history.History {
	c := newCluster(1, clients, int64(ops)*7_900_000/int64(clients))
	c.single = true
	c.schedule()
	c.run(4e6)
	lost := 0
	for i := range c.ops {
		if op := &c.ops[i]; op.outcome == history.Info {
			lost++
			op.never = op.never || lost%10 == 0
		}
	}
	return c.history(t)
}
