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
	now      panel
	other    *panel // the last trial of another variant
	began    time.Time
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

// Line prints a line that stays.
func (d *display) Line(text string) {
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

// Busy shows what squall does when there is nothing to watch.
func (d *display) Busy(text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.live && !d.quiet {
		d.wipe()
		lipgloss.Fprintln(d.out, faint.Render(text))
		d.drawn = 1
	}
}

// close leaves the terminal as it was.
func (d *display) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.wipe()
}

func (d *display) Progress(p sim.Progress) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.quiet {
		return
	}
	if d.began.IsZero() {
		d.began = time.Now()
	}
	if p.Trial.Name != d.now.trial {
		d.turn(p)
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

// turn begins to show another trial. The one before stays beside it when it was
// of another variant.
func (d *display) turn(p sim.Progress) {
	if d.now.trial != "" && d.now.variant != p.Trial.Variant {
		before := d.now
		d.other = &before
	}
	if d.other != nil && d.other.variant == p.Trial.Variant {
		d.other = nil
	}
	d.now = panel{trial: p.Trial.Name, variant: p.Trial.Variant, gauges: newGauges()}
	d.lastN, d.lastAt, d.rate = sim.Counts{}, time.Time{}, [3]float64{}
}

// draw draws the live view anew. Each line is cut to the terminal as it is now:
// one that was broken into two could not be taken back.
func (d *display) draw(p sim.Progress) {
	lines := []string{clip(d.text(p), width())}
	if p.Step == "load" || len(d.now.gauges[0].points) > 0 {
		lines = liveView(p, d.now, d.other, d.left(p), width()-1)
	}
	d.wipe()
	lipgloss.Fprintln(d.out, strings.Join(lines, "\n"))
	d.drawn = len(lines)
}

// left is how long the run will take from now on: the rest of this trial's load,
// and as long for each trial to come as those before took on average.
func (d *display) left(p sim.Progress) time.Duration {
	each := p.Total
	if p.TrialIndex > 0 {
		gone := time.Since(d.began) - p.Elapsed
		each = max(each, gone/time.Duration(p.TrialIndex))
	}
	return max(0, p.Total-p.Elapsed) + time.Duration(p.Trials-p.TrialIndex-1)*each
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
	if p.Step == "load" && p.Total > 0 {
		at := p.Elapsed.Seconds() / p.Total.Seconds()
		for i, v := range []float64{d.rate[0], d.rate[1], d.rate[2], p.AcceptP99, float64(p.Counts.Failed-d.lastN.Failed) / s, p.Backlog} {
			d.now.gauges[i].add(at, v)
		}
	}
	d.lastAt, d.lastN = now, p.Counts
}

func (d *display) text(p sim.Progress) string {
	head := fmt.Sprintf("[%d/%d] %s", p.TrialIndex+1, p.Trials, p.Trial.Name)
	switch p.Step {
	case "load":
		s := fmt.Sprintf("%s  %s %2.0f/%.0fs  %3.0f offered %3.0f accepted %3.0f completed /s  p99 %.0f ms  backlog %.0f",
			head, p.Phase, p.Elapsed.Seconds(), p.Total.Seconds(), d.rate[0], d.rate[1], d.rate[2], p.AcceptP99, p.Backlog)
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
		return fmt.Sprintf("%s  reading the final records: %d", head, p.Audited)
	case "stop":
		return head + "  stopping"
	}
	return head + "  done"
}
