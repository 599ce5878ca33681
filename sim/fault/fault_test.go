package fault

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"squall/sim"
	"squall/sim/clock"
	"squall/sim/proc"
)

// child starts a real process that lives until its input ends.
func child(t *testing.T, name string) *proc.Process {
	t.Helper()
	p, err := proc.Launch(t.Context(), sim.Launch{
		Name: name, Service: "child", Argv: []string{"/bin/cat"},
		Log: filepath.Join(t.TempDir(), name+".log"), Event: func(string, string) {},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Stop(context.Background()) })
	return p
}

func injection(kind string, params map[string]any, processes []sim.Process, proxies ...sim.Proxy) sim.Injection {
	k := Kinds()[kind]
	return k.New(sim.FaultContext{
		Spec:      sim.FaultSpec{Kind: kind, Params: params},
		Processes: processes, Proxies: proxies, Rand: rand.New(rand.NewPCG(1, 2)),
	})
}

// course takes a fault through inject and heal, which works twice.
func course(t *testing.T, i sim.Injection) (injected error) {
	t.Helper()
	if p, ok := i.(sim.Preparer); ok {
		if err := p.Prepare(t.Context()); err != nil {
			t.Logf("prepare: %v", err)
		}
	}
	_, injected = i.Inject(t.Context())
	for range 2 {
		if err := i.Heal(context.Background()); err != nil {
			t.Errorf("heal: %v", err)
		}
	}
	return injected
}

func TestKill(t *testing.T) {
	a, b := child(t, "child-1"), child(t, "child-2")
	i := injection("kill", map[string]any{"count": 1}, []sim.Process{a, b})
	did, err := i.Inject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if a.Alive() == b.Alive() {
		t.Errorf("alive: %v and %v after one was to be killed", a.Alive(), b.Alive())
	}
	if err := i.Heal(t.Context()); err != nil || !a.Alive() || !b.Alive() {
		t.Errorf("healed: %v, alive %v and %v", err, a.Alive(), b.Alive())
	}
	if e := i.Evidence(); e.Verdict != sim.Pass || !strings.Contains(e.Text, "signal: killed") || !strings.Contains(did, "signal: killed") {
		t.Errorf("evidence %+v of %q", e, did)
	}
}

func TestKillOfTheDeadHasNoEvidence(t *testing.T) {
	a := child(t, "child-1")
	if _, err := a.Kill(); err != nil {
		t.Fatal(err)
	}
	i := injection("kill", nil, []sim.Process{a})
	if course(t, i) == nil {
		t.Error("a dead process was killed")
	}
	if e := i.Evidence(); e.Verdict != sim.Unknown {
		t.Errorf("evidence %+v, expected unknown", e)
	}
}

func TestPause(t *testing.T) {
	a := child(t, "child-1")
	i := injection("pause", nil, []sim.Process{a})
	if err := course(t, i); err != nil {
		t.Fatal(err)
	}
	if e := i.Evidence(); e.Verdict != sim.Pass {
		t.Errorf("evidence %+v", e)
	}
	if r, err := a.Resources(); err != nil || r.State == "T" {
		t.Errorf("state %s, error %v after the heal", r.State, err)
	}
}

// A process that somebody resumed in the middle was not paused.
func TestBrokenPauseHasNoEvidence(t *testing.T) {
	a := child(t, "child-1")
	i := injection("pause", nil, []sim.Process{a})
	if _, err := i.Inject(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := a.Resume(); err != nil {
		t.Fatal(err)
	}
	for r, err := a.Resources(); err != nil || r.State == "T"; r, err = a.Resources() {
		if t.Context().Err() != nil {
			t.Fatal("it does not go on")
		}
	}
	if err := i.Heal(context.Background()); err != nil {
		t.Fatal(err)
	}
	if e := i.Evidence(); e.Verdict != sim.Unknown {
		t.Errorf("evidence %+v, expected unknown", e)
	}
}

// crasher is a child that can be armed, as the pipeline's processes can.
type crasher struct {
	*proc.Process
	passes bool
}

func (c crasher) CrashAt(ctx context.Context, _ string, _ int) (string, error) {
	if !c.passes {
		<-ctx.Done()
		return "", ctx.Err()
	}
	if err := c.Restart(ctx); err != nil { // it may be dead of the last time
		return "", err
	}
	return c.Kill()
}

func TestCrashAt(t *testing.T) {
	for _, c := range []struct {
		why    string
		passes bool
		want   sim.Verdict
	}{{"it came to the point twice", true, sim.Pass}, {"it never came to the point", false, sim.Unknown}} {
		v := crasher{child(t, "child-1"), c.passes}
		i := injection("crash-at", map[string]any{"point": "after-commit", "times": 2, "nth": 1}, []sim.Process{v})
		if _, err := i.Inject(t.Context()); err != nil {
			t.Fatal(err)
		}
		if c.passes {
			for deadline := time.Now().Add(10 * time.Second); len(i.(*crash).deaths()) < 2 && time.Now().Before(deadline); {
				clock.Sleep(t.Context(), 5*time.Millisecond)
			}
		}
		for range 2 {
			if err := i.Heal(t.Context()); err != nil || !v.Alive() {
				t.Errorf("%s: heal %v, alive %v", c.why, err, v.Alive())
			}
		}
		if e := i.Evidence(); e.Verdict != c.want {
			t.Errorf("%s: evidence %+v, expected %s", c.why, e, c.want)
		}
	}
}

func TestVictimsAreTheSameForASeed(t *testing.T) {
	var all []sim.Process
	for _, name := range []string{"child-1", "child-2", "child-3", "child-4"} {
		all = append(all, child(t, name))
	}
	choose := func(seed uint64) (names string) {
		for _, v := range victims(sim.FaultContext{
			Spec: sim.FaultSpec{Params: map[string]any{"count": 2}}, Processes: all, Rand: rand.New(rand.NewPCG(seed, 1)),
		}) {
			names += v.Name() + " "
		}
		return names
	}
	different := false
	for seed := range uint64(20) {
		first, second := choose(seed), choose(seed)
		if first != second {
			t.Fatalf("seed %d chose %s, then %s", seed, first, second)
		}
		different = different || first != choose(0)
	}
	if !different {
		t.Error("every seed chose the same")
	}
}

func TestEveryKindSaysWhatItIs(t *testing.T) {
	for _, k := range Sorted() {
		if k.Group == "" || k.Summary == "" || k.Evidence == "" || k.Heals == "" || k.Example == "" || k.Class == "" ||
			k.Span == nil || k.New == nil {
			t.Errorf("%s is not fully described: %+v", k.Name, k)
		}
		if !slices.ContainsFunc(sim.FaultGroups, func(g struct{ Name, Colour string }) bool { return g.Name == k.Group }) {
			t.Errorf("%s is of the group %q, which there is not", k.Name, k.Group)
		}
	}
}
