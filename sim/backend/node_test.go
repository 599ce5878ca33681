package backend

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
)

func TestStartNode(t *testing.T) {
	f := newFakeEngine(t)
	c := newContainers(startSpec{Options: Options{RunID: "a", FreeAddr: ports()}, engine: f.Engine, image: "an-image"})
	c.network = "net"
	err := c.run(t.Context(), nodeSpec{
		name: "broker-1", flags: []string{"--flag"}, ports: []string{"5672", "15672"}, env: map[string]string{"KEY": "value"},
		files: map[string]string{"/etc/a.conf": "text"},
	})
	if err != nil {
		t.Fatal(err)
	}
	n := c.nodes[0]
	var made fakeContainer
	f.locked(func() { made = *f.containers[n.id] })
	if n.addrs["5672"] != "127.0.0.1:1001" || n.addrs["15672"] != "127.0.0.1:1002" {
		t.Errorf("addresses %v", n.addrs)
	}
	for port, bound := range made.made.HostConfig.PortBindings {
		want := n.addrs[fmt.Sprint(port.Num())]
		if len(bound) != 1 || !bound[0].HostIP.IsLoopback() || "127.0.0.1:"+bound[0].HostPort != want {
			t.Errorf("port %s is bound to %v, expected the loopback address %s", port, bound, want)
		}
	}
	if got := made.made; got.Image != "an-image" || !slices.Equal(got.Cmd, []string{"--flag"}) ||
		!slices.Equal(got.Env, []string{"KEY=value"}) || got.Labels[labelRun] != "a" || got.Hostname != "broker-1" ||
		got.HostConfig.NetworkMode != "net" {
		t.Errorf("made of %+v", got.Config)
	}
	if aliases := made.made.NetworkingConfig.EndpointsConfig["net"].Aliases; !slices.Equal(aliases, []string{"broker-1"}) {
		t.Errorf("in the network it is called %v", aliases)
	}
	files := tar.NewReader(bytes.NewReader(made.files))
	header, err := files.Next()
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(files); err != nil || header.Name != "etc/a.conf" || string(text) != "text" || header.Mode != 0o644 {
		t.Errorf("file %s (%o): %q, %v", header.Name, header.Mode, text, err)
	}
	if !made.Running {
		t.Error("it was not started")
	}
	if err := c.close(t.Context()); err != nil || f.left() > 0 {
		t.Errorf("close: %v; %d containers are left", err, f.left())
	}
}

func TestCommand(t *testing.T) {
	f := newFakeEngine(t)
	c, _ := one(t, f)
	n := c.nodes[0]
	if err := n.command(t.Context(), "rabbitmqctl", "-q", "status"); err != nil {
		t.Errorf("a program that succeeds: %v", err)
	}
	if got := f.programs; !slices.Equal(got, []string{"rabbitmqctl -q status"}) {
		t.Errorf("it ran %q", got)
	}
	f.locked(func() { f.program = "unknown command"; f.status = 64 })
	says(t, n.command(t.Context(), "rabbitmqctl"), "run rabbitmqctl in broker: status 64: unknown command")
	f.fail("/exec", "no more processes")
	says(t, n.command(t.Context(), "rabbitmqctl"), "run rabbitmqctl in broker: ", "no more processes")
}

func TestLimited(t *testing.T) {
	l := &limited{most: 5}
	for _, s := range []string{"abc", "def", "ghi"} {
		if n, err := io.WriteString(l, s); n != 3 || err != nil {
			t.Errorf("wrote %d, %v", n, err)
		}
	}
	if got := string(l.text()); got != "abcde\n(4 bytes more are left out)\n" {
		t.Errorf("kept %q", got)
	}
}

func TestDown(t *testing.T) {
	for _, c := range []struct {
		why     string
		orderly bool
		ends    int // status of an orderly end
		refuse  string
		status  string
		err     string
	}{
		{why: "an orderly end", orderly: true, status: "broker ended with status 0"},
		{why: "an orderly end that took a kill", orderly: true, ends: statusKilled, status: "broker ended with status 137",
			err: "expected it to end by itself"},
		{why: "a kill", status: "broker ended with status 137"},
		{why: "an engine that does not", refuse: "/kill", err: "bring broker down: "},
	} {
		f := newFakeEngine(t)
		set, made := one(t, f)
		f.locked(func() { made.ends = c.ends })
		if c.refuse != "" {
			f.fail(c.refuse, "no")
		}
		status, err := set.down(t.Context(), c.orderly)
		if status != c.status || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %q, error %v, expected %q and %q", c.why, status, err, c.status, c.err)
		}
		if !set.nodes[0].held.Load() {
			t.Errorf("%s: a node that squall brought down is taken for one that died", c.why)
		}
	}
}
