package service

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// The failpoints: places in the code at which a process can be told to crash.
const (
	beforeCommit  = "before-commit"  // a message's effect is written, not committed
	afterCommit   = "after-commit"   // committed, not acknowledged
	beforePublish = "before-publish" // read from the outbox, not published
	afterPublish  = "after-publish"  // confirmed by the broker, not marked as sent
	afterCapture  = "after-capture"  // charged by the provider, not written down
	afterAnswer   = "after-answer"   // a service behind orders answered, orders has not moved on
)

// failpoints lists them all.
var failpoints = []string{beforeCommit, afterCommit, beforePublish, afterPublish, afterCapture, afterAnswer}

// armedFailpoint is the failpoint at which a process is to kill itself.
type armedFailpoint struct {
	mu   sync.Mutex
	name string
	left int    // hits to go, the fatal one included; 0: not armed
	kill func() // ends the process; only tests replace it
}

// arm sets the failpoint and at which hit from now on the process is to die;
// 0 disarms it.
func (a *armedFailpoint) arm(name string, nth int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.name, a.left = name, nth
}

// failpoint marks a place in the code. At the hit for which the process is
// armed it dies, as if it had been killed from outside at this very place.
func (p *process) failpoint(name string) {
	a := &p.armed
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.left == 0 || a.name != name {
		return
	}
	if a.left--; a.left > 0 {
		return
	}
	p.journal.emit(Line{Kind: "crash.point", Detail: name})
	a.kill()
}

// killSelf sends the process SIGKILL and does not return.
func killSelf() {
	if err := syscall.Kill(syscall.Getpid(), syscall.SIGKILL); err != nil {
		panic(fmt.Sprintf("failpoint: send SIGKILL to this process: %v", err))
	}
	select {} // until the signal arrives
}

// parseFailpoint reads what a process is armed with from its start: name:nth.
func parseFailpoint(text string) (name string, nth int, err error) {
	if text == "" {
		return "", 0, nil
	}
	name, number, _ := strings.Cut(text, ":")
	if nth, err = strconv.Atoi(number); err != nil || nth < 0 {
		return "", 0, fmt.Errorf("saw %q; expected a failpoint and a whole number, such as after-commit:3", text)
	}
	return name, nth, checkFailpoint(name)
}

func checkFailpoint(name string) error {
	if slices.Contains(failpoints, name) {
		return nil
	}
	return fmt.Errorf("saw the failpoint %q; expected one of %s", name, strings.Join(failpoints, ", "))
}

// postCrashAt arms the process: ?point=after-commit&nth=3; nth=0 disarms it.
func (p *process) postCrashAt(w http.ResponseWriter, req *http.Request) {
	q := req.URL.Query()
	name, text := q.Get("point"), q.Get("nth")
	nth, err := strconv.Atoi(text)
	if err != nil || nth < 0 {
		http.Error(w, fmt.Sprintf("nth: saw %q; expected a whole number", text), http.StatusBadRequest)
		return
	}
	if err := checkFailpoint(name); err != nil && nth > 0 {
		http.Error(w, "point: "+err.Error(), http.StatusBadRequest)
		return
	}
	p.armed.arm(name, nth)
	w.WriteHeader(http.StatusNoContent)
}
