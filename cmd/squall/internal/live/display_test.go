package live

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"squall/sim"
)

// TestPlain: what is no terminal gets plain lines with the time, one whenever
// something changes and else every five seconds.
func TestPlain(t *testing.T) {
	var out bytes.Buffer
	d := New(&out, false)
	now := epoch
	d.now = func() time.Time { return now }
	d.Line("backing: embedded")
	d.Busy("not worth a line")
	at := func(elapsed time.Duration, change func(*sim.Progress)) {
		now = epoch.Add(elapsed)
		p := moment("async-1", 8*time.Second, elapsed, 20)
		if change != nil {
			change(&p)
		}
		d.Progress(p)
	}
	at(0, func(p *sim.Progress) { p.Step = "start" })
	for elapsed := time.Duration(0); elapsed < 8*time.Second; elapsed += 250 * time.Millisecond {
		at(elapsed, nil)
	}
	at(7900*time.Millisecond, func(p *sim.Progress) { p.Note = "payment-1 died: killed" })
	at(7950*time.Millisecond, func(p *sim.Progress) { p.Phase, p.Faults, p.Counts.Failed = "last", []string{"kill payment"}, 2 })
	at(8*time.Second, func(p *sim.Progress) { p.Step = "drain" })
	d.Close()
	d.Close()
	want := `03:04:05 backing: embedded
03:04:05 [1/2] async-1  starting
03:04:05 [1/2] async-1  storm  0/8s    0 offered   0 accepted   0 completed /s  p99 20 ms  backlog 3
03:04:10 [1/2] async-1  storm  5/8s   20 offered  20 accepted  20 completed /s  p99 20 ms  backlog 3
03:04:12   async-1  payment-1 died: killed
03:04:12 [1/2] async-1  last  8/8s   20 offered  20 accepted  20 completed /s  p99 20 ms  backlog 3  errors 2  FAULT kill payment
03:04:13 [1/2] async-1  draining: 3 left, 160 of 160 finished
`
	if out.String() != want {
		t.Errorf("saw\n%s\nexpected\n%s", &out, want)
	}
}

func TestQuiet(t *testing.T) {
	var out bytes.Buffer
	d := New(&out, true)
	d.redraws = true
	d.Line("a line")
	d.Busy("busy")
	d.Progress(moment("async-1", 8*time.Second, time.Second, 20))
	d.Close()
	if out.Len() > 0 {
		t.Errorf("quiet, and it writes %q", &out)
	}
}

// TestNoTerminal: a file is written plain lines, also where TERM promises more.
func TestNoTerminal(t *testing.T) {
	t.Setenv("TERM", "xterm-256color")
	f, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if New(f, false).redraws {
		t.Error("a file is taken for a terminal")
	}
}

// onScreen is a display that draws a live part of 80 columns and 24 lines on a
// writer.
func onScreen(out io.Writer) *Display {
	d := New(out, false)
	d.redraws = true
	d.options = []tea.ProgramOption{tea.WithWindowSize(80, 24), tea.WithEnvironment([]string{"TERM=xterm-256color"})}
	return d
}

// safe is a buffer that may be read while it is written. held makes its writers
// wait, as a terminal does after Ctrl-S.
type safe struct {
	mu   sync.Mutex
	held sync.Mutex
	all  bytes.Buffer
}

func (s *safe) Write(p []byte) (int, error) {
	s.held.Lock()
	defer s.held.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all.Write(p)
}

func (s *safe) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all.String()
}

// shows waits until a text was written.
func (s *safe) shows(t *testing.T, text string) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(20 * time.Second); !strings.Contains(s.String(), text); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("%q is not shown within 20 s:\n%q", text, s.String())
		}
	}
}

// TestLinesStay: each line that is to stay is printed once, in order, whether
// there is a live part, there is none, or it goes just then.
func TestLinesStay(t *testing.T) {
	var out safe
	d := onScreen(&out)
	n := 0
	line := func() { d.Line(fmt.Sprintf("line %03d.", n)); n++ }
	line()
	for range 3 {
		d.Progress(moment("async-1", 8*time.Second, time.Second, 20))
		for range 20 {
			line()
		}
		out.shows(t, fmt.Sprintf("line %03d.", n-1))
		var more sync.WaitGroup
		more.Go(func() {
			for range 20 {
				line()
			}
		})
		d.Close()
		more.Wait()
		d.Close()
		line()
	}
	rest := out.String()
	for i := range n {
		want := fmt.Sprintf("line %03d.", i)
		before, after, ok := strings.Cut(rest, want)
		if !ok || strings.Contains(before, "line ") || strings.Contains(after, want) {
			t.Fatalf("%s is missing, out of order or there twice:\n%q", want, out.String())
		}
		rest = after
	}
}

// TestBusyAfterClose: a live part can be opened again, and shows nothing of the
// last one.
func TestBusyAfterClose(t *testing.T) {
	var out safe
	d := onScreen(&out)
	d.Progress(moment("async-1", 8*time.Second, time.Second, 20))
	out.shows(t, "async-1")
	d.Close()
	before := len(out.String())
	d.Busy("judging")
	out.shows(t, "judging")
	if again := out.String()[before:]; strings.Contains(again, "async-1") {
		t.Errorf("the trial is shown again: %q", again)
	}
	d.Close() // that nothing is left on the screen is tested in a terminal
	written := out.String()
	d.Close()
	if out.String() != written {
		t.Error("the second Close writes")
	}
}

// TestPicture: bubbletea may tell the size of the terminal at any time, also after
// the end; and a line is printed above the picture when there is one, not before.
func TestPicture(t *testing.T) {
	d := onScreen(io.Discard)
	d.watch.take(moment("async-1", 8*time.Second, time.Second, 20), epoch)
	d.above = []string{"a line"}
	size := tea.WindowSizeMsg{Width: 80, Height: 24}
	var m tea.Model = picture{display: d, closing: make(chan struct{})}
	shows := func(after string, messages []tea.Msg, view bool, waiting int) {
		t.Helper()
		for _, msg := range messages {
			m, _ = m.Update(msg)
		}
		content := m.View().Content
		if strings.Contains(content, "async-1") != view || (content == "") == view || len(d.above) != waiting {
			t.Errorf("after %s: %d lines wait, expected %d; the picture is %q", after, len(d.above), waiting, content)
		}
	}
	shows("a redraw before the size is known", []tea.Msg{redraw{}}, false, 1)
	shows("the size", []tea.Msg{size}, true, 1)
	shows("the next redraws", []tea.Msg{redraw{}, redraw{}}, true, 0)
	shows("the last one", []tea.Msg{redraw{last: true}}, false, 0)
	shows("the size at the end", []tea.Msg{size}, false, 0)
}

// TestHeldTerminal: a terminal that takes no output does not hold the run up.
func TestHeldTerminal(t *testing.T) {
	var out safe
	d := onScreen(&out)
	d.Progress(moment("async-1", 8*time.Second, 0, 20))
	out.shows(t, "async-1")
	out.held.Lock()
	told := make(chan struct{})
	go func() {
		defer close(told)
		for i := range 100 {
			d.Progress(moment("async-1", 8*time.Second, time.Duration(i)*50*time.Millisecond, 20))
			d.Line("a line")
			d.Busy("busy")
		}
	}()
	select {
	case <-told:
	case <-time.After(20 * time.Second):
		t.Error("a hundred calls take more than 20 s while the terminal is held")
	}
	out.held.Unlock()
	d.Close()
}
