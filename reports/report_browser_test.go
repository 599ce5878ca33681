package reports

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// openRecorded opens the report of the recorded run.
func openRecorded(t *testing.T) context.Context {
	t.Helper()
	info, r := recorded(t)
	b, err := HTML(info, r)
	if err != nil {
		t.Fatal(err)
	}
	return browser(t, b)
}

// dataOf reads what the page's script draws.
func dataOf(t *testing.T, ctx context.Context) (d struct {
	Seconds []float64
	Charts  []struct {
		ID    string
		Lines []struct {
			Name   string
			Hidden bool
			Values []*float64
		}
	}
}) {
	t.Helper()
	if err := json.Unmarshal([]byte(evaluate[string](t, ctx, `document.getElementById("data").textContent`)), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// TestChartsHaveTheirData: every line of every chart is drawn with as many values
// as the page's data have, and leaves colour on the canvas.
func TestChartsHaveTheirData(t *testing.T) {
	ctx := openRecorded(t)
	d := dataOf(t, ctx)
	if len(d.Charts) < 15 {
		t.Fatalf("only %d charts", len(d.Charts))
	}
	for _, c := range d.Charts {
		for i, l := range c.Lines {
			want := 0
			for _, v := range l.Values {
				if v != nil {
					want++
				}
			}
			plot := fmt.Sprintf(`document.querySelector('[data-chart=%q] .canvas').uplot`, c.ID)
			if got := evaluate[int](t, ctx, fmt.Sprintf(`%s.data[%d].filter(v => v != null).length`, plot, i+1)); got != want || want == 0 {
				t.Errorf("chart %s, line %s: %d values are drawn of %d", c.ID, l.Name, got, want)
			}
		}
		inked := evaluate[int](t, ctx, fmt.Sprintf(`(() => {
			const c = document.querySelector('[data-chart=%q] canvas');
			const p = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
			let n = 0;
			for (let i = 3; i < p.length; i += 4) if (p[i]) n++;
			return n;
		})()`, c.ID))
		if inked < 1000 {
			t.Errorf("chart %s: only %d points of its canvas are drawn on", c.ID, inked)
		}
	}
}

// overTimeCharts is the charts over time as the page's script has them.
const overTimeCharts = `[...document.querySelectorAll("#time .canvas, #storm .canvas")].map(b => b.uplot)`

// TestCursorIsShared: the cursor over one chart is at the same second in all.
func TestCursorIsShared(t *testing.T) {
	ctx := openRecorded(t)
	x, y := middleOf(t, ctx, `[data-chart=accept] .u-over`)
	mouse(t, ctx, chromedp.MouseMoved, x, y)
	at := evaluate[[]float64](t, ctx, `(`+overTimeCharts+`).map(u => u.cursor.idx == null ? -1 : u.cursor.idx)`)
	for _, i := range at {
		if i < 1 || i != at[0] {
			t.Fatalf("the cursors are at %v", at)
		}
	}
}

// mouse moves the mouse, with its left button or without.
func mouse(t *testing.T, ctx context.Context, kind input.DispatchMouseEventType, x, y float64) {
	t.Helper()
	_, err := chromedp.Run(ctx, func(ctx context.Context, target *chromedp.Target) (cdp.Empty, error) {
		return cdp.Call(ctx, target, input.DispatchMouseEvent,
			input.DispatchMouseEventParams{Type: kind, X: x, Y: y, Button: input.MouseButtonLeft, ClickCount: 1})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// middleOf scrolls an element into view and returns its middle.
func middleOf(t *testing.T, ctx context.Context, selector string) (x, y float64) {
	t.Helper()
	p := evaluate[[]float64](t, ctx, fmt.Sprintf(`(() => {
		const e = document.querySelector(%q);
		e.scrollIntoView({block: "center"});
		const r = e.getBoundingClientRect();
		return [r.left + r.width / 2, r.top + r.height / 2];
	})()`, selector))
	return p[0], p[1]
}

// TestZoomIsShared: dragging over one chart, a zoom button and the keyboard zoom
// all charts.
func TestZoomIsShared(t *testing.T) {
	ctx := openRecorded(t)
	scales := func() (from, to float64) {
		all := evaluate[[][]float64](t, ctx, `(`+overTimeCharts+`).map(u => [u.scales.x.min, u.scales.x.max])`)
		for _, s := range all {
			if s[0] != all[0][0] || s[1] != all[0][1] {
				t.Fatalf("the axes differ: %v", all)
			}
		}
		return all[0][0], all[0][1]
	}
	from, to := scales()
	x, y := middleOf(t, ctx, `[data-chart=throughput] .u-over`)
	mouse(t, ctx, chromedp.MouseMoved, x-60, y)
	mouse(t, ctx, chromedp.MousePressed, x-60, y)
	mouse(t, ctx, chromedp.MouseMoved, x, y)
	mouse(t, ctx, chromedp.MouseMoved, x+60, y)
	mouse(t, ctx, chromedp.MouseReleased, x+60, y)
	a, b := scales()
	if a <= from || b >= to {
		t.Errorf("dragging shows %v to %v of %v to %v", a, b, from, to)
	}
	evaluate[int](t, ctx, `(document.querySelector("#zoom button").click(), 1)`)
	if a, b := scales(); a != from || b != to {
		t.Errorf("the button for the whole run shows %v to %v, expected %v to %v", a, b, from, to)
	}
	evaluate[int](t, ctx, `(document.querySelectorAll("#zoom button")[1].click(), 1)`)
	pressed := evaluate[string](t, ctx, `[...document.querySelectorAll("#zoom button")].map(b => b.getAttribute("aria-pressed")).join()`)
	if a, b = scales(); a <= 0 || b >= to || pressed[:10] != "false,true" {
		t.Errorf("the first fault's button shows %v to %v; pressed: %s", a, b, pressed)
	}
	evaluate[int](t, ctx, `(document.querySelector('[data-chart=accept] .u-over').dispatchEvent(new KeyboardEvent("keydown", {key: "+"})), 1)`)
	if c, d := scales(); d-c >= b-a {
		t.Errorf("the key + shows %v to %v", c, d)
	}
}

// TestNamesHideTheirLines: a click on a name, or Enter, hides the line in all
// charts that have it, and says so to those who cannot see it.
func TestNamesHideTheirLines(t *testing.T) {
	ctx := openRecorded(t)
	hidden := func() int {
		return evaluate[int](t, ctx, `(`+overTimeCharts+`).reduce((n, u) =>
			n + u.series.filter(s => s.label === "async p99" && s.show === false).length, 0)`)
	}
	name := `[...document.querySelectorAll("[data-chart=accept] .u-series th")].find(th => th.textContent.trim() === "async p99")`
	if n := hidden(); n != 0 {
		t.Fatalf("%d are hidden at first", n)
	}
	evaluate[int](t, ctx, `(`+name+`.click(), 1)`)
	if n := hidden(); n != 4 { // accept, service, lag, visibility
		t.Errorf("a click hides it in %d charts", n)
	}
	if state := evaluate[string](t, ctx, name+`.getAttribute("aria-pressed")`); state != "false" {
		t.Errorf("aria-pressed is %s when hidden", state)
	}
	evaluate[int](t, ctx, `(`+name+`.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter"})), 1)`)
	if n := hidden(); n != 0 {
		t.Errorf("after Enter it is still hidden in %d charts", n)
	}
}

// TestFiguresExplainThemselves: every figure's name shows its definition on
// focus, and leads to it.
func TestFiguresExplainThemselves(t *testing.T) {
	ctx := openRecorded(t)
	focused := func(ctx context.Context, target *chromedp.Target) error { // a page in the background gets no focus
		_, err := cdp.Call(ctx, target, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
		return err
	}
	if err := chromedp.Do(ctx, chromedp.Func(focused)); err != nil {
		t.Fatal(err)
	}
	broken := evaluate[[]string](t, ctx, `[...document.querySelectorAll(".term")].filter(a => {
		a.focus();
		const tip = document.getElementById("tip");
		return tip.hidden || tip.textContent.length < 10 || !document.querySelector(a.getAttribute("href"));
	}).map(a => a.textContent)`)
	if len(broken) > 0 {
		t.Errorf("without a definition: %q", broken)
	}
	if n := evaluate[int](t, ctx, `document.querySelectorAll(".score tbody th .term").length`); n != len(scoreboard()) {
		t.Errorf("%d of %d figures of the scoreboard explain themselves", n, len(scoreboard()))
	}
	if open := evaluate[bool](t, ctx, `(document.activeElement.blur(), !document.getElementById("tip").hidden)`); open {
		t.Error("the definition stays when the focus is gone")
	}
}

// TestReportLooks takes screenshots, light, dark and on a phone, and keeps them
// in the folder that SQUALL_SCREENSHOTS names. Light and dark must differ.
func TestReportLooks(t *testing.T) {
	ctx := openRecorded(t)
	shots := map[string][]byte{}
	for _, look := range []struct {
		name, scheme  string
		width, height int64
	}{{"light", "light", 1440, 900}, {"dark", "dark", 1440, 900}, {"phone", "light", 390, 844}} {
		scheme := func(ctx context.Context, target *chromedp.Target) error {
			features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: look.scheme}}
			_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features})
			return err
		}
		err := chromedp.Do(ctx, chromedp.Func(scheme), chromedp.EmulateViewport(look.width, look.height), chromedp.Reload())
		if err == nil {
			shots[look.name], err = chromedp.Run(ctx, chromedp.FullScreenshot(100))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, b := range shots {
		if _, err := png.DecodeConfig(bytes.NewReader(b)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if dir := os.Getenv("SQUALL_SCREENSHOTS"); dir != "" {
			if err := os.WriteFile(filepath.Join(dir, name+".png"), b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if bytes.Equal(shots["light"], shots["dark"]) {
		t.Error("light and dark look the same")
	}
}

// TestOverlayInBrowser: two runs, a line each in every chart of both variants.
func TestOverlayInBrowser(t *testing.T) {
	info, r := recorded(t)
	later := info
	later.Started, later.Overrides = info.Started.AddDate(0, 0, 1), []string{"seed=8"}
	b, err := Overlay([]IndexEntry{{Folder: "later", Info: later, Result: r}, {Folder: "first", Info: info, Result: r}})
	if err != nil {
		t.Fatal(err)
	}
	ctx := browser(t, b)
	for _, c := range dataOf(t, ctx).Charts {
		if len(c.Lines) != 2 {
			t.Errorf("chart %s has %d lines", c.ID, len(c.Lines))
		}
	}
	if first := evaluate[string](t, ctx, `document.querySelector("header tbody tr").textContent`); !strings.Contains(first, "first") {
		t.Errorf("the earliest run does not come first: %s", first)
	}
	if why := evaluate[string](t, ctx, `document.querySelector("header h2 + .scroll tbody").textContent`); !strings.Contains(why, "seed=8") {
		t.Errorf("what differs is not told: %s", why)
	}
	hostile, result := run()
	entry := IndexEntry{Folder: evil, Info: hostile, Result: result}
	if b, err = Overlay([]IndexEntry{entry, entry}); err != nil || strings.Contains(string(b), evil) {
		t.Errorf("hostile names are not escaped, or: %v", err)
	}
	other := info
	other.Scenario.Name = "other"
	if _, err := Overlay([]IndexEntry{{Folder: "a", Info: info, Result: r}, {Folder: "b", Info: other, Result: r}}); err == nil {
		t.Error("runs of two scenarios are laid over each other")
	}
	if _, err := Overlay([]IndexEntry{{Folder: "a", Info: info, Result: r}, {Folder: "b", Info: info}}); err == nil {
		t.Error("a run without a result is laid over another")
	}
}
