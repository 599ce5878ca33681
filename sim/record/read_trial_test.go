package record

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"squall/sim"
)

// files writes a history and an audit, which tests then break.
func files(t *testing.T, history, audit []sim.Event) (historyFile, auditFile string) {
	t.Helper()
	dir := t.TempDir()
	historyFile, auditFile = filepath.Join(dir, "history"), filepath.Join(dir, "audit")
	for file, events := range map[string][]sim.Event{historyFile: history, auditFile: audit} {
		h, err := CreateHistory(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			if err := h.Write(e); err != nil {
				t.Fatal(err)
			}
		}
		if err := h.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return historyFile, auditFile
}

func shorten(t *testing.T, file string, by int) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err == nil {
		err = os.WriteFile(file, b[:len(b)-by], 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// replace writes a file whose lines are these.
func replace(t *testing.T, file, lines string) {
	t.Helper()
	z, err := zstd.NewWriter(nil)
	if err == nil {
		err = os.WriteFile(file, z.EncodeAll([]byte(lines), nil), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, file string) {
	t.Helper()
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
}

// TestWhyAnAuditCannotBeRead: the reason is told without the folder that the run
// happens to be in, and only once where the history has told it.
func TestWhyAnAuditCannotBeRead(t *testing.T) {
	done := []sim.Event{{Kind: sim.TrialStart, At: 1}, {Kind: sim.AuditDone, At: 2}}
	order := []sim.Event{{Kind: sim.AuditOrder, Order: "a", To: "DELIVERED"}, {Kind: sim.AuditEnd, Order: "a"}}
	keep := func(*testing.T, string) {}
	for _, c := range []struct {
		why     string
		history []sim.Event
		spoil   func(*testing.T, string)
		audited bool
		want    string
	}{
		{"a whole audit", done, keep, true, ""},
		{"it is gone", done, remove, false, "the audit could not be read: audit: no such file or directory"},
		{"it breaks off", done, func(t *testing.T, file string) { shorten(t, file, 10) }, false,
			"the audit could not be read: audit: line 1: unexpected EOF"},
		{"it is something else", done, func(t *testing.T, file string) {
			if err := os.WriteFile(file, []byte("no zstd at all"), 0o644); err != nil {
				t.Fatal(err)
			}
		}, false, "the audit could not be read: audit: line 1: invalid input: magic number mismatch"},
		{"a line is no event", done, func(t *testing.T, file string) { replace(t, file, "{\"kind\":\"audit.end\"}\nxyz\n") }, false,
			"the audit could not be read: audit: line 2: invalid character 'x' looking for beginning of value: \"xyz\\n\""},
		{"nobody took it, and the history says why",
			[]sim.Event{{Kind: sim.TrialInterrupted, Detail: "context canceled"}}, remove, false,
			"the trial was interrupted: context canceled"},
		{"a service refused", []sim.Event{{Kind: sim.AuditFailed, Detail: "audit of orders-1: GET /audit answered 404"}}, keep, false,
			"the audit could not be read: audit of orders-1: GET /audit answered 404"},
		{"nobody took it, and nobody knows why", done[:1], remove, false,
			"the audit could not be read: audit: no such file or directory"},
	} {
		history, audit := files(t, c.history, order)
		c.spoil(t, audit)
		rec, err := ReadTrial(history, audit, 0)
		if err != nil {
			t.Errorf("%s: %v", c.why, err)
			continue
		}
		if got := rec.Trouble.String(); rec.Audited != c.audited || got != c.want {
			t.Errorf("%s: audited %v, %q; expected %v, %q", c.why, rec.Audited, got, c.audited, c.want)
		}
	}
}

// TestABrokenAuditHasTimelines: a line of the audit that is no event does not keep
// a trial from being judged by the rest.
func TestABrokenAuditHasTimelines(t *testing.T) {
	history, audit := files(t, []sim.Event{{Kind: sim.ClientResponse, Order: "a", At: 5}}, nil)
	replace(t, audit, `{"kind":"audit.order","order":"a","at":4}`+"\nxyz\n")
	r := &sim.TrialResult{Slowest: []sim.Example{{Order: "a"}}}
	if err := AddTimelines(r, history, audit, 1); err != nil || len(r.Slowest[0].Events) != 2 {
		t.Errorf("%d events, %v", len(r.Slowest[0].Events), err)
	}
	remove(t, history)
	if err := AddTimelines(r, history, audit, 1); err == nil || !strings.Contains(err.Error(), history) {
		t.Errorf("without a history: %v", err)
	}
}
