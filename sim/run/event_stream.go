package run

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"squall/sim"
	"squall/sim/clock"
)

// readEventStream makes events of what a process writes, from now on.
func readEventStream(process string, write func(sim.Event)) func([]byte) {
	opened := clock.Now()
	var troubled atomic.Bool
	return func(line []byte) {
		var e sim.Event
		if err := json.Unmarshal(line, &e); err != nil {
			e = sim.Event{At: clock.Now(), Kind: sim.ProcessGarbled, Detail: fmt.Sprintf("%.200q", line)}
		}
		e.Src = process
		if why := impossible(e.At, opened, clock.Now()); why != "" && !troubled.Swap(true) {
			write(sim.Event{Src: process, Kind: sim.ClockTrouble, Detail: why})
		}
		write(e)
	}
}

// clockSlack allows for what passes between two readings of one clock.
const clockSlack = int64(10 * time.Millisecond)

// impossible says why an event cannot have happened when it says: before its
// process was started, or after it was read. "" for one that can.
func impossible(at, opened, now int64) string {
	switch {
	case at < opened-clockSlack:
		return fmt.Sprintf("an event is %s older than its process", time.Duration(opened-at))
	case at > now+clockSlack:
		return fmt.Sprintf("an event is %s in the future", time.Duration(at-now))
	}
	return ""
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// serviceOf is the service of a process: "orders" of "orders-1".
func serviceOf(process string) string {
	if i := strings.LastIndexByte(process, '-'); i > 0 {
		return process[:i]
	}
	return process
}
