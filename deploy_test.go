package squall

import (
	"net"
	"path/filepath"
	"strings"
	"testing"

	"squall/scenarios"
	"squall/sim"
	"squall/sim/host"
	"squall/sim/run"
)

// oneAddress is a host that gives every process the same address.
type oneAddress struct {
	host.Local
	at string
}

func (h oneAddress) FreeAddr() (string, error) { return h.at, nil }

// TestOccupiedPort: a process whose address somebody else has says so, and the
// others are stopped.
func TestOccupiedPort(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	chosen, err := chooseBacking(t.Context(), "embedded", "occupied", program, nil, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	sc, err := scenarios.Parse("trouble.yaml", []byte("name: occupied\nload: { phases: [ { for: 1s, rate: 1/s } ] }\n"), Catalog())
	if err != nil {
		t.Fatal(err)
	}
	b, err := chosen.Start(t.Context(), sc.Nodes)
	if err != nil {
		t.Fatal(err)
	}
	p := dependencies(b, program, nil)
	p.Host = oneAddress{at: taken.Addr().String()}
	dir := t.TempDir()
	s, err := run.Deploy(t.Context(), run.DeployConfig{
		Dependencies: p, Scenario: sc, Variant: "async", Name: "async-1", Data: filepath.Join(dir, "data"),
		Log: func(name string) string { return filepath.Join(dir, name+".log") }, Write: func(sim.Event) {}, Died: func(error) {},
	})
	if err == nil || !strings.Contains(err.Error(), "address already in use") || !strings.Contains(err.Error(), dir) {
		t.Errorf("error %v, expected one that says that the address is in use, and where the log is", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
