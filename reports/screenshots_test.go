package reports

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	cdpage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

var (
	screenshots = flag.String("screenshots", "", "folder with the runs that the pictures under docs/ are of")
	served      = flag.String("served", "", "address at which their store is served")
)

// TestScreenshots takes the pictures under docs/ anew, of real runs: see the target
// screenshots of the Makefile.
func TestScreenshots(t *testing.T) {
	if *screenshots == "" {
		t.Skip("-screenshots names no runs")
	}
	b := newBrowser(t)
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "light"}, {Name: "prefers-reduced-motion", Value: "reduce"}}}
	if _, err := chromedp.Call(b, emulation.SetEmulatedMedia, media); err != nil {
		t.Fatal(err)
	}
	b.do(t, chromedp.EmulateViewport(1200, 900))
	const stale, skew = "store/stale-leader-read/2*/report.html", "store/reads-take-no-locks/2*/report.html"
	for _, shot := range []struct {
		name, page, part string
		high             float64
		script           string
	}{
		{"report", stale, "body", 900, ""},
		{"anomaly", "elle-paper.html", "#broken", 830, ""},
		{"timeline", stale, "#timeline", 760, zoomedOut},
		{"messages", stale, "#messages", 760, lostInView},
		{"over-time", skew, "#over-time", 1530, ""},
		{"serve", "", "body", 700, ""},
	} {
		url := "http://" + *served + "/"
		if shot.page != "" {
			found, err := filepath.Glob(filepath.Join(*screenshots, shot.page))
			if err != nil || len(found) != 1 {
				t.Fatalf("%s: %q, %v", shot.page, found, err)
			}
			url = "file://" + found[0]
		}
		b.do(t, chromedp.Navigate(url))
		b.await(t, `!document.getElementById("timeline-span") || document.getElementById("timeline-span").textContent !== ""`)
		b.eval(t, fmt.Sprintf(`(async () => { %s; await new Promise(requestAnimationFrame); await new Promise(requestAnimationFrame); window.ready = true; })()`, shot.script))
		b.await(t, `window.ready`)
		b.shoot(t, filepath.Join("..", "docs", shot.name+".png"), shot.part, shot.high)
	}
}

// zoomedOut shows some of what was around the witness.
const zoomedOut = `for (let i = 0; i < 2; i++) document.querySelector('[data-zoom="out"]').click()`

// lostInView scrolls to the first message that was lost.
const lostInView = `const lost = document.querySelector(".arrow.lost"), box = lost?.closest(".space"); if (box) box.scrollTop = lost.getBoundingClientRect().top - box.getBoundingClientRect().top - 200`

// shoot writes a picture of a part of the page, so many pixels high at most.
func (b *browser) shoot(t *testing.T, path, part string, high float64) {
	t.Helper()
	box, err := chromedp.Run(b, chromedp.Evaluate[[]float64](fmt.Sprintf(`(() => { const b = document.querySelector(%q).getBoundingClientRect(); return [b.left + scrollX, b.top + scrollY, b.width, b.height]; })()`, part)))
	if err != nil {
		t.Fatal(err)
	}
	beyond := true
	shot, err := chromedp.Call(b, cdpage.CaptureScreenshot, cdpage.CaptureScreenshotParams{Format: "png", CaptureBeyondViewport: &beyond,
		Clip: &cdpage.Viewport{X: box[0], Y: box[1], Width: box[2], Height: min(box[3], high), Scale: 1}})
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(shot.Data))
	if err != nil {
		t.Fatal(err)
	}
	var small bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&small, paletted(picture)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, small.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// paletted draws a picture in its 256 most frequent colours, a third of the bytes.
func paletted(picture image.Image) *image.Paletted {
	bounds, times := picture.Bounds(), map[color.Color]int{}
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			times[picture.At(x, y)]++
		}
	}
	value := func(c color.Color) uint32 { r, g, b, _ := c.RGBA(); return r>>8<<16 | g>>8<<8 | b>>8 }
	colours := color.Palette(slices.SortedFunc(maps.Keys(times), func(a, b color.Color) int {
		return cmp.Or(times[b]-times[a], cmp.Compare(value(a), value(b)))
	}))
	out := image.NewPaletted(bounds, colours[:min(len(colours), 256)])
	draw.Draw(out, bounds, picture, bounds.Min, draw.Src)
	return out
}
