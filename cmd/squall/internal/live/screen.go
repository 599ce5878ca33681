package live

import (
	"os"
	"strings"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
)

// refresh is how often the live part is drawn anew. A run reports its progress
// four times a second.
const refresh = 100 * time.Millisecond

// framesPerSecond is how often bubbletea looks whether the picture has changed:
// some times in each refresh, as bubbletea can print no line above a picture that
// it has not drawn yet (settled).
const framesPerSecond = 30

// settled is the number of redraws after which the picture is on the screen.
const settled = 2

// screen is the live part of a terminal: a bubbletea program that asks a Display,
// again and again, what there is to show. It is asked and not told so that a
// terminal that takes no output (Ctrl-S) never holds the run up.
//
// The program reads no keys and handles no signals but the one of a resized
// terminal: Ctrl-C reaches squall as ever. It changes no mode of the terminal and
// leaves the cursor visible, so that there is nothing to restore when squall is
// killed.
type screen struct {
	program *tea.Program
	closing chan struct{} // closed when the live part is to go
	gone    chan struct{} // closed when it is gone
	once    sync.Once
}

func newScreen(d *Display) *screen {
	s := &screen{closing: make(chan struct{}), gone: make(chan struct{})}
	out := d.out
	if f, ok := out.(*os.File); ok {
		out = terminal{f}
	}
	options := []tea.ProgramOption{
		tea.WithOutput(out), tea.WithInput(nil), tea.WithoutSignalHandler(), tea.WithFPS(framesPerSecond),
	}
	s.program = tea.NewProgram(picture{display: d, closing: s.closing}, append(options, d.options...)...)
	return s
}

// terminal is a terminal that shows what is typed on it, such as the ^C of
// Ctrl-C, which moves the cursor. Everything that bubbletea writes begins in the
// first column, where the cursor was left; so that is where it goes back first.
type terminal struct{ *os.File }

// Write implements io.Writer.
func (t terminal) Write(p []byte) (int, error) {
	n, err := t.File.Write(append([]byte{'\r'}, p...))
	return max(0, n-1), err
}

// WriteString implements io.StringWriter.
func (t terminal) WriteString(s string) (int, error) { return t.Write([]byte(s)) }

// close ends the live part and waits until it is gone.
func (s *screen) close() {
	s.once.Do(func() { close(s.closing) })
	<-s.gone
}

// picture is the bubbletea model: what is on the screen.
type picture struct {
	display       *Display
	closing       <-chan struct{}
	columns, rows int
	content       string
	redraws       int
	over          bool // there is nothing to draw any more
}

// redraw says that it is time to draw anew; last that there is nothing to draw any
// more.
type redraw struct{ last bool }

// Init implements tea.Model.
func (p picture) Init() tea.Cmd { return p.wait }

// wait returns the next redraw when it is due.
func (p picture) wait() tea.Msg {
	tick := time.NewTimer(refresh)
	defer tick.Stop()
	select {
	case <-tick.C:
		return redraw{}
	case <-p.closing:
		return redraw{last: true}
	}
}

// Update implements tea.Model.
func (p picture) Update(m tea.Msg) (tea.Model, tea.Cmd) {
	switch m := m.(type) {
	case tea.WindowSizeMsg:
		p.columns, p.rows = m.Width, m.Height
	case redraw:
		next := p.wait
		if m.last {
			next = tea.Quit
		}
		p.redraws++
		p.over = m.last
		p.draw()
		// One after the other: the next redraw comes when these lines are printed,
		// so that none is lost at the end.
		return p, tea.Sequence(p.above(), next)
	default:
		return p, nil
	}
	p.draw()
	return p, nil
}

// draw brings the picture up to date. The last column stays empty, as a terminal
// may wrap a line that fills it, and so does the last line, where the cursor is.
func (p *picture) draw() {
	p.content = ""
	if !p.over && p.columns > 0 {
		p.content = p.display.frame(max(1, p.columns-1), max(1, p.rows-1))
	}
}

// above prints the lines that are to stay, once the picture is on the screen; what
// is still to be printed when it goes, the Display prints. A line whose end falls on the edge of
// the terminal gets one more column: what clears the rest of a line would clear
// its last character.
func (p picture) above() tea.Cmd {
	if p.redraws <= settled {
		return nil
	}
	lines := p.display.takeAbove()
	if len(lines) == 0 {
		return nil
	}
	for i, l := range lines {
		if w := lipgloss.Width(l); p.columns > 0 && w > 0 && w%p.columns == 0 {
			lines[i] += " "
		}
	}
	return tea.Println(strings.Join(lines, "\n"))
}

// View implements tea.Model.
func (p picture) View() tea.View {
	v := tea.NewView(p.content)
	if p.content != "" {
		v.Content += "\n"
	}
	v.DisableBracketedPasteMode = true
	// A cursor that is asked for is not hidden. A shape of -1 without blinking
	// leaves its shape alone.
	v.Cursor = &tea.Cursor{Position: tea.Position{Y: strings.Count(v.Content, "\n")}, Shape: -1}
	return v
}
