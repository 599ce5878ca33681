package run

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"squall/sim"
)

const (
	orderLine = `{"kind":"audit.order","order":"a","to":"DELIVERED"}` + "\n"
	endLine   = `{"kind":"audit.end"}` + "\n"
)

// TestAuditIsReadOrRefused: only an answer of status 200 with its last record
// counts, and of any other the error says what came.
func TestAuditIsReadOrRefused(t *testing.T) {
	long := strings.Repeat("é", 300)
	for _, c := range []struct {
		why     string
		answer  func(http.ResponseWriter)
		records int
		want    string // of the error, "" for none
	}{
		{"a whole audit", func(w http.ResponseWriter) { write(w, orderLine, endLine) }, 2, ""},
		{"no such path", func(w http.ResponseWriter) { http.Error(w, "no audit here", http.StatusNotFound) }, 0,
			`GET /audit answered 404, expected 200: "no audit here\n"`},
		{"an error of the service", func(w http.ResponseWriter) { http.Error(w, "disk full", http.StatusInternalServerError) }, 0,
			`GET /audit answered 500, expected 200: "disk full\n"`},
		{"a success without records", func(w http.ResponseWriter) { w.WriteHeader(http.StatusNoContent) }, 0,
			`GET /audit answered 204, expected 200: ""`},
		{"a long body is cut", func(w http.ResponseWriter) { w.WriteHeader(http.StatusTeapot); write(w, long) }, 0,
			`GET /audit answered 418, expected 200: "` + strings.Repeat("é", 200) + `"`},
		{"records of another status", func(w http.ResponseWriter) { w.WriteHeader(http.StatusAccepted); write(w, orderLine, endLine) }, 0,
			"GET /audit answered 202"},
		{"no last record", func(w http.ResponseWriter) { write(w, orderLine) }, 1,
			"the records break off after 1; expected a last one of kind audit.end"},
		{"half a line", func(w http.ResponseWriter) { write(w, orderLine, endLine[:9]) }, 1,
			"the records break off after 1: line 2 has no end: unexpected EOF"},
		{"cut while it is sent", func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "1000")
			write(w, orderLine)
		}, 1, "the records break off after 1: line 2: unexpected EOF"},
		{"the service could not read on", func(w http.ResponseWriter) {
			write(w, orderLine, `{"kind":"audit.failed","detail":"database is locked"}`+"\n")
		}, 1, "database is locked"},
		{"not JSON", func(w http.ResponseWriter) { write(w, "<html>\n") }, 0, "line 1: "},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet || r.URL.Path != "/audit" {
				t.Errorf("%s %s", r.Method, r.URL)
			}
			c.answer(w)
		}))
		records := 0
		err := readAudit(t.Context(), strings.TrimPrefix(server.URL, "http://"), func(sim.Event) error { records++; return nil })
		server.Close()
		if records != c.records || err == nil != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %d records, %v; expected %d, %q", c.why, records, err, c.records, c.want)
		}
	}
}

// child is a process of which only its address is asked.
type child struct {
	sim.Child
	name, addr string
	dead       bool
}

func (c child) Name() string    { return c.name }
func (c child) Service() string { return "orders" }
func (c child) Addr() string    { return c.addr }
func (c child) Alive() bool     { return !c.dead }

// TestAuditAsksAnotherReplica: of a service whose first replica gives no record;
// never where it gave some.
func TestAuditAsksAnotherReplica(t *testing.T) {
	serve := func(name, body string, status int) sim.Child {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status); write(w, body) }))
		t.Cleanup(s.Close)
		return child{name: name, addr: strings.TrimPrefix(s.URL, "http://")}
	}
	whole := serve("orders-2", orderLine+endLine, http.StatusOK)
	for _, c := range []struct {
		why      string
		children []sim.Child
		records  int
		want     string
	}{
		{"the second answers", []sim.Child{serve("orders-1", "gone", http.StatusNotFound), whole}, 2, ""},
		{"the first is dead", []sim.Child{child{name: "orders-1", dead: true}, whole}, 2, ""},
		{"the first breaks off", []sim.Child{serve("orders-1", orderLine, http.StatusOK), whole}, 1,
			"audit of orders-1: the records break off after 1"},
		{"none answers", []sim.Child{serve("orders-1", "gone", http.StatusNotFound), serve("orders-2", "busy", http.StatusServiceUnavailable)}, 0,
			`audit of orders-1: GET /audit answered 404, expected 200: "gone"; audit of orders-2: GET /audit answered 503, expected 200: "busy"`},
		{"none runs", []sim.Child{child{name: "orders-1", dead: true}}, 0, "audit of orders: no replica runs that could be asked"},
	} {
		var out bytes.Buffer
		tr := &trial{Deployment: &Deployment{Children: c.children}}
		err := tr.auditService(t.Context(), "orders", &out)
		n := strings.Count(out.String(), "\n")
		if n != c.records || err == nil != (c.want == "") || err != nil && !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %d records, %v; expected %d, %q", c.why, n, err, c.records, c.want)
		}
		if c.records > 0 && !strings.Contains(out.String(), `"src":"orders"`) {
			t.Errorf("%s: the records do not say whose they are: %s", c.why, out.String())
		}
	}
}

// write sends an answer; what a client that is gone does not read is not missed.
func write(w http.ResponseWriter, parts ...any) { _, _ = fmt.Fprint(w, parts...) }
