// Package backendtest starts the servers of a backing for a test. Only tests
// import it.
package backendtest

import (
	"context"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"testing"
	"time"

	"squall/sim"
	"squall/sim/backend"
	"squall/sim/proc"
)

// childEnv tells a test binary that it is to be the embedded broker.
const childEnv = "SQUALL_NATS_LISTEN"

// Main is a test binary's TestMain: it runs the tests, or is the embedded
// broker that one of them started.
func Main(m *testing.M) {
	if os.Getenv(childEnv) == "" {
		os.Exit(m.Run())
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	go func() { io.Copy(io.Discard, os.Stdin); stop() }()
	if err := backend.ServeNATS(ctx, os.Getenv); err != nil {
		println(err.Error())
		os.Exit(1)
	}
	os.Exit(0)
}

// Flavours are the backings that a conformance suite runs over.
var Flavours = []string{"embedded", "container"}

// Start starts a backing's servers, to be ended with the test. Containers are
// skipped where no engine has the images, unless SQUALL_REQUIRE_CONTAINERS is
// set; then that is a failure.
func Start(t *testing.T, flavour string) *sim.Servers {
	t.Helper()
	if flavour == "container" {
		NeedContainers(t)
	}
	f, err := backend.Find(flavour)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	b, err := f.Start(ctx, backend.Options{
		RunID: "test", ServerArgv: []string{self}, FreeAddr: proc.FreeAddr, Say: func(string) {},
		Launch: func(ctx context.Context, l sim.Launch) (sim.Child, error) { return proc.Launch(ctx, l) },
		Images: LocalImages(ctx),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close(context.Background()) })
	dir := t.TempDir()
	servers, err := b.CreateNamespace(ctx, sim.NamespaceSpec{
		Name: "test", Dir: dir, Died: func(error) {},
		Log: func(server string) string { return filepath.Join(dir, server+".log") },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { servers.Close(context.Background()) })
	return servers
}

// NeedContainers skips a test where no engine has the images, or fails it
// where containers are required.
func NeedContainers(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	lack := ""
	engine, err := backend.FindEngine(ctx)
	if err != nil {
		lack = err.Error()
	} else {
		defer engine.Close()
		for _, i := range backend.Images() {
			if engine.Image(ctx, i.Official) == "" && engine.Image(ctx, i.Local) == "" {
				lack = "no image of the " + i.Server + "; make images builds it"
			}
		}
	}
	switch {
	case lack == "":
	case os.Getenv("SQUALL_REQUIRE_CONTAINERS") != "":
		t.Fatal("containers are required: ", lack)
	default:
		t.Skip("needs containers: ", lack)
	}
}

// LocalImages names the images that are here, so that no test tries to pull.
func LocalImages(ctx context.Context) map[string]string {
	images := map[string]string{}
	engine, err := backend.FindEngine(ctx)
	if err != nil {
		return nil
	}
	defer engine.Close()
	for _, i := range backend.Images() {
		images[i.Server] = i.Official
		if engine.Image(ctx, i.Official) == "" {
			images[i.Server] = i.Local
		}
	}
	return images
}
