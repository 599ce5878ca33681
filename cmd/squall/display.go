package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/mattn/go-isatty"

	"squall/sim"
)

// display shows a run as it goes: one line that is kept up to date on a
// terminal, plain lines with the time elsewhere.
type display struct {
	mu       sync.Mutex
	out      io.Writer
	live     bool
	quiet    bool
	drawn    bool
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
	if d.drawn {
		fmt.Fprint(d.out, "\r\x1b[2K")
		d.drawn = false
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
		d.lastN, d.lastAt, d.rate = sim.Counts{}, time.Time{}, [3]float64{}
	}
	d.measure(p)
	d.last = p
	if p.Note != "" {
		d.say("  " + p.Trial.Name + "  " + p.Note)
		return
	}
	text := d.text(p)
	if d.live {
		d.wipe()
		fmt.Fprint(d.out, clip(text, width()))
		d.drawn = true
		return
	}
	about := p.Trial.Name + p.Step + p.Phase
	if about != d.printed || time.Since(d.printedS) > 5*time.Second {
		d.printed, d.printedS = about, time.Now()
		d.say(text)
	}
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
