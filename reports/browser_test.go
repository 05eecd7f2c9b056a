package reports

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browser is a tab that notes whatever a page complains of or asks for.
type browser struct {
	context.Context
	mu       sync.Mutex
	problems []string
	requests []string
}

// chromium starts a headless Chromium that all tests share, as starting one takes
// longer than most of them; it is nil where there is none.
var chromium = sync.OnceValue(func() context.Context {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WindowSize(1200, 900))
			allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
			ctx, closeWindow := chromedp.NewContext(allocator)
			closeChromium = func() { closeWindow(); stop() }
			if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
				panic(err)
			}
			return ctx
		}
	}
	return nil
})

var closeChromium = func() {}

func TestMain(m *testing.M) {
	code := m.Run()
	closeChromium()
	os.Exit(code)
}

// newBrowser opens a tab, or skips the test where there is no browser.
func newBrowser(t *testing.T) *browser {
	window := chromium()
	if window == nil {
		t.Skip("no Chromium here: the pages are not opened")
	}
	ctx, closeTab := chromedp.NewContext(window)
	t.Cleanup(closeTab)
	b := &browser{Context: ctx}
	if err := chromedp.Listen(ctx, b.listen); err != nil {
		t.Fatal(err)
	}
	for _, enable := range []func() error{
		func() error { _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); return err },
		func() error { _, err := chromedp.Call(ctx, log.Enable, struct{}{}); return err },
		func() error { _, err := chromedp.Call(ctx, runtime.Enable, struct{}{}); return err },
	} {
		if err := enable(); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

func (b *browser) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
	case *log.EventEntryAdded:
		b.problems = append(b.problems, e.Entry.Text)
	case *runtime.EventExceptionThrown:
		b.problems = append(b.problems, e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		b.problems = append(b.problems, "console."+string(e.Type))
	}
}

func (b *browser) do(t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	ctx, cancel := context.WithTimeout(b, 30*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// eval returns what a piece of script says, as text.
func (b *browser) eval(t *testing.T, script string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(b, 30*time.Second)
	defer cancel()
	result, err := chromedp.Run(ctx, chromedp.Evaluate[string]("String("+script+")"))
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// await evaluates a condition until it holds.
func (b *browser) await(t *testing.T, condition string) {
	t.Helper()
	for range 300 {
		if b.eval(t, condition) == "true" {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%s did not come about", condition)
}

// open shows a report from disk and waits for its timeline.
func (b *browser) open(t *testing.T, in Input, fragment string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(path, []byte(htmlOf(t, in)), 0o644); err != nil {
		t.Fatal(err)
	}
	b.do(t, chromedp.Navigate("file://"+path+fragment))
	if in.History != nil {
		b.await(t, `!document.getElementById("timeline-span") || document.getElementById("timeline-span").textContent !== ""`)
	}
}

// clean fails the test if the page complained, or asked for anything but itself.
func (b *browser) clean(t *testing.T) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.problems {
		t.Errorf("the page complains: %s", p)
	}
	for _, url := range b.requests {
		if !strings.HasPrefix(url, "file://") || !strings.HasSuffix(strings.SplitN(url, "#", 2)[0], "report.html") {
			t.Errorf("the page asks for %.200s", url)
		}
	}
	b.problems, b.requests = nil, nil
}

// tooWide names the elements that make a page wider than a phone.
const tooWide = `document.documentElement.scrollWidth + " pixels: " + [...document.querySelectorAll("body *")].filter((e) =>
  e.clientWidth > 0 && e.scrollWidth > 391 && getComputedStyle(e).overflowX === "visible" && !e.closest(".scroll")).map((e) => e.tagName + "." + e.className).join(" ")`

// TestBrowserOpensEveryKind: every small report opens from disk, without a
// complaint, without a request, and in the width of a phone without cutting off
// what cannot be scrolled to.
func TestBrowserOpensEveryKind(t *testing.T) {
	b := newBrowser(t)
	for _, name := range sortedKeys(small) {
		in := small[name](t)
		b.open(t, in, "")
		want := in.sound().Document.Verdict.String()
		if got := b.eval(t, `document.querySelector("h1").textContent`); !strings.Contains(got, want) {
			t.Errorf("%s: the headline is %q, want %s", name, got, want)
		}
		b.do(t, chromedp.EmulateViewport(390, 800))
		if got := b.eval(t, `document.documentElement.scrollWidth <= 390`); got != "true" {
			t.Errorf("%s: wider than a phone: %s", name, b.eval(t, tooWide))
		}
		b.do(t, chromedp.EmulateViewport(1200, 900))
		b.clean(t)
	}
}

// TestBrowserFollowsAWitness: an edge leads to its sentence, a witness to the
// timeline and an op back to its table; links and the filter show what they name.
func TestBrowserFollowsAWitness(t *testing.T) {
	b := newBrowser(t)
	b.open(t, cycleInput(t, 20), "")
	b.eval(t, `document.querySelectorAll(".witness a.edge")[4].dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }))`)
	if got := b.eval(t, `document.querySelector("li:target").textContent`); !strings.Contains(got, "T5 did not observe T6") {
		t.Errorf("the fifth edge leads to %q", got)
	}
	b.eval(t, `document.querySelector("[data-zoom=all]").click()`)
	b.await(t, `document.getElementById("timeline-span").textContent === "whole run"`)
	b.eval(t, `document.querySelector("tr a[data-op='21']").click()`)
	b.await(t, `document.getElementById("timeline-span").textContent !== "whole run"`)
	b.do(t, chromedp.SendKeys("#timeline-filter", "process:3 type:ok"))
	b.await(t, `document.getElementById("timeline-matching").textContent === "3 of 20"`)
	b.eval(t, `document.getElementById("timeline-filter").value = ""`)
	b.do(t, chromedp.SendKeys("#timeline-filter", "nothing-has-this"))
	b.await(t, `document.getElementById("timeline-matching").textContent === "0 of 20"`)
	b.clean(t)
	b.open(t, cycleInput(t, 20), "#t=0.5-1")
	if got := b.eval(t, `document.getElementById("timeline-span").textContent`); !strings.HasPrefix(got, "0.500") {
		t.Errorf("#t=0.5-1 shows %s", got)
	}
	b.clean(t)
}

// TestBrowserDrawsMessages: every message and step of the table is drawn, and the
// filters take them away.
func TestBrowserDrawsMessages(t *testing.T) {
	b := newBrowser(t)
	b.open(t, toldInput(t), "#messages")
	count := func(want string) {
		t.Helper()
		const drawn = `["arrow", "arrow.lost", "point.op", "point.step"].map((c) => document.querySelectorAll(".space-drawing ." + c).length).join(" ")`
		if got := b.eval(t, drawn); got != want {
			t.Errorf("arrows, lost ones, ends of ops, steps: %s, want %s", got, want)
		}
	}
	toggle := func(label string) {
		b.eval(t, fmt.Sprintf(`[...document.querySelectorAll(".spacetime label")].find((l) => l.textContent.trim() === %q).click()`, label))
	}
	count("3 1 4 1")
	toggle("Append (2)")
	count("1 0 4 1")
	toggle("n1")
	count("0 0 4 0")
	toggle("Append (2)")
	toggle("n1")
	count("3 1 4 1")
	b.clean(t)
}

// contrast returns the texts whose colour stands out from their ground by less
// than 4.5 to 1, as WCAG AA asks for; grounds that are see-through are passed up.
const contrast = `(() => {
  const rgb = (s) => s.match(/[\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (e) => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] === 1) return c; } return [255, 255, 255]; };
  const low = [];
  for (const e of document.querySelectorAll("p, td, th, li, a, b, span, dt, dd, code, h1, h2, h3, h4, small, summary, figcaption, button, svg text")) {
    if (!e.textContent.trim() || !e.getClientRects().length || e.closest(".verdict h1 .mark") || e instanceof SVGElement && e.tagName !== "text") continue;
    const style = getComputedStyle(e), text = light(rgb(e instanceof SVGElement ? style.fill : style.color)), under = light(ground(e));
    const ratio = (Math.max(text, under) + 0.05) / (Math.min(text, under) + 0.05);
    if (ratio < 4.5) low.push(e.textContent.trim().slice(0, 30) + " " + ratio.toFixed(2));
  }
  return low.slice(0, 5).join("; ");
})()`

// unnamed returns the controls and pictures that a screen reader has no name for.
const unnamed = `[...document.querySelectorAll("button, input, select, canvas, svg[role], [role=region], a")].filter((e) =>
  !(e.getAttribute("aria-label") || e.textContent.trim() || e.labels && e.labels.length || e.getAttribute("aria-hidden"))).map((e) => e.outerHTML.slice(0, 80)).join("; ")`

// TestBrowserIsAccessible: text stands out in light and dark, everything that can
// be used has a name, and the page prints.
func TestBrowserIsAccessible(t *testing.T) {
	b := newBrowser(t)
	for _, name := range []string{"cycle", "split", "told", "valid", "vacuous"} {
		b.open(t, small[name](t), "")
		b.eval(t, `document.querySelectorAll("details").forEach((d) => { d.open = true; })`)
		for _, scheme := range []string{"light", "dark"} {
			media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
			if _, err := chromedp.Call(b, emulation.SetEmulatedMedia, media); err != nil {
				t.Fatal(err)
			}
			if low := b.eval(t, contrast); low != "" {
				t.Errorf("%s, %s: too little contrast: %s", name, scheme, low)
			}
		}
		if nameless := b.eval(t, unnamed); nameless != "" {
			t.Errorf("%s: without a name: %s", name, nameless)
		}
		pdf, err := chromedp.Run(b, chromedp.PrintToPDF())
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.HasPrefix(pdf, []byte("%PDF-")) {
			t.Errorf("%s: prints as %.20q", name, pdf)
		}
		b.clean(t)
	}
}
