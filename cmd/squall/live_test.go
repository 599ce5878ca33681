package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"squall"
)

// watchedScenario has a fault, and lines that stay, in each of two trials.
const watchedScenario = `name: watched
load: { phases: [ { name: storm, for: 6s, rate: 20/s } ] }
faults: [ { pause: payment, at: 2s, for: 1s } ]
variants: [sync, async]
`

// tmux is a terminal in which squall runs.
type tmux struct {
	t      *testing.T
	socket string
	dir    string
}

// newTmux starts squall on a scenario in a terminal of so many columns and lines,
// from a shell whose prompt is "shell>". Where tmux is not installed the test is
// skipped, or fails when SQUALL_REQUIRE_TMUX is set.
func newTmux(t *testing.T, columns, lines int, scenario string) *tmux {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		if os.Getenv("SQUALL_REQUIRE_TMUX") != "" {
			t.Fatalf("SQUALL_REQUIRE_TMUX is set: %v", err)
		}
		t.Skipf("needs tmux: %v", err)
	}
	dir, err := os.MkdirTemp("", "squall-tmux-") // short: the path of a socket may not be long
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.WriteFile(filepath.Join(dir, "watched.yaml"), []byte(scenario), 0o644); err != nil {
		t.Fatal(err)
	}
	m := &tmux{t, filepath.Join(dir, "socket"), dir}
	m.do("-f", "/dev/null", "new-session", "-d", "-x", fmt.Sprint(columns), "-y", fmt.Sprint(lines),
		"-c", dir, "env", "PS1=shell> ", "SQUALL="+program, "sh")
	t.Cleanup(func() { m.do("kill-server") })
	m.until("a prompt", func(s string) bool { return strings.HasPrefix(s, "shell>") })
	m.do("pipe-pane", "cat >'"+filepath.Join(dir, "raw")+"'")
	m.do("send-keys", `clear; "$SQUALL" run watched.yaml --backing embedded --out run; echo "exit code $?"`, "Enter")
	return m
}

// do runs a command of tmux.
func (m *tmux) do(args ...string) string {
	m.t.Helper()
	cmd := exec.Command("tmux", append([]string{"-S", m.socket}, args...)...)
	cmd.Env = append(os.Environ(), "TMUX=", "LC_ALL=C.UTF-8")
	out, err := cmd.CombinedOutput()
	if err != nil {
		m.t.Fatalf("tmux %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// screen is what the terminal shows.
func (m *tmux) screen() string { return m.do("capture-pane", "-p") }

// until looks at the screen until something holds, for a minute and a half at
// most, and returns it.
func (m *tmux) until(what string, holds func(screen string) bool) string {
	m.t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(90 * time.Second); time.Now().Before(deadline); <-tick.C {
		if s := m.screen(); holds(s) {
			return s
		}
	}
	m.t.Fatalf("the screen does not show %s within 90 s:\n%s", what, m.screen())
	return ""
}

var (
	headLine = regexp.MustCompile(`(?m)^\[[12]/2\] a?sync-1 +`)
	gaugeRow = regexp.MustCompile(`(?m)^(offered|accepted|completed|p99|errors|backlog) +(-$|\d+(/s|ms|  ) )`)
	barRow   = regexp.MustCompile(`(?m)^━{60,}$`)
	faultRow = regexp.MustCompile(`(?m)^(no fault in force|FAULT pause payment)`)
	loadLine = regexp.MustCompile(`(?m)^\[[12]/2\] .*storm +\d+s of 6s`)
	exitCode = regexp.MustCompile(`(?m)^exit code (\d+)`)
)

// whole says what of the live view is missing on a screen or there twice.
func whole(screen string) (wrong []string) {
	for _, part := range []struct {
		name string
		re   *regexp.Regexp
		want int
	}{{"head line", headLine, 1}, {"phase bar", barRow, 1}, {"gauges", gaugeRow, 6}, {"line of faults", faultRow, 1}} {
		if n := len(part.re.FindAllString(screen, -1)); n != part.want {
			wrong = append(wrong, fmt.Sprintf("%s: saw %d, expected %d", part.name, n, part.want))
		}
	}
	return wrong
}

// TestLongLiveViewIsNeverBlank captures the terminal again and again while two trials
// run: every capture shows the whole live view. What is written to the terminal
// leaves no mode switched on, and at the end nothing of the view is left.
func TestLongLiveViewIsNeverBlank(t *testing.T) {
	m := newTmux(t, 80, 40, watchedScenario)
	m.until("the first trial", headLine.MatchString)
	loads, captures := 0, 0
	m.until("the end of the second trial", func(s string) bool {
		if !headLine.MatchString(s) && (strings.Contains(s, "judging what was recorded") || strings.Contains(s, "watched: ")) {
			return true
		}
		captures++
		if loadLine.MatchString(s) {
			loads++
		}
		if wrong := whole(s); len(wrong) > 0 {
			t.Errorf("capture %d: %s:\n%s", captures, strings.Join(wrong, "; "), s)
		}
		return false
	})
	t.Logf("%d captures, %d of them while a load ran", captures, loads)
	if loads < 20 {
		t.Errorf("%d captures while a load ran, expected 20 at least", loads)
	}
	end := m.until("the exit code", exitCode.MatchString)
	const note = "-1  pause payment: stopped payment-1\n"
	for _, want := range []string{"\n  sync" + note, "\n  async" + note, "\nwatched: "} {
		if n := strings.Count(end, want); n != 1 {
			t.Errorf("%q is on the screen %d times at the end, expected once:\n%s", want, n, end)
		}
	}
	m.leftAsItWas(end)
}

// TestLiveViewInterrupted: Ctrl-C ends a run that is watched as it ends any other,
// and leaves the terminal as it was.
func TestLiveViewInterrupted(t *testing.T) {
	m := newTmux(t, 120, 40, watchedScenario)
	m.until("the load", loadLine.MatchString)
	m.do("send-keys", "C-c")
	end := m.until("the exit code", exitCode.MatchString)
	code := exitCode.FindStringSubmatch(end)[1]
	if code != fmt.Sprint(squall.ExitUnknown) || !strings.Contains(end, "the run was interrupted") {
		t.Errorf("exit code %s, expected %d and that the run was interrupted:\n%s", code, squall.ExitUnknown, end)
	}
	// The terminal showed ^C below the live view, which moved the cursor.
	if !strings.Contains(end, "\nwatched: UNKNOWN") || strings.Contains(end, "^C") {
		t.Errorf("something is left of the live view where the result begins:\n%s", end)
	}
	m.leftAsItWas(end)
}

// modes are the sequences that change a terminal in a way that outlasts a killed
// program, or ask it something: bracketed paste, the other screen, the mouse, the
// keyboard, the shape of the cursor, what the terminal can do.
var modes = regexp.MustCompile("\x1b\\[(\\?(1000|1002|1003|1049|2004)h|[>=<?][0-9;]*[um]|[0-9]* q|[>=]?[0-9]*c|\\?[0-9]+\\$p)")

// leftAsItWas reports what is left of the live view after squall has ended.
func (m *tmux) leftAsItWas(end string) {
	m.t.Helper()
	if headLine.MatchString(end) || gaugeRow.MatchString(end) || faultRow.MatchString(end) {
		m.t.Errorf("the live view is still on the screen:\n%s", end)
	}
	if state := strings.TrimSpace(m.do("display", "-p", "#{cursor_flag} #{alternate_on} #{keypad_flag}")); state != "1 0 0" {
		m.t.Errorf("cursor, alternate screen and keypad are %s, expected 1 0 0: the cursor visible, nothing else on", state)
	}
	raw, err := os.ReadFile(filepath.Join(m.dir, "raw"))
	if err != nil {
		m.t.Fatal(err)
	}
	_, raw, _ = bytes.Cut(raw, []byte("backing: ")) // what the shell writes before and after is its own
	raw, _, _ = bytes.Cut(raw, []byte("exit code "))
	if !bytes.Contains(raw, []byte("backlog")) {
		m.t.Fatal("the record of what was written to the terminal has no live view")
	}
	if mode := modes.Find(raw); mode != nil {
		m.t.Errorf("%q was written to the terminal, expected no change of its modes and no question to it", mode)
	}
}
