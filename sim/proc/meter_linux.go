package proc

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"squall/sim"
)

// clockTick is the unit of CPU times in /proc: USER_HZ, 100 on every Linux
// platform that Go runs on.
const clockTick = time.Second / 100

// read reads the use of resources of a process from /proc.
func read(pid int) (sim.Resources, error) {
	dir := "/proc/" + strconv.Itoa(pid)
	text, err := os.ReadFile(dir + "/stat")
	if err != nil {
		return sim.Resources{}, gone(err)
	}
	r, err := parseStat(string(text))
	if err != nil {
		return r, fmt.Errorf("%s/stat: %w", dir, err)
	}
	r.Connections, err = sockets(dir + "/fd")
	return r, gone(err)
}

// gone turns the errors of /proc for a process that has ended into
// os.ErrProcessDone.
func gone(err error) error {
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("%w: %w", os.ErrProcessDone, err)
	}
	return err
}

// parseStat takes the figures out of /proc/PID/stat, whose fields proc(5) lists.
func parseStat(text string) (r sim.Resources, err error) {
	// The name in parentheses may hold anything: fields are counted from its end.
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	if len(fields) < 22 {
		return r, fmt.Errorf("saw %d fields after the name, expected 22 or more", len(fields))
	}
	number := func(i int) int64 {
		n, bad := strconv.ParseInt(fields[i], 10, 64)
		err = errors.Join(err, bad)
		return n
	}
	r.State = fields[0]
	r.CPU = time.Duration(number(11)+number(12)) * clockTick // utime, stime
	r.RSS = number(21) * int64(os.Getpagesize())
	return r, err
}

// sockets counts the sockets among the open files of a process.
func sockets(dir string) (n int, err error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	for _, f := range files {
		to, err := os.Readlink(dir + "/" + f.Name())
		if errors.Is(err, os.ErrNotExist) {
			continue // it was closed meanwhile
		}
		if err != nil {
			return n, err
		}
		if strings.HasPrefix(to, "socket:") {
			n++
		}
	}
	return n, nil
}
