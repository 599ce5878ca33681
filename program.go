package squall

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"squall/sim/backend"
	"squall/system/service"
)

// The words by which a squall program is told to be one of its own child
// processes.
const (
	serviceWord = "service"
	brokerWord  = "broker"
	reaperWord  = "reaper"
)

// ServeService is one replica of a service of the pipeline, until ctx or its
// standard input ends. Its settings come from the environment, and its events go
// to file descriptor 3 (docs/process-contract.md).
func ServeService(ctx context.Context) error {
	cfg, err := service.FromEnv(os.Getenv)
	if err != nil {
		return usage(err)
	}
	events := os.NewFile(3, "events")
	if _, err := events.Stat(); err != nil {
		return usage(fmt.Errorf("file descriptor 3, for events, is not open: %w", err))
	}
	return service.Run(untilInputEnds(ctx), cfg, events)
}

// ServeBroker is the embedded broker, until ctx or its standard input ends. Its
// settings come from the environment.
func ServeBroker(ctx context.Context) error {
	return backend.ServeNATS(untilInputEnds(ctx), os.Getenv)
}

// untilInputEnds returns a context that ends when standard input does: that is
// how a child learns that its parent is gone or wants it to be.
func untilInputEnds(ctx context.Context) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // its end is the news, whatever ended it
		cancel()
	}()
	return ctx
}

// Reap waits for the end of standard input, and then removes the data below the
// run directory (which may be a pattern) and the run's containers and networks.
func Reap(runID, dir string) error {
	_, _ = io.Copy(io.Discard, os.Stdin) // its end is the news, whatever ended it
	data, err := filepath.Glob(filepath.Join(dir, "*", "data"))
	errs := []error{err}
	for _, d := range data {
		errs = append(errs, os.RemoveAll(d))
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if engine, err := backend.FindEngine(ctx); err == nil {
		defer func() { _ = engine.Close() }() // only asked
		_, err = engine.Reap(ctx, runID)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// startReaper starts a process that outlives a run which is killed, and cleans up
// behind it: in a session of its own, where no signal to squall reaches it. The
// function that is returned ends it.
func startReaper(program, runID, dir string) (stop func(), err error) {
	cmd := exec.Command(program, reaperWord, "--run", runID, "--dir", dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the reaper: %w", err)
	}
	return func() {
		_ = stdin.Close() // its end is the news, and it ends with this process, too
		_ = cmd.Wait()    // what it could not remove, squall clean will
	}, nil
}

// Clean removes the containers and networks that earlier, killed squalls left,
// and returns what it removed. found is false where no container engine answers.
func Clean(ctx context.Context) (removed []string, found bool, err error) {
	engine, err := backend.FindEngine(ctx)
	if err != nil {
		return nil, false, nil
	}
	defer func() { _ = engine.Close() }() // only asked
	removed, err = engine.Reap(ctx, "")
	return removed, true, err
}

// programOr is a program's path, or that of the program that runs now.
func programOr(named string) (string, error) {
	if named != "" {
		return named, nil
	}
	path, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find the squall program: %w", err)
	}
	return path, nil
}

// Executable is the absolute path of a program that is asked for by name; flag
// says where.
func Executable(flag, path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err == nil {
		_, err = exec.LookPath(abs)
	}
	if err != nil {
		return "", usage(fmt.Errorf("%s: %w", flag, err))
	}
	return abs, nil
}
