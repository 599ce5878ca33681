package proc

import (
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"squall/sim"
)

func TestParseStat(t *testing.T) {
	const tail = " S 1 2 3 0 -1 4194304 10 0 0 0 250 50 0 0 20 0 9 0 1000 1000000 25 18446744073709551615"
	page := int64(os.Getpagesize())
	for _, c := range []struct {
		why, text string
		bad       bool
	}{
		{"a plain name", "7 (orders)" + tail, false},
		{"a name with blanks and parentheses", "7 (a) S (b) 1 2)" + tail, false},
		{"cut short", "7 (orders) S 1 2 3", true},
		{"no number", strings.Replace("7 (orders)"+tail, "250", "many", 1), true},
		{"nothing", "", true},
	} {
		got, err := parseStat(c.text)
		want := sim.Resources{CPU: 3 * time.Second, RSS: 25 * page, State: "S"}
		if c.bad != (err != nil) || !c.bad && got != want {
			t.Errorf("%s: %+v, error %v; expected %+v", c.why, got, err, want)
		}
	}
}

func TestSocketsAreCounted(t *testing.T) {
	before, err := read(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
	}
	after, err := read(os.Getpid())
	if err != nil || after.Connections != before.Connections+3 {
		t.Errorf("%d sockets, %d before, error %v; expected 3 more", after.Connections, before.Connections, err)
	}
}

func TestSocketsThatCannotBeReadAreTold(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/0", nil, 0o644); err != nil { // no link
		t.Fatal(err)
	}
	if n, err := sockets(dir); err == nil {
		t.Errorf("%d sockets and no error", n)
	}
}
