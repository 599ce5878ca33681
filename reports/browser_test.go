package reports

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"squall/sim"
)

// browser opens a page in a real browser, and fails the test when the page throws,
// writes to the console, or asks for anything beside itself. It is skipped where there is no
// Chromium, unless SQUALL_REQUIRE_BROWSER is set; then that is a failure.
func browser(t *testing.T, page []byte) context.Context {
	t.Helper()
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		if os.Getenv("SQUALL_REQUIRE_BROWSER") != "" {
			t.Fatal("a browser is required, and there is no chromium")
		}
		t.Skip("needs chromium")
	}
	file := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(file, page, 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := chromedp.NewExecAllocator(t.Context(),
		chromedp.ExecPath(program), chromedp.Headless, chromedp.NoSandbox, chromedp.WindowSize(1440, 900))
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	var mu sync.Mutex
	var complaints []string
	err := chromedp.Listen(ctx, func(event any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			complaints = append(complaints, "it threw: "+e.ExceptionDetails.Text)
		case *runtime.EventConsoleAPICalled:
			complaints = append(complaints, fmt.Sprintf("it wrote to the console: %v", e.Type))
		case *log.EventEntryAdded:
			complaints = append(complaints, "the browser says: "+e.Entry.Text)
		}
	})
	if err == nil {
		err = chromedp.Do(ctx, chromedp.Navigate("file://"+file))
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		mu.Lock()
		defer mu.Unlock()
		for _, c := range complaints {
			t.Error(c)
		}
	})
	// A page that stands alone has loaded nothing beside itself.
	if asked := evaluate[int](t, ctx, `performance.getEntriesByType("resource").length`); asked > 0 {
		t.Errorf("the page asked for %d other things", asked)
	}
	return ctx
}

// evaluate returns the value of an expression on the page.
func evaluate[T any](t *testing.T, ctx context.Context, expression string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestReportFitsAPhone: nothing but what scrolls by itself is wider than the
// screen.
func TestReportFitsAPhone(t *testing.T) {
	b, err := HTML(run())
	if err != nil {
		t.Fatal(err)
	}
	ctx := browser(t, b)
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(390, 844), chromedp.Reload()); err != nil {
		t.Fatal(err)
	}
	if wide := evaluate[int](t, ctx, `Math.max(0, document.documentElement.scrollWidth - 390)`); wide > 0 {
		t.Errorf("the page is %d pixels wider than a phone", wide)
	}
}

func TestMatrixInBrowser(t *testing.T) {
	row := MatrixRow{Kind: "kill", Fault: evil, Group: "process", Applies: true, Verdict: sim.Pass, EvidenceIs: sim.Pass}
	b, err := Matrix{Rows: []MatrixRow{row}}.HTML()
	if err != nil {
		t.Fatal(err)
	}
	if rows := evaluate[int](t, browser(t, b), `document.querySelectorAll("tbody tr").length`); rows != 1 {
		t.Errorf("%d rows", rows)
	}
}
