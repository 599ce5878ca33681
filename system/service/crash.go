package service

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// The points at which a process can be told to crash.
const (
	beforeCommit  = "before-commit"  // a message's effect is written, not committed
	afterCommit   = "after-commit"   // committed, not acknowledged
	beforePublish = "before-publish" // read from the outbox, not published
	afterPublish  = "after-publish"  // confirmed by the broker, not marked as sent
	afterCapture  = "after-capture"  // charged by the provider, not written down
	afterAnswer   = "after-answer"   // a service behind orders answered, orders has not moved on
)

// crash is the point at which a process is armed to kill itself.
type crash struct {
	mu    sync.Mutex
	point string
	left  int // passages to go; 0: not armed
}

// passage marks a point of the code. At the passage for which the process is
// armed it dies, as if killed from outside at this very place.
func (p *process) passage(point string) {
	p.crash.mu.Lock()
	defer p.crash.mu.Unlock()
	if p.crash.left == 0 || p.crash.point != point {
		return
	}
	if p.crash.left--; p.crash.left > 0 {
		return
	}
	p.journal.emit(Line{Kind: "crash.point", Detail: point})
	_ = syscall.Kill(syscall.Getpid(), syscall.SIGKILL)
	select {} // the signal is on its way
}

// parseCrash reads what a process is armed with from its start: point:nth.
func parseCrash(text string) (point string, left int, err error) {
	if text == "" {
		return "", 0, nil
	}
	point, number, _ := strings.Cut(text, ":")
	if left, err = strconv.Atoi(number); err != nil || left < 0 {
		return "", 0, fmt.Errorf("SQUALL_CRASH_AT: saw %q, expected a point and a number, such as after-commit:3", text)
	}
	return point, left, nil
}

// postCrashAt arms the process: ?point=after-commit&nth=3; nth=0 disarms it.
func (p *process) postCrashAt(w http.ResponseWriter, req *http.Request) {
	nth, err := strconv.Atoi(req.URL.Query().Get("nth"))
	if err != nil || nth < 0 {
		http.Error(w, fmt.Sprintf("nth: saw %q, expected a whole number", req.URL.Query().Get("nth")), http.StatusBadRequest)
		return
	}
	p.crash.mu.Lock()
	p.crash.point, p.crash.left = req.URL.Query().Get("point"), nth
	p.crash.mu.Unlock()
	w.WriteHeader(http.StatusNoContent)
}
