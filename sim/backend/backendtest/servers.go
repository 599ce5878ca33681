// Package backendtest starts servers for a test. Only tests import it.
package backendtest

import (
	"context"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
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
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // its end, with or without an error, is the sign to stop
		stop()
	}()
	if err := backend.ServeNATS(ctx, os.Getenv); err != nil {
		println(err.Error())
		os.Exit(1)
	}
	os.Exit(0)
}

// Names are the backends of a role, over which a conformance suite runs.
func Names(role string) (all []string) {
	for _, b := range backend.Of(role) {
		all = append(all, b.Name)
	}
	return all
}

// Start starts the server of a backend, to be ended with the test, and checks
// that what can be done to it is what the backend says. A server in containers is
// skipped where no engine has the image; see NeedContainers.
func Start(t *testing.T, name string) sim.Server {
	t.Helper()
	b, err := backend.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	if b.Provided == backend.ByContainer {
		NeedContainers(t)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	started, err := b.Start(ctx, Options(t, ctx))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := started.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	dir := t.TempDir()
	servers, err := started.CreateNamespace(ctx, sim.NamespaceSpec{
		Name: "test", Dir: dir, Died: func(error) {}, // what follows fails
		Log: func(server string) string { return filepath.Join(dir, server+".log") },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := servers.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	server := servers.ByName[b.Role]
	if can := sim.ServerCan(server); !slices.Equal(slices.Sorted(slices.Values(can)), slices.Sorted(slices.Values(b.Can))) {
		t.Errorf("%s can %v, and says that it can %v", name, can, b.Can)
	}
	return server
}

// Options are those with which a test starts servers: the test binary itself is
// the embedded broker (see Main), and no image is pulled.
func Options(t *testing.T, ctx context.Context) backend.Options {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return backend.Options{
		RunID: "test", ServerArgv: []string{self}, FreeAddr: proc.FreeAddr, Images: LocalImages(ctx),
		Launch: func(ctx context.Context, l sim.Launch) (sim.Child, error) { return proc.Launch(ctx, l) },
	}
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
		defer func() { _ = engine.Close() }()
		for _, b := range backend.All() {
			image, err := engine.Found(ctx, b)
			switch {
			case err != nil:
				lack = err.Error()
			case b.Provided == backend.ByContainer && image == "":
				lack = "no image of " + b.Name + "; make images builds it"
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

// LocalImages names the images that are here, by role, so that no test tries to
// pull; those that are not are left out.
func LocalImages(ctx context.Context) map[string]string {
	engine, err := backend.FindEngine(ctx)
	if err != nil {
		return nil // what needs the engine fails for that reason
	}
	defer func() { _ = engine.Close() }()
	images := map[string]string{}
	for _, b := range backend.All() {
		if image, err := engine.Found(ctx, b); err == nil && image != "" {
			images[b.Role] = image
		}
	}
	return images
}
