package live

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/mattn/go-isatty"

	"squall/sim"
)

// Display shows a run as it goes. All its methods may be called at any time and
// from any goroutine. Line, Busy and Progress do not wait for the terminal while
// there is a live part.
type Display struct {
	out     io.Writer
	quiet   bool
	now     func() time.Time
	options []tea.ProgramOption // beside those of newScreen; for tests

	mu      sync.Mutex
	redraws bool // out is a terminal on which lines can be drawn anew
	watch   watch
	busy    string   // shown instead of the trials
	above   []string // lines that are still to be printed above the live part
	screen  *screen  // the live part, nil while there is none
	told    plainLine
}

// plainLine is the last plain line about a trial.
type plainLine struct {
	about string // trial, step and phase
	at    time.Time
}

// plainEvery is how often a plain line says how a phase goes.
const plainEvery = 5 * time.Second

// New returns a display that writes to out, and nothing at all when it is quiet.
func New(out io.Writer, quiet bool) *Display {
	f, ok := out.(*os.File)
	redraws := ok && isatty.IsTerminal(f.Fd()) && os.Getenv("TERM") != "dumb"
	return &Display{out: out, quiet: quiet, now: time.Now, redraws: redraws}
}

// Line prints a line that stays.
func (d *Display) Line(text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.line(text)
}

func (d *Display) line(text string) {
	switch {
	case d.quiet:
	case d.screen != nil:
		d.above = append(d.above, text)
	case d.redraws:
		_, _ = fmt.Fprintln(d.out, text) // progress that cannot be shown is not worth a run
	default:
		_, _ = fmt.Fprintln(d.out, d.now().UTC().Format("15:04:05 ")+text)
	}
}

// Busy shows on a terminal what squall does while there is no trial to watch,
// until Progress or Close.
func (d *Display) Busy(text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.redraws && !d.quiet {
		d.busy = text
		d.open()
	}
}

// Progress shows a moment of a trial. A moment with a note leaves a line.
func (d *Display) Progress(p sim.Progress) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.quiet {
		return
	}
	now := d.now()
	d.watch.take(p, now)
	about := p.Trial.Name + p.Step + p.Phase
	switch {
	case p.Note != "":
		d.line("  " + p.Trial.Name + "  " + p.Note)
	case d.redraws:
		d.busy = ""
		d.open()
	case about != d.told.about || now.Sub(d.told.at) > plainEvery:
		d.told = plainLine{about, now}
		d.line(d.watch.sentence())
	}
}

// Close takes the live part away and leaves the terminal as it was, with the
// cursor where the live part began. It may be called again, and what is shown
// afterwards opens a new live part.
func (d *Display) Close() {
	d.mu.Lock()
	s := d.screen
	d.mu.Unlock()
	if s != nil {
		s.close()
	}
}

// open makes a live part unless there is one.
func (d *Display) open() {
	if d.screen == nil {
		d.screen = newScreen(d)
		go d.draw(d.screen)
	}
}

// draw keeps a live part on the terminal until it is closed. When bubbletea
// cannot go on, the run is told in plain lines from then on.
func (d *Display) draw(s *screen) {
	_, err := s.program.Run()
	d.mu.Lock()
	defer d.mu.Unlock()
	defer close(s.gone)
	d.screen = nil
	if err != nil {
		d.redraws = false
		d.above = append(d.above, "the live view ended, plain lines follow: "+err.Error())
	}
	for _, text := range d.above {
		d.line(text)
	}
	d.above = nil
}

// frame is what the live part shows at this moment, at most so many lines and
// columns.
func (d *Display) frame(columns, rows int) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	lines := []string{fit(faint.Render(d.busy), columns)}
	if d.busy == "" {
		lines = d.watch.lines(columns, d.now())
	}
	return strings.Join(lines[:min(len(lines), rows)], "\n")
}

// takeAbove returns the lines that are to be printed above the live part, each
// line once.
func (d *Display) takeAbove() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	lines := d.above
	d.above = nil
	return lines
}
