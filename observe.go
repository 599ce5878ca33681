package squall

import "squall/sim"

// Observer hears of a run as it goes. Its methods may be called from any
// goroutine and must not block.
type Observer interface {
	// Line is something that is worth a line of its own.
	Line(text string)
	// Busy is what squall does while there is nothing to watch.
	Busy(text string)
	// Progress is a moment of a trial.
	Progress(p sim.Progress)
}

// silent is the observer of those who asked for none.
type silent struct{}

func (silent) Line(string)           {}
func (silent) Busy(string)           {}
func (silent) Progress(sim.Progress) {}

func observer(o Observer) Observer {
	if o == nil {
		return silent{}
	}
	return o
}
