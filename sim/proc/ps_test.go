package proc

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"squall/sim"
)

func TestParsePS(t *testing.T) {
	const s, ms = time.Second, time.Millisecond
	for _, c := range []struct {
		why, text string
		want      sim.Resources
		bad       string // what the error quotes
	}{
		{"macOS, just started", "  1232   0:00.00 S\n", sim.Resources{RSS: 1232 << 10, State: "S"}, ""},
		{"macOS, hundredths", " 48720   0:03.41 R+\n", sim.Resources{RSS: 48720 << 10, CPU: 3*s + 410*ms, State: "R"}, ""},
		{"macOS, more minutes than an hour has", "512 1234:56.78 Ss\n",
			sim.Resources{RSS: 512 << 10, CPU: 1234*time.Minute + 56*s + 780*ms, State: "S"}, ""},
		{"macOS, stopped in the foreground", "  9216   0:00.29 T+\n", sim.Resources{RSS: 9216 << 10, CPU: 290 * ms, State: "T"}, ""},
		{"macOS, ended and not reaped", "     0   0:00.00 Z\n", sim.Resources{State: "Z"}, ""},
		{"Linux", " 4320 00:00:07 Ss\n", sim.Resources{RSS: 4320 << 10, CPU: 7 * s, State: "S"}, ""},
		{"Linux, hours", "4320 12:34:56 Sl\n", sim.Resources{RSS: 4320 << 10, CPU: 12*time.Hour + 34*time.Minute + 56*s, State: "S"}, ""},
		{"Linux, days", "4320 2-01:00:01 D\n", sim.Resources{RSS: 4320 << 10, CPU: 49*time.Hour + s, State: "D"}, ""},
		{"a hundredth that no binary fraction meets", "1 0:00.29 S", sim.Resources{RSS: 1 << 10, CPU: 290 * ms, State: "S"}, ""},
		{"nothing", "", sim.Resources{}, `""`},
		{"a heading", "RSS TIME STAT\n", sim.Resources{}, `"RSS"`},
		{"a column is missing", "4320 0:00.00\n", sim.Resources{}, "4320 0:00.00"},
		{"another language", "4320 0:00,05 S\n", sim.Resources{}, `"0:00,05"`},
		{"no clock", "4320 5 S\n", sim.Resources{}, `"5"`},
		{"days without hours", "4320 2-00:01 S\n", sim.Resources{}, `"2-00:01"`},
		{"a minute of 75 seconds", "4320 0:75 S\n", sim.Resources{}, `"0:75"`},
		{"a time below nothing", "4320 0:-5 S\n", sim.Resources{}, `"0:-5"`},
		{"not a number", "4320 0:NaN S\n", sim.Resources{}, `"0:NaN"`},
	} {
		got, err := parsePS(c.text)
		if c.bad != "" {
			if err == nil || !strings.Contains(err.Error(), c.bad) {
				t.Errorf("%s: %+v, error %v; expected an error that quotes %s", c.why, got, err, c.bad)
			}
			continue
		}
		if err != nil || got != c.want {
			t.Errorf("%s: %+v, error %v; expected %+v", c.why, got, err, c.want)
		}
	}
}

// TestReadPS asks the ps of this system about real processes: its columns are
// those that macOS has, too.
func TestReadPS(t *testing.T) {
	if _, err := exec.LookPath("ps"); err != nil {
		t.Skip("there is no ps here; it is used only where there is no /proc")
	}
	cmd := exec.Command("/bin/sh", "-c", "while :; do :; done")
	if err := cmd.Start(); err != nil { // with no lower priority: it is to use CPU time soon
		t.Fatal(err)
	}
	defer func() { _ = cmd.Wait() }()
	defer func() { _ = cmd.Process.Kill() }()
	eventually(t, "ps shows memory and a second of CPU time", func() bool {
		r, err := readPS(cmd.Process.Pid)
		return err == nil && r.RSS > 100<<10 && r.CPU >= time.Second && r.State == "R"
	})
	if err := cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	eventually(t, "ps shows it stopped", func() bool { r, err := readPS(cmd.Process.Pid); return err == nil && r.State == "T" })
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	if _, err := readPS(cmd.Process.Pid); !errors.Is(err, os.ErrProcessDone) {
		t.Errorf("a process that is gone: error %v, expected os.ErrProcessDone", err)
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := readPS(os.Getpid()); err == nil || errors.Is(err, os.ErrProcessDone) {
		t.Errorf("no ps: error %v, expected one that is not about the process", err)
	}
}
