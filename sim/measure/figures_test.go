package measure

import (
	"encoding/json"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"squall/sim"
)

// TestFiguresAreTold: names and places are given once, and whatever a figure needs
// to be shown, compared and looked up is there.
func TestFiguresAreTold(t *testing.T) {
	names, paths, units, rows := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[int]bool{}
	for _, f := range Figures() {
		if f.Name == "" || f.Means == "" || f.Kind == "" || f.Read == nil {
			t.Errorf("%+v lacks something", f)
		}
		if names[f.Name] || paths[f.Path] || units[f.Unit] || rows[f.Row] {
			t.Errorf("%s has the name, path, unit or row of another figure", f.Name)
		}
		names[f.Name] = true
		paths[f.Path], units[f.Unit], rows[f.Row] = f.Path != "", f.Unit != "", f.Row > 0
		if f.Compare != nil && (f.Unit == "" || f.Better == "") {
			t.Errorf("%s is compared, and has the unit %q and the direction %q", f.Name, f.Unit, f.Better)
		}
		if f.Live && f.Path == "" {
			t.Errorf("%s is known while a trial goes, and no condition can ask for it", f.Name)
		}
		if f.Brief && f.Row == 0 {
			t.Errorf("%s is in the terminal's table and not in the report's", f.Name)
		}
		if !slices.ContainsFunc(Terms(), func(term Term) bool { return term.ID == f.Term }) {
			t.Errorf("%s has the term %q, which is not defined", f.Name, f.Term)
		}
	}
}

// TestComparedNames are what scenarios and flags call figures: they stay.
func TestComparedNames(t *testing.T) {
	want := []string{
		"accept p50", "accept p99", "complete p50", "complete p99", "lag p50", "lag p99",
		"throughput", "error rate", "recovery", "CPU per order",
	}
	if got := ComparedNames(); !slices.Equal(got, want) {
		t.Errorf("saw %q, expected %q", got, want)
	}
	if f, err := FindCompared("recovery"); err != nil || f.Kind != sim.KindSeconds {
		t.Errorf("recovery: %+v, %v", f, err)
	}
	for _, name := range []string{"accept max", "violations", "boredom"} {
		if _, err := FindCompared(name); err == nil || !strings.Contains(err.Error(), "expected one of accept p50, accept p99, ") {
			t.Errorf("%s: saw %v, expected an error that names the figures", name, err)
		}
	}
}

// telling is a result in which every figure has a value of its own.
func telling() *sim.VariantResult {
	latency := func(base float64) sim.Latency {
		return sim.Latency{Count: int64(base), P50: base + 1, P90: base + 2, P99: base + 3, P999: base + 4, Max: base + 5, Mean: base + 6}
	}
	v := &sim.VariantResult{
		Accept:     sim.Accept{OK: 11, Fail: 12, Info: 13, ErrorRate: 0.25, Latency: latency(100)},
		Complete:   latency(200),
		Throughput: sim.Throughput{Offered: 21, Accepted: 22, Completed: 23},
		Audit:      sim.Audit{Violations: 31},
		Resources:  sim.ResourceUse{CPUSeconds: 41, CPUMSPerCompletion: 42, MaxRSSBytes: 43, MaxConnections: 44},
		Backlog:    sim.Backlog{Peak: 51},
	}
	v.Lag.Convergence = sim.Convergence{Latency: latency(300), Censored: 61}
	v.Lag.Visibility = &sim.Visibility{Lag: sim.Convergence{Latency: latency(400)}}
	return v
}

// unitSuffix is what expressions leave out at the end of the names in result.json.
var unitSuffix = regexp.MustCompile(`_(ms|per_s)$`)

// TestFiguresReadWhatTheirPathsName: a figure is what an expectation gets under
// the figure's path, which is a place in result.json.
func TestFiguresReadWhatTheirPathsName(t *testing.T) {
	v := telling()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var result map[string]any
	if err := json.Unmarshal(b, &result); err != nil {
		t.Fatal(err)
	}
	pathless := 0
	for _, f := range Figures() {
		if f.Path == "" {
			pathless++
			continue
		}
		got := f.Read(v.Measured())
		if want := figureAt(result, f.Path); got.Value != want || got.Bound != sim.Exact {
			t.Errorf("%s reads %+v, and %s is %v", f.Name, got, f.Path, want)
		}
	}
	if pathless != 1 {
		t.Errorf("%d figures have no path, expected the recovery alone", pathless)
	}
}

// figureAt is the number at a path of result.json, NaN where there is none.
func figureAt(object map[string]any, path string) float64 {
	key, rest, more := strings.Cut(path, ".")
	for name, value := range object {
		if unitSuffix.ReplaceAllString(name, "") != key {
			continue
		}
		if inner, ok := value.(map[string]any); ok && more {
			return figureAt(inner, rest)
		}
		if x, ok := value.(float64); ok && !more {
			return x
		}
	}
	return math.NaN()
}

// TestTrialAndVariantReadAlike: what a variant of one trial has is what the trial
// has.
func TestTrialAndVariantReadAlike(t *testing.T) {
	sc, rec := story()
	trial := Trial("async-1", sc, rec, sim.Audit{Verdict: sim.Pass})
	five, three := 5.0, 3.0
	trial.Recovery = []sim.Recovery{{BacklogS: &three, LatencyS: &five}}
	trial.Series.Backlog["total"] = []float64{1, 7, 2}
	v := Variant("async", []*sim.TrialResult{trial})
	exact := 0
	for _, f := range Figures() {
		a, b := f.Read(trial.Measured()), f.Read(v.Measured())
		if a != b {
			t.Errorf("%s: %+v in the trial, %+v in the variant", f.Name, a, b)
		}
		if a.Bound == sim.Exact {
			exact++
		}
	}
	if exact < 20 {
		t.Errorf("only %d figures were measured", exact)
	}
}

// TestRecoveryIsTheLongest: and there is none without a fault, or where a trial
// ended before the traces of one were gone.
func TestRecoveryIsTheLongest(t *testing.T) {
	one, two, four := 1.0, 2.0, 4.0
	none := sim.Reading{Bound: sim.NotMeasured}
	for _, c := range []struct {
		why  string
		of   []sim.Recovery
		want sim.Reading
	}{
		{"no fault", nil, none},
		{"the longest of two faults", []sim.Recovery{{BacklogS: &one, LatencyS: &four}, {BacklogS: &two, LatencyS: &two}}, sim.Exactly(4)},
		{"one was not over", []sim.Recovery{{BacklogS: &one, LatencyS: &four}, {BacklogS: &two}}, none},
	} {
		if got := recovered(sim.Measured{Recovery: c.of}); got != c.want {
			t.Errorf("%s: %+v, expected %+v", c.why, got, c.want)
		}
	}
}

// TestBounds: a figure of the lag is a lower bound where it is named as one, and
// nothing is measured where nothing happened.
func TestBounds(t *testing.T) {
	c := sim.Convergence{Latency: sim.Latency{Count: 3, P50: 5, P99: 9}, AtLeast: []sim.Statistic{sim.P99, sim.Max}}
	none := sim.Reading{Bound: sim.NotMeasured}
	seen := sim.Measured{Lag: sim.Lag{Convergence: c, Visibility: &sim.Visibility{Lag: c}}}
	for _, k := range []struct {
		name string
		of   sim.Measured
		want sim.Reading
	}{
		{"lag p50", seen, sim.Exactly(5)},
		{"lag p99", seen, sim.Reading{Value: 9, Bound: sim.AtLeast}},
		{"visibility lag p99", seen, sim.Reading{Value: 9, Bound: sim.AtLeast}},
		{"lag p99", sim.Measured{}, none},
		{"visibility lag p99", sim.Measured{}, none}, // without probes
		{"accept p99", sim.Measured{}, none},
		{"complete p50", sim.Measured{}, none},
		{"error rate", sim.Measured{}, none}, // there was no request
		{"error rate", sim.Measured{Accept: sim.Accept{OK: 1}}, sim.Exactly(0)},
		{"throughput", sim.Measured{}, none},
		{"CPU per order", sim.Measured{}, none}, // no order was completed
		{"violations", sim.Measured{}, sim.Exactly(0)},
	} {
		f, ok := FigureNamed(k.name)
		if got := f.Read(k.of); !ok || got != k.want {
			t.Errorf("%s: %+v, expected %+v", k.name, got, k.want)
		}
	}
}

// TestLiveFiguresAreKnown: those that are said to be known while a trial goes are
// what Live computes, and no others.
func TestLiveFiguresAreKnown(t *testing.T) {
	live := NewLive()
	for i, outcome := range []sim.Outcome{sim.OutcomeOK, sim.OutcomeFail, sim.OutcomeInfo} {
		live.Add(sim.Event{Kind: sim.ClientResponse, At: int64(100+i) * ms, Intended: ms, Outcome: outcome})
	}
	live.Add(sim.Event{Kind: sim.Gauges, At: 150 * ms, Values: map[string]float64{"outbox": 4}})
	m := live.Figures(0, 1000*ms).Measured()
	for _, f := range Figures() {
		if r := f.Read(m); (r.Value != 0) != f.Live {
			t.Errorf("%s reads %+v while a trial goes; it is said to be known: %v", f.Name, r, f.Live)
		}
		if f.Path != "" && IsLive(f.Path) != f.Live {
			t.Errorf("%s is live: %v", f.Path, IsLive(f.Path))
		}
	}
	if IsLive("accept.p42") || IsLive("") {
		t.Error("a figure that is not there is live")
	}
}

func TestThresholdsAreRead(t *testing.T) {
	recovery, _ := FigureNamed("recovery")
	p99, _ := FigureNamed("accept p99")
	for _, c := range []struct {
		why  string
		of   sim.Figure
		text string
		want float64
		err  string
	}{
		{"a share", p99, "20%", 0.2, ""},
		{"a number", p99, "0.2", 0.2, ""},
		{"a duration for seconds", recovery, "3s", 3, ""},
		{"a share for seconds", recovery, "20%", 0, `saw "20%", expected a duration such as 3s`},
		{"a duration for milliseconds", p99, "3s", 0, `saw "3s", expected a share such as 20%`},
		{"less than nothing", p99, "-1%", 0, `saw "-1%", expected a share such as 20%`},
		{"a duration that is less than nothing", recovery, "-1s", 0, `saw "-1s", expected a duration such as 3s`},
	} {
		got, err := ParseMinEffect(c.of, c.text)
		if got != c.want || err == nil != (c.err == "") || err != nil && err.Error() != c.err {
			t.Errorf("%s: %v, %v; expected %v, %q", c.why, got, err, c.want, c.err)
		}
	}
	for text, good := range map[string]bool{"0.002": true, "0.2%": true, "0": false, "1": false, "x": false} {
		if _, err := ParseAlpha(text); (err == nil) != good {
			t.Errorf("alpha %s: %v", text, err)
		}
	}
}
