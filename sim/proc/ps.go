package proc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"squall/sim"
)

// psTime bounds one run of ps.
const psTime = 5 * time.Second

// readPS reads the use of resources of a process with ps(1), whose options here
// are those of POSIX and rss, which BSD, macOS and Linux have. It cannot count
// sockets.
func readPS(pid int) (sim.Resources, error) {
	ctx, cancel := context.WithTimeout(context.Background(), psTime)
	defer cancel()
	// One -o for each: after the first "=" the rest of an argument is a heading.
	cmd := exec.CommandContext(ctx, "ps", "-o", "rss=", "-o", "time=", "-o", "stat=", "-p", strconv.Itoa(pid))
	cmd.Env = append(os.Environ(), "LC_ALL=C") // other languages write 0:00,05
	out, err := cmd.Output()
	if ctx.Err() != nil {
		return sim.Resources{}, fmt.Errorf("ps -p %d: no answer within %s", pid, psTime)
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) && len(strings.TrimSpace(string(out))) == 0 && len(exit.Stderr) == 0 {
		return sim.Resources{}, fmt.Errorf("ps shows no process %d: %w", pid, os.ErrProcessDone)
	}
	if err != nil {
		return sim.Resources{}, fmt.Errorf("ps -p %d: %w", pid, err)
	}
	return parsePS(string(out))
}

// parsePS takes memory in KiB, CPU time and state out of what ps printed.
func parsePS(text string) (r sim.Resources, err error) {
	fields := strings.Fields(text)
	if len(fields) != 3 {
		return r, fmt.Errorf("ps printed %q, expected memory, CPU time and state", text)
	}
	kib, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil {
		return r, fmt.Errorf("ps printed the memory %q, expected KiB", fields[0])
	}
	r.RSS = kib << 10
	if r.CPU, err = parseCPUTime(fields[1]); err != nil {
		return r, err
	}
	r.State = fields[2][:1] // what follows are flags, such as "+" for the foreground
	return r, nil
}

// parseCPUTime reads a time as ps prints it: [[days-]hours:]minutes:seconds,
// where macOS has hundredths of a second and as many minutes as it takes.
func parseCPUTime(text string) (time.Duration, error) {
	bad := fmt.Errorf("ps printed the CPU time %q, expected [[days-]hours:]minutes:seconds", text)
	days, clock, dated := strings.Cut(text, "-")
	if !dated {
		days, clock = "0", text
	}
	sum, err := strconv.ParseUint(days, 10, 16)
	if err != nil {
		return 0, bad
	}
	parts := strings.Split(clock, ":")
	if len(parts) < 2 || len(parts) > 3 || dated && len(parts) != 3 {
		return 0, bad
	}
	if len(parts) == 2 {
		parts = append([]string{"0"}, parts...)
	}
	for i, unit := range []uint64{24, 60} { // hours to a day, minutes to an hour
		n, err := strconv.ParseUint(parts[i], 10, 32)
		if err != nil {
			return 0, bad
		}
		sum = sum*unit + n
	}
	seconds, err := strconv.ParseFloat(parts[2], 64)
	if err != nil || !(seconds >= 0 && seconds < 60) { // NaN is neither
		return 0, bad
	}
	hundredths := time.Duration(seconds*100 + 0.5)
	return time.Duration(sum)*time.Minute + hundredths*10*time.Millisecond, nil
}
