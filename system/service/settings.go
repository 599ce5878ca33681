package service

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"
)

// settingsReader reads settings that are text, by their names: environment
// variables, or the parameters of a request. It collects what is wrong with
// them, one error for each name: what was seen and what was expected.
type settingsReader struct {
	get  func(name string) string // "" for one that is not set
	errs []error
}

// refuse complains about the value of a name.
func (r *settingsReader) refuse(name, expected string) {
	saw := "nothing"
	if v := r.get(name); v != "" {
		saw = strconv.Quote(v)
	}
	r.errs = append(r.errs, fmt.Errorf("%s: saw %s; expected %s", name, saw, expected))
}

// check complains about a name if err is not nil.
func (r *settingsReader) check(name string, err error) {
	if err != nil {
		r.errs = append(r.errs, fmt.Errorf("%s: %w", name, err))
	}
}

func (r *settingsReader) required(name, expected string) string {
	v := r.get(name)
	if v == "" {
		r.refuse(name, expected)
	}
	return v
}

func (r *settingsReader) oneOf(name string, words ...string) string {
	v := r.get(name)
	if !slices.Contains(words, v) {
		r.refuse(name, "one of "+strings.Join(words, ", "))
	}
	return v
}

// addr reads one address, which must be set.
func (r *settingsReader) addr(name string) string {
	v := r.get(name)
	if !isAddr(v) {
		r.refuse(name, "host:port")
	}
	return v
}

// addrs reads any number of addresses, divided by commas.
func (r *settingsReader) addrs(name string) []string {
	all := list(r.get(name))
	if !slices.ContainsFunc(all, func(a string) bool { return !isAddr(a) }) {
		return all
	}
	r.refuse(name, "host:port of each, divided by commas")
	return nil
}

func isAddr(v string) bool {
	_, port, err := net.SplitHostPort(v)
	if err != nil {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}

func (r *settingsReader) number(name string, lowest, missing int64) int64 {
	v := r.get(name)
	if v == "" {
		return missing
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n < lowest {
		r.refuse(name, fmt.Sprintf("a whole number of %d or more", lowest))
	}
	return n
}

func (r *settingsReader) seed(name string, missing uint64) uint64 {
	v := r.get(name)
	if v == "" {
		return missing
	}
	n, err := strconv.ParseUint(v, 10, 64)
	if err != nil {
		r.refuse(name, "a whole number of 0 or more")
	}
	return n
}

func (r *settingsReader) duration(name string, missing time.Duration) time.Duration {
	v := r.get(name)
	if v == "" {
		return missing
	}
	d, err := time.ParseDuration(v)
	if err != nil || d < 0 {
		r.refuse(name, "a duration such as 20ms")
	}
	return d
}

// timeout reads a duration above 0.
func (r *settingsReader) timeout(name string, missing time.Duration) time.Duration {
	v := r.get(name)
	if v == "" {
		return missing
	}
	d, err := time.ParseDuration(v)
	if err != nil || d <= 0 {
		r.refuse(name, "a duration above 0, such as 2s")
	}
	return d
}

func (r *settingsReader) share(name string) float64 {
	v := r.get(name)
	if v == "" {
		return 0
	}
	f, err := strconv.ParseFloat(v, 64)
	if err != nil || !(f >= 0 && f <= 1) { // not f < 0 || f > 1, which NaN would pass
		r.refuse(name, "a share from 0 to 1")
	}
	return f
}
