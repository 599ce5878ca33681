package service

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// TestFailpointCountsHits: the process dies at the nth hit of the failpoint that
// it is armed with, no earlier, and once.
func TestFailpointCountsHits(t *testing.T) {
	for _, c := range []struct {
		why  string
		arm  string // "" for none
		nth  int
		hits []string
		dies []int // at which of the hits, from 1
	}{
		{"not armed", "", 0, []string{afterCommit, afterCommit}, nil},
		{"the first hit", afterCommit, 1, []string{afterCommit, afterCommit}, []int{1}},
		{"the third hit", afterCommit, 3, []string{afterCommit, afterCommit, afterCommit, afterCommit}, []int{3}},
		{"others do not count", afterCommit, 2, []string{afterCommit, beforeCommit, afterPublish, afterCommit}, []int{4}},
		{"too few hits", afterCommit, 3, []string{afterCommit, afterCommit, beforeCommit}, nil},
	} {
		t.Run(c.why, func(t *testing.T) {
			p, events := newTestProcess(t, "shipping", func(cfg *Config) { cfg.failpoint, cfg.failpointNth = c.arm, c.nth })
			hit, died := 0, []int(nil)
			p.armed.kill = func() {
				if n := len(events.of(t, "crash.point")); n != 1 {
					t.Errorf("saw %d events crash.point before the death; expected one", n)
				}
				died = append(died, hit)
			}
			for i, name := range c.hits {
				hit = i + 1
				p.failpoint(name)
			}
			if !slices.Equal(died, c.dies) {
				t.Errorf("it died at the hits %v; expected %v", died, c.dies)
			}
			for _, e := range events.of(t, "crash.point") {
				if e.Detail != c.arm {
					t.Errorf("the event names the failpoint %q; expected %q", e.Detail, c.arm)
				}
			}
		})
	}
}

// TestCrashAt arms a running process over HTTP: it counts from then on, and 0
// disarms it.
func TestCrashAt(t *testing.T) {
	p, _ := newTestProcess(t, "shipping")
	died := 0
	p.armed.kill = func() { died++ }
	arm := func(query string) {
		t.Helper()
		if w := request(p, http.MethodPost, "/crash-at?"+query, ""); w.Code != http.StatusNoContent {
			t.Fatalf("POST /crash-at?%s: saw %d %s; expected 204", query, w.Code, w.Body)
		}
	}
	p.failpoint(beforePublish)
	arm("point=before-publish&nth=2")
	p.failpoint(beforePublish)
	if died != 0 {
		t.Fatal("it died at the first hit after it was armed; expected it at the second")
	}
	arm("point=before-publish&nth=2") // counts anew
	p.failpoint(beforePublish)
	arm("point=before-publish&nth=0")
	p.failpoint(beforePublish)
	if died != 0 {
		t.Fatal("it died though it was disarmed")
	}
	arm("point=after-answer&nth=1")
	p.failpoint(afterAnswer)
	if died != 1 {
		t.Fatal("it lived on; expected its death at the first hit")
	}
}

func TestCrashAtRefuses(t *testing.T) {
	p, _ := newTestProcess(t, "shipping")
	p.armed.kill = func() { t.Error("it died; expected it not to be armed") }
	for _, c := range []struct{ why, query, says string }{
		{"no number", "point=after-commit", `nth: saw ""; expected a whole number`},
		{"a number that is a word", "point=after-commit&nth=two", `nth: saw "two"`},
		{"a number below 0", "point=after-commit&nth=-1", `nth: saw "-1"`},
		{"a failpoint that does not exist", "point=after-lunch&nth=1", `point: saw the failpoint "after-lunch"; expected one of before-commit`},
		{"no failpoint", "nth=1", `point: saw the failpoint ""`},
	} {
		w := request(p, http.MethodPost, "/crash-at?"+c.query, "")
		if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s: saw %d %s; expected 400 that says %s", c.why, w.Code, w.Body, c.says)
		}
	}
	for _, name := range failpoints {
		p.failpoint(name)
	}
}

// TestFailpointsOfAMessage: at each failpoint, as much has happened as its name
// says.
func TestFailpointsOfAMessage(t *testing.T) {
	for _, c := range []struct {
		name                     string
		inbox, acks, sent, wires int // inbox rows, acks, rows marked as sent, publications
	}{
		{beforeCommit, 0, 0, 0, 0},
		{afterCommit, 1, 0, 0, 0},
		{beforePublish, 1, 1, 0, 0},
		{afterPublish, 1, 1, 0, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, b, _ := newTestConsumer(t)
			p.armed.arm(c.name, 1)
			died := make(chan struct{})
			p.armed.kill = func() {
				defer close(died)
				inbox, acks, sent, wires := len(handled(t, p)), len(b.settlements("ack")), 0, len(b.publications())
				if inbox > 0 {
					sent = 1 - int(unsent(t, p))
				}
				if inbox != c.inbox || acks != c.acks || sent != c.sent || wires != c.wires {
					t.Errorf("saw %d inbox rows, %d acks, %d rows sent, %d publications; expected %d, %d, %d, %d",
						inbox, acks, sent, wires, c.inbox, c.acks, c.sent, c.wires)
				}
			}
			b.deliver("inventory", created("o-1"))
			inBackground(t, p.consume)
			if c.acks > 0 { // so that the relay does not begin before the ack
				eventually(t, "the message is acknowledged", func() bool { return len(b.settlements("ack")) == 1 })
				inBackground(t, newRelay(p).run)
			}
			eventually(t, "the failpoint was reached", func() bool {
				select {
				case <-died:
					return true
				default:
					return false
				}
			})
		})
	}
}
