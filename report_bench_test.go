package squall

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"squall/reports"
	"squall/sim"
	"squall/sim/check"
	"squall/sim/measure"
	"squall/sim/record"
)

// BenchmarkReport renders the report of a run of a million orders, shown for two
// variants, with a sample of every process each second, and opens it in a
// browser: its size, and when the browser first painted and had drawn all.
func BenchmarkReport(b *testing.B) {
	const n = 1_000_000
	history, audit, _ := synthesise(b, b.TempDir(), n)
	sc := sim.Scenario{
		Name: "million", Variants: []string{"sync", "async"},
		Load: sim.Load{Phases: []sim.Phase{{Name: "all", For: n * time.Millisecond, From: 1000, To: 1000}}},
	}
	r := &sim.Result{Schema: sim.ResultSchema, Scenario: sc.Name, Verdict: sim.Pass, Variants: map[string]*sim.VariantResult{}}
	rec, err := record.ReadTrial(history, audit, 0)
	if err != nil {
		b.Fatal(err)
	}
	trial := measure.Trial("trial-1", sc, rec, check.Judge(rec))
	if err := record.AddTimelines(trial, history, audit, 1); err != nil {
		b.Fatal(err)
	}
	for _, v := range sc.Variants { // what was measured is the same; the page has it twice
		r.Variants[v] = measure.Variant(v, []*sim.TrialResult{trial})
	}
	info := sim.RunInfo{Scenario: sc, Requests: n, Backing: sim.BackingInfo{Name: "none", Servers: map[string]string{}}}
	var page []byte
	for b.Loop() {
		if page, err = reports.HTML(info, r); err != nil {
			b.Fatal(err)
		}
	}
	file := filepath.Join(b.TempDir(), "report.html")
	if dir := os.Getenv("SQUALL_KEEP_REPORT"); dir != "" {
		file = filepath.Join(dir, "report.html")
	}
	if err := os.WriteFile(file, page, 0o644); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(len(page)), "bytes")
	painted, drawn := paint(b, file)
	b.ReportMetric(painted, "ms-to-first-paint")
	b.ReportMetric(drawn, "ms-to-load")
}

// paint opens a page and returns when it was first painted, and when all of it
// was there, in milliseconds from the beginning of the navigation.
func paint(b *testing.B, file string) (first, loaded float64) {
	b.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		b.Skip("needs chromium")
	}
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), chromedp.ExecPath(program),
		chromedp.Headless, chromedp.NoSandbox, chromedp.WindowSize(1440, 900))
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Navigate("file://"+file)); err != nil {
		b.Fatal(err)
	}
	v, err := chromedp.Run(ctx, chromedp.Poll[[]float64](`(() => {
		const p = performance.getEntriesByName("first-contentful-paint")[0];
		const loaded = performance.getEntriesByType("navigation")[0].loadEventEnd;
		return p && loaded ? [p.startTime, loaded] : null;
	})()`))
	if err != nil {
		b.Fatal(err)
	}
	return v[0], v[1]
}
