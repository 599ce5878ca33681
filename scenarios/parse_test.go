package scenarios

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"squall/sim"
)

// catalogue is a small one, so that these tests do not depend on what there is.
func catalogue() Catalog {
	span := func(f sim.FaultSpec) time.Duration { return f.For }
	system := sim.System{Variant: "async", Work: map[string]string{},
		Processes: []sim.ProcessSpec{{Service: "orders"}, {Service: "inventory"}},
		Links:     []sim.LinkSpec{{From: "orders", To: "broker"}}}
	return Catalog{
		Variants: []string{"async"},
		Systems:  map[string]sim.System{"async": system},
		Faults: map[string]sim.FaultKind{
			"pause": {Name: "pause", Class: sim.TargetProcess, NeedsFor: true, Span: span,
				Fields: []sim.Field{{Name: "count", Type: "count"}}},
			"latency": {Name: "latency", Class: sim.TargetLink, NeedsFor: true, Span: span,
				Fields: []sim.Field{{Name: "delay", Type: "duration", Required: true, Help: "how much"}}},
		},
	}
}

const good = `name: good
load:
  phases:
    - { name: steady, for: 10s, rate: 10/s }
    - { name: ramp, for: 1m, rate: 600/m..50/s, discard: true }
services:
  inventory: { replicas: 3, work: { median: 2ms, p99: 9ms } }
faults:
  - { pause: inventory, at: 2s, for: 3s, count: 2 }
  - { latency: orders->broker, at: 6s, for: 3s, delay: 20ms }
expect:
  - async.accept.p99 < 50ms && async.accept.error_rate < 5%
compare:
  accept p99: { alpha: 0.01, min_effect: 20% }
  recovery: { min_effect: 3s }
`

func TestParse(t *testing.T) {
	sc, err := Parse("good.yaml", []byte(good), catalogue())
	if err != nil {
		t.Fatal(err)
	}
	ramp := sc.Load.Phases[1]
	if ramp.From != 10 || ramp.To != 50 || ramp.For != time.Minute || !ramp.Discard {
		t.Errorf("phase %+v", ramp)
	}
	inv := sc.Services["inventory"]
	if inv.Replicas != 3 || inv.Work.Median != 2*time.Millisecond || inv.Work.P99 != 9*time.Millisecond {
		t.Errorf("inventory %+v", inv)
	}
	if sc.Services["payment"].Replicas != 2 || sc.Seed != 1 || sc.Repeats != 1 {
		t.Errorf("defaults: %+v", sc)
	}
	p99, recovery := sc.Compare["accept p99"], sc.Compare["recovery"]
	if *p99.Alpha != 0.01 || *p99.MinEffect != 0.2 || *recovery.MinEffect != 3 || recovery.Alpha != nil {
		t.Errorf("compare %+v", sc.Compare)
	}
	if f := sc.Faults[0]; f.Int("count", 1) != 2 || f.At != 2*time.Second || f.For != 3*time.Second {
		t.Errorf("fault %+v", f)
	}
}

func TestProblemsHaveTheirPlace(t *testing.T) {
	for _, c := range []struct{ why, from, to, want string }{
		{"an unknown key", "name: good", "name: good\ncolour: red", "2:1: "},
		{"a duration without a unit", "for: 10s", "for: 10", "4:28: for: saw \"10\""},
		{"a phase that lasts no time", "for: 10s", "for: 0s", "4:28: for: saw 0"},
		{"a rate that is none", "rate: 10/s", "rate: ten", "4:39: rate: saw \"ten\""},
		{"a rate beyond what a generator can do", "rate: 10/s", "rate: 1000000/s", "4:39: rate"},
		{"more requests than fit", "for: 1m, rate: 600/m..50/s", "for: 20h, rate: 600/m..500/s", "4:5: phases: they ask for about"},
		{"a claim nobody makes", "name: good", "name: good\nclaim: C99", "2:8: claim: saw \"C99\""},
		{"a fault after the load", "at: 6s", "at: 80s", "10:36: latency: it is due at 1m20s"},
		{"a fault beyond the load's end", "for: 3s, delay", "for: 90s, delay", "10:36: latency: it lasts until 1m36s"},
		{"a target that is not there", "pause: inventory", "pause: inventary", "9:14: pause: saw target \"inventary\""},
		{"a missing field", ", delay: 20ms", "", "10:5: latency: it has no delay"},
		{"two faults at once on one target", "latency: orders->broker, at: 6s, for: 3s, delay: 20ms",
			"pause: inventory, at: 4s, for: 3s", "10:5: pause"},
		{"a figure that is not there", "accept.p99", "accept.p98", "12:5: expect"},
		{"no yes or no", "< 50ms && async.accept.error_rate < 5%", "", "12:6: expect: \"async.accept.p99\": it is neither true nor false"},
		{"a replica count of none", "replicas: 3", "replicas: 0", "7:26: replicas"},
		{"a percentile below the median", "p99: 9ms", "p99: 1ms", "7:"},
		{"a figure that is not compared", "accept p99:", "accept p98:", "14:3: compare: no figure \"accept p98\", expected one of accept p50"},
		{"an alpha that is certain", "alpha: 0.01", "alpha: 1", "14:24: alpha: saw \"1\", expected a probability"},
		{"an effect without a unit", "min_effect: 3s", "min_effect: 3", "15:27: min_effect: saw \"3\", expected a duration"},
		{"two keys alike", "name: good", "name: good\nname: again", "2:1: "},
	} {
		text := strings.Replace(good, c.from, c.to, 1)
		_, err := Parse("x.yaml", []byte(text), catalogue())
		var problems Problems
		if !errors.As(err, &problems) {
			t.Errorf("%s: error %v, expected problems", c.why, err)
			continue
		}
		if !strings.Contains(err.Error(), "x.yaml:"+c.want) {
			t.Errorf("%s:\n%v\nexpected %q", c.why, err, c.want)
		}
	}
}

func TestRandomFaults(t *testing.T) {
	const text = `name: storm
load: { phases: [ { for: 60s, rate: 10/s } ] }
faults: { random: { from: [pause, latency], every: 2s, for: 1s..5s, seed: 7 } }
`
	one, err := Parse("x.yaml", []byte(text), catalogue())
	if err != nil {
		t.Fatal(err)
	}
	again, _ := Parse("x.yaml", []byte(text), catalogue())
	other, _ := Parse("x.yaml", []byte(strings.Replace(text, "seed: 7", "seed: 8", 1)), catalogue())
	if fmt.Sprint(one.Faults) != fmt.Sprint(again.Faults) || fmt.Sprint(one.Faults) == fmt.Sprint(other.Faults) {
		t.Error("the faults do not follow from the seed")
	}
	kinds := map[string]int{}
	until := map[string]time.Duration{}
	for _, f := range one.Faults {
		kinds[f.Kind]++
		if f.For < time.Second || f.For > 5*time.Second || f.At+f.For >= time.Minute || f.At%(2*time.Second) != 0 {
			t.Errorf("%v lasts %s", f, f.For)
		}
		if until[f.Kind+f.Target] > f.At {
			t.Errorf("%v begins while its target is under another", f)
		}
		until[f.Kind+f.Target] = f.At + f.For
		if d := f.Duration("delay", 0); f.Kind == "latency" && (d < leastDelay || d > mostDelay) {
			t.Errorf("%v has a delay of %s", f, d)
		}
	}
	if kinds["pause"] < 3 || kinds["latency"] < 3 {
		t.Errorf("kinds: %v", kinds)
	}
	for _, c := range []struct{ from, to, want string }{
		{"from: [pause, latency], ", "", "3:19: random: it has no from"},
		{"[pause, latency]", "[pause, earthquake]", "from: saw \"earthquake\", expected kinds of faults: latency, pause"},
		{"1s..5s", "5s..1s", "for: saw \"5s..1s\""},
		{"every: 2s", "every: 2ms", "every: saw 2ms"},
		{"for: 60s", "for: 24h", "every: saw 2s, which makes 43200 faults in 24h0m0s, expected at most 10000"},
		{"seed: 7", "sneed: 7", "random: unknown key \"sneed\""},
	} {
		_, err := Parse("x.yaml", []byte(strings.Replace(text, c.from, c.to, 1)), catalogue())
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s for %s: %v, expected %q", c.to, c.from, err, c.want)
		}
	}
}

func TestOverrides(t *testing.T) {
	sc, err := ParseWith("good.yaml", []byte(good), []string{"services.payment.replicas=4", "load.phases.0.rate=20/s", "seed=9"}, catalogue())
	if err != nil {
		t.Fatal(err)
	}
	if sc.Services["payment"].Replicas != 4 || sc.Load.Phases[0].From != 20 || sc.Seed != 9 {
		t.Errorf("%+v", sc)
	}
	for _, bad := range []string{"seed", "=3", "load.phases.7.rate=2/s", "name.first=x", "servces.payment.replicas=4"} {
		if _, err := ParseWith("good.yaml", []byte(good), []string{bad}, catalogue()); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}

// FuzzParse: whatever the text and whatever is set in it, there is a scenario or
// problems, each with a place within the file.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		good, "name: x\nload: { phases: [ { for: 1s, rate: 1/s } ] }", "- 1\n- {}", "name: &a [*a]\nload: *a", "\xff\x00: |\n", "",
		"name: x\nload: { phases: [ { for: 9s, rate: 1/s } ] }\nfaults: { random: { from: [pause], every: 1s, for: 1s..2s } }\n",
		"expect: [ 'async.accept.p99 < 5%' ]\nstop: [ >-\n  async.accept.p99 > 1s ]", "? a\n: b\n---\n...", "name: 'x\r\n\t'\r\nseed: !!int 4\n",
	} {
		f.Add(text, "seed=4")
		f.Add(text, "load.phases.0.rate=[")
	}
	f.Fuzz(func(t *testing.T, text, set string) {
		_, err := Parse("x.yaml", []byte(text), catalogue())
		checkProblems(t, text, err)
		if err == nil {
			_, err = ParseWith("x.yaml", []byte(text), []string{set}, catalogue())
			checkProblems(t, "", err)
		}
	})
}

// checkProblems wants an error to be a list of problems, with places that are in
// the text; no text stands for one that is not known.
func checkProblems(t *testing.T, text string, err error) {
	if err == nil {
		return
	}
	var problems Problems
	if !errors.As(err, &problems) || len(problems) == 0 {
		t.Fatalf("error %v is no list of problems", err)
	}
	lines := strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text), "\n")
	for _, p := range problems {
		if p.Line < 1 || p.Col < 1 || p.Text == "" || p.File == "" {
			t.Fatalf("problem without a place or a text: %+v", p)
		}
		if text != "" && (p.Line > len(lines) || p.Col > utf8.RuneCountInString(lines[p.Line-1])+1) {
			t.Fatalf("problem beyond the text: %+v in\n%q", p, lines)
		}
	}
}

// FuzzValues: the readers of single values take what they can express, and write
// no number that is none.
func FuzzValues(f *testing.F) {
	for _, text := range []string{"150/s", "9000/m..1/h", "1%", "64KB/s", "zipf 1.1", "NaN/s", "1e400B/s", "Inf%", "/", "B/s", "..", "1_000"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		within := func(what string, v float64, err error, least, most float64) {
			if err == nil && !(v >= least && v <= most) {
				t.Fatalf("%s of %q is %v, expected %v to %v", what, text, v, least, most)
			}
		}
		from, to, err := parseRamp(text)
		within("rate", from, err, 0, maxRate)
		within("rate", to, err, 0, maxRate)
		share, err := parseShare(text)
		within("share", share, err, 0, 1)
		bandwidth, err := parseBandwidth(text)
		within("bandwidth", bandwidth, err, 1, 1e12)
		zipf, err := parseZipf(text)
		within("exponent", zipf, err, 0, 10)
	})
}
