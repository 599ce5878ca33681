package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"charm.land/lipgloss/v2"
	"github.com/mattn/go-isatty"

	"squall/sim"
)

// display shows a run as it goes: a few lines that are kept up to date on a
// terminal (see live.go), plain lines with the time elsewhere. Colours are left
// out where the terminal or NO_COLOR says so.
type display struct {
	mu       sync.Mutex
	out      io.Writer
	live     bool
	quiet    bool
	drawn    int // lines that are to be drawn anew
	gauges   []gauge
	last     sim.Progress
	lastAt   time.Time
	lastN    sim.Counts
	rate     [3]float64 // offered, accepted, completed per second
	printed  string     // what the last plain line was about
	printedS time.Time
}

func newDisplay(out io.Writer, quiet bool) *display {
	f, ok := out.(*os.File)
	live := ok && isatty.IsTerminal(f.Fd()) && os.Getenv("TERM") != "dumb"
	return &display{out: out, live: live, quiet: quiet}
}

// line prints a line that stays.
func (d *display) line(text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.say(text)
}

func (d *display) say(text string) {
	if d.quiet {
		return
	}
	d.wipe()
	if !d.live {
		text = time.Now().UTC().Format("15:04:05 ") + text
	}
	fmt.Fprintln(d.out, text)
}

func (d *display) wipe() {
	if d.drawn > 0 {
		// To the beginning of the first of the lines, and clear from there.
		fmt.Fprintf(d.out, "\r\x1b[%dA\x1b[J", d.drawn)
		d.drawn = 0
	}
}

// close leaves the terminal as it was.
func (d *display) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.wipe()
}

func (d *display) progress(p sim.Progress) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.quiet {
		return
	}
	if p.TrialIndex != d.last.TrialIndex {
		d.lastN, d.lastAt, d.rate, d.gauges = sim.Counts{}, time.Time{}, [3]float64{}, nil
	}
	d.measure(p)
	d.last = p
	if p.Note != "" {
		d.say("  " + p.Trial.Name + "  " + p.Note)
		return
	}
	if d.live {
		d.draw(p)
		return
	}
	text := d.text(p)
	about := p.Trial.Name + p.Step + p.Phase
	if about != d.printed || time.Since(d.printedS) > 5*time.Second {
		d.printed, d.printedS = about, time.Now()
		d.say(text)
	}
}

// draw draws the live view anew. Each line is cut to the terminal as it is now:
// one that was broken into two could not be taken back.
func (d *display) draw(p sim.Progress) {
	lines := []string{clip(d.text(p), width())}
	if p.Step == "load" && len(d.gauges) > 0 {
		lines = liveView(p, d.gauges, width()-1)
	}
	d.wipe()
	lipgloss.Fprintln(d.out, strings.Join(lines, "\n"))
	d.drawn = len(lines)
}

// measure turns counts into rates, over a second or so.
func (d *display) measure(p sim.Progress) {
	now := time.Now()
	if d.lastAt.IsZero() {
		d.lastAt, d.lastN = now, p.Counts
		return
	}
	s := now.Sub(d.lastAt).Seconds()
	if s < 1 {
		return
	}
	d.rate = [3]float64{
		float64(p.Counts.Offered-d.lastN.Offered) / s,
		float64(p.Counts.Accepted-d.lastN.Accepted) / s,
		float64(p.Counts.Completed-d.lastN.Completed) / s,
	}
	if d.gauges == nil {
		d.gauges = newGauges()
	}
	for i, v := range []float64{d.rate[0], d.rate[1], d.rate[2], float64(p.Counts.Failed-d.lastN.Failed) / s, p.Backlog} {
		d.gauges[i].add(v)
	}
	d.lastAt, d.lastN = now, p.Counts
}

func (d *display) text(p sim.Progress) string {
	head := fmt.Sprintf("[%d/%d] %s", p.TrialIndex+1, p.Trials, p.Trial.Name)
	switch p.Step {
	case "load":
		s := fmt.Sprintf("%s  %s %2.0f/%.0fs  %3.0f offered %3.0f accepted %3.0f completed /s  backlog %.0f",
			head, p.Phase, p.Elapsed.Seconds(), p.Total.Seconds(), d.rate[0], d.rate[1], d.rate[2], p.Backlog)
		if p.Counts.Failed > 0 {
			s += fmt.Sprintf("  errors %d", p.Counts.Failed)
		}
		if len(p.Faults) > 0 {
			s += "  FAULT " + strings.Join(p.Faults, ", ")
		}
		return s
	case "drain":
		return fmt.Sprintf("%s  draining: %.0f left, %d of %d accepted orders finished", head, p.Backlog, p.Counts.Completed, p.Counts.Accepted)
	case "start":
		return head + "  starting"
	case "audit":
		return head + "  reading the final records"
	case "stop":
		return head + "  stopping"
	}
	return head + "  done"
}
