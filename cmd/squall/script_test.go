package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/rogpeppe/go-internal/testscript"

	"squall/sim/backend/backendtest"
)

var update = flag.Bool("update", false, "rewrite what scripts compare with")

// program is the squall that the scripts run, built once.
var program string

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "squall-test-")
		if err != nil {
			panic(err)
		}
		defer func() { _ = os.RemoveAll(dir) }()
		program = filepath.Join(dir, "squall")
		if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "build squall: %v\n%s", err, out)
			return 1
		}
		return m.Run()
	}())
}

// TestScript runs the scripts of testdata over the real program.
func TestScript(t *testing.T) { scripts(t, "testdata") }

// TestScriptContainer runs those that need RabbitMQ and MariaDB.
func TestScriptContainer(t *testing.T) {
	backendtest.NeedContainers(t)
	scripts(t, "testdata/container")
}

// TestLongScript runs those that take most of a minute or more.
func TestLongScript(t *testing.T) { scripts(t, "testdata/long") }

// TestLongScriptContainer runs those that also need RabbitMQ and MariaDB.
func TestLongScriptContainer(t *testing.T) {
	backendtest.NeedContainers(t)
	scripts(t, "testdata/long-container")
}

// scriptFolders are the folders that the four tests above run.
var scriptFolders = []string{"testdata", "testdata/container", "testdata/long", "testdata/long-container"}

// TestEveryScriptRuns finds a script in a folder that no test runs.
func TestEveryScriptRuns(t *testing.T) {
	err := filepath.WalkDir("testdata", func(path string, d fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".txtar" && !slices.Contains(scriptFolders, filepath.ToSlash(filepath.Dir(path))) {
			t.Errorf("%s: no test runs the scripts of this folder, expected one of %s", path, strings.Join(scriptFolders, ", "))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// scripts runs the scripts of a folder.
func scripts(t *testing.T, folder string) {
	files, err := filepath.Glob(folder + "/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts in %s: %v", folder, err)
	}
	testscript.RunT(inTurn{t}, testscript.Params{
		Files:               files,
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("PATH", filepath.Dir(program)+string(os.PathListSeparator)+e.Getenv("PATH"))
			e.Setenv("SQUALL", program)
			e.Setenv("DOCKER_HOST", os.Getenv("DOCKER_HOST"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "await": await, "nothing-left": nothingLeft, "append-event": appendEvent,
		},
	})
}

// inTurn runs scripts one after another: a storm beside a storm would measure
// the machine.
type inTurn struct{ *testing.T }

func (t inTurn) Parallel()     {}
func (t inTurn) Verbose() bool { return testing.Verbose() }
func (t inTurn) Run(name string, f func(testscript.T)) {
	t.T.Run(name, func(t *testing.T) { f(inTurn{t}) })
}

// exits CODE PROGRAM ARGS... runs a program that must end with that code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	code := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if code != want {
		ts.Fatalf("exit code %d, expected %d", code, want)
	}
}

// patience is how long a script waits for something.
const patience = 60 * time.Second

// poll asks until it holds.
func poll(ts *testscript.TestScript, limit time.Duration, what string, holds func() bool) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); <-tick.C {
		if holds() {
			return
		}
	}
	ts.Fatalf("not within %s: %s", limit, what)
}

// await FILE [BYTES] waits until a file is there, with so many bytes at least.
func await(ts *testscript.TestScript, _ bool, args []string) {
	least := int64(0)
	if len(args) > 1 {
		n, err := strconv.ParseInt(args[1], 10, 64)
		ts.Check(err)
		least = n
	}
	file := ts.MkAbs(args[0])
	poll(ts, patience, file+" is there", func() bool {
		info, err := os.Stat(file)
		return err == nil && info.Size() >= least
	})
}

// append-event FILE JSON adds a line to a history, as a compressed frame of its
// own.
func appendEvent(ts *testscript.TestScript, _ bool, args []string) {
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_APPEND|os.O_WRONLY, 0)
	ts.Check(err)
	z, err := zstd.NewWriter(f)
	ts.Check(err)
	_, err = fmt.Fprintln(z, args[1])
	ts.Check(errors.Join(err, z.Close(), f.Close()))
}

// nothing-left waits until no process is left that has the script's folder in
// its arguments or its environment, and no trial's data in it.
func nothingLeft(ts *testscript.TestScript, _ bool, _ []string) {
	work := ts.Getenv("WORK")
	var left []string
	poll(ts, 15*time.Second, "nothing is left", func() bool {
		left = processesOf(work)
		return len(left) == 0
	})
	data, err := filepath.Glob(filepath.Join(work, "*", "*", "data"))
	ts.Check(err)
	if len(data) > 0 {
		ts.Fatalf("left behind: %s", strings.Join(data, ", "))
	}
}

// processesOf returns the command lines of the processes that know of a folder.
func processesOf(dir string) (found []string) {
	all, _ := filepath.Glob("/proc/[0-9]*")
	for _, p := range all {
		args, err := os.ReadFile(filepath.Join(p, "cmdline"))
		if err != nil || len(args) == 0 {
			continue // gone, or a zombie
		}
		env, _ := os.ReadFile(filepath.Join(p, "environ"))
		if strings.Contains(string(args), dir) || strings.Contains(string(env), dir) {
			found = append(found, strings.ReplaceAll(string(args), "\x00", " "))
		}
	}
	return found
}
