package service

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// contract is the text of docs/process-contract.md.
func contract(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("../../docs/process-contract.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestContractNamesTheSettings: the process contract has the variables that a
// process reads, and no others.
func TestContractNamesTheSettings(t *testing.T) {
	read := map[string]bool{}
	for _, env := range []map[string]string{ // that ask for all that any process uses
		environment(), {"SQUALL_STORE": "sqlite"},
	} {
		_, _ = FromEnv(func(name string) string { // what it complains about does not matter here
			read[name] = true
			return env[name]
		})
	}
	got := slices.Sorted(maps.Keys(read))
	want := regexp.MustCompile(`SQUALL_[A-Z0-9_]+`).FindAllString(contract(t), -1)
	slices.Sort(want)
	if want = slices.Compact(want); !slices.Equal(got, want) {
		t.Errorf("a process reads\n%v\nthe contract has\n%v", got, want)
	}
}

// TestContractNamesTheRequests: every process answers the requests that the
// process contract has, and those of no older contract.
func TestContractNamesTheRequests(t *testing.T) {
	p, _ := newTestProcess(t, "shipping")
	mux := p.mux()
	for _, c := range []struct{ request, query string }{
		{"GET /healthz", ""}, {"GET /status", ""}, {"GET /audit", ""}, {"POST /crash-at", "?point=P&nth=N"},
		{"POST /degrade", "?slow=50ms&slow_share=0.5&errors=0.1"},
	} {
		if !strings.Contains(contract(t), "`"+c.request+c.query+"`") {
			t.Errorf("the contract does not have `%s%s`", c.request, c.query)
		}
		method, path, _ := strings.Cut(c.request, " ")
		if _, pattern := mux.Handler(httptest.NewRequest(method, path, nil)); pattern != c.request {
			t.Errorf("%s is answered by %q", c.request, pattern)
		}
	}
}

// TestContractNamesTheRecords: the table of audit records has every kind that a
// service yields.
func TestContractNamesTheRecords(t *testing.T) {
	text := contract(t)
	l := newPipeline(t, Sync)
	request(l.orders, http.MethodPost, "/orders", encoded(testOrder))
	kinds := map[string]bool{}
	for _, p := range []*process{l.orders, l.inventory, l.payment, l.shipping, l.provider} {
		for _, r := range everything(t, p) {
			kinds[regexp.MustCompile(`"kind":"([^"]*)"`).FindStringSubmatch(r)[1]] = true
		}
	}
	if len(kinds) < 8 {
		t.Errorf("saw the kinds %v; expected eight or more", slices.Sorted(maps.Keys(kinds)))
	}
	for kind := range kinds {
		if !strings.Contains(text, "| `"+kind+"` |") {
			t.Errorf("the contract does not have the kind %s", kind)
		}
	}
}
