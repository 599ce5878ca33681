package squall

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"squall/scenarios"
	"squall/sim"
	"squall/sim/backend/backendtest"
	"squall/sim/clock"
	"squall/sim/fault"
	"squall/sim/run"
)

// TestFaultConformance is what every fault promises, over the whole registry, on a
// system that stands and has orders to work on: it takes hold, and leaves
// evidence; it heals, and healing it twice, after a failed inject or after a
// cancelled one is no different; afterwards the system is whole, and nothing is
// left behind. Here each kind runs once, on the embedded backing and the first
// variant that can have it.
func TestFaultConformance(t *testing.T) {
	conformance(t, "embedded", func(first bool) bool { return first })
}

// TestLongFaultConformance is the same for each kind on the variants that
// TestFaultConformance leaves out.
func TestLongFaultConformance(t *testing.T) {
	conformance(t, "embedded", func(first bool) bool { return !first })
}

// TestLongFaultConformanceContainer is the same on containers, for each kind and
// every variant. Those that are about processes alone are left out, since they are
// the same there, unless SQUALL_TEST_ALL is set.
func TestLongFaultConformanceContainer(t *testing.T) {
	backendtest.NeedContainers(t)
	conformance(t, "container", func(bool) bool { return true })
}

// conformance runs every kind on those of its variants that are wanted: the first
// that can have it, a later one, or both.
func conformance(t *testing.T, backing string, wanted func(first bool) bool) {
	for _, nodes := range []int{1, 3} {
		conformanceOn(t, backing, nodes, wanted)
	}
}

// conformanceOn runs the kinds that want a broker of so many nodes.
func conformanceOn(t *testing.T, backing string, nodes int, wanted func(first bool) bool) {
	chosen, err := chooseBacking(t.Context(), backing, "conformance", program, backendtest.LocalImages(t.Context()), nil)
	if err != nil {
		t.Fatal(err)
	}
	byVariant := map[string][]sim.FaultSpec{}
	for _, k := range fault.Sorted() {
		if backing == "container" && k.Class == sim.TargetProcess && os.Getenv("SQUALL_TEST_ALL") == "" {
			continue
		}
		spec := example(t, k, k.Example)
		first := true
		for _, v := range Catalog().Variants {
			_, absent := k.Resolve(spec.Target, Catalog().Systems[v])
			if absent == nil && max(1, k.Nodes) == nodes && chosen.Cannot(k, spec.Target, []sim.System{Catalog().Systems[v]}) == "" {
				if wanted(first) {
					byVariant[v] = append(byVariant[v], spec)
				}
				first = false
			}
		}
	}
	if len(byVariant) == 0 {
		return
	}
	before, files := goleak.IgnoreCurrent(), openFiles(t)
	servers, err := chosen.Start(t.Context(), nodes)
	if err != nil {
		t.Fatal(err)
	}
	for v, specs := range byVariant {
		t.Run(fmt.Sprintf("%s %d", v, nodes), func(t *testing.T) {
			s := stand(t, servers, v, nodes)
			for _, spec := range specs {
				t.Run(spec.Kind, func(t *testing.T) { s.course(t, spec) })
				t.Run(spec.Kind+" cancelled", func(t *testing.T) { s.cancelled(t, spec) })
			}
		})
	}
	if err := servers.Close(context.Background()); err != nil {
		t.Error(err)
	}
	http.DefaultClient.CloseIdleConnections()
	for deadline := time.Now().Add(10 * time.Second); openFiles(t) > files; clock.Sleep(t.Context(), 50*time.Millisecond) {
		if time.Now().After(deadline) {
			t.Errorf("%d files are open, %d were before", openFiles(t), files)
			break
		}
	}
	// The thread that starts children lives as long as the program.
	if err := goleak.Find(before, goleak.IgnoreTopFunction("squall/sim/proc.init.func1.1")); err != nil {
		t.Error(err)
	}
}

// openFiles counts the open files and sockets of this process.
func openFiles(t *testing.T) int {
	t.Helper()
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(fds)
}

// example is a kind's own example, shortened.
func example(t *testing.T, k sim.FaultKind, line string) sim.FaultSpec {
	t.Helper()
	text, _ := matrixText(k, line, Catalog().Variants)
	sc, err := scenarios.Parse(k.Name+".yaml", []byte(text), Catalog())
	if err != nil {
		t.Fatal(err)
	}
	return sc.Faults[0]
}

// standing is a system with orders to work on.
type standing struct {
	*run.Deployment
	mu   sync.Mutex
	seen map[[2]string]int64
	gone error // a server died
}

func stand(t *testing.T, servers sim.Backing, variant string, nodes int) *standing {
	t.Helper()
	dir := t.TempDir()
	text := fmt.Sprintf("name: conformance\nbacking: { rabbitmq: { nodes: %d } }\nload: { phases: [ { for: 10s, rate: 1/s } ] }\n", nodes)
	sc, err := scenarios.Parse("conformance.yaml", []byte(text), Catalog())
	if err != nil {
		t.Fatal(err)
	}
	s := &standing{seen: map[[2]string]int64{}}
	s.Deployment, err = run.Deploy(t.Context(), run.DeployConfig{
		Dependencies: dependencies(servers, program, nil), Scenario: sc, Variant: variant,
		Name: fmt.Sprintf("%s-%d", variant, nodes), Data: filepath.Join(dir, "data"),
		Log: func(p string) string { return filepath.Join(dir, p+".log") }, Write: s.hear,
		Died: func(err error) { s.mu.Lock(); s.gone = err; s.mu.Unlock() },
	})
	ctx, stop := context.WithCancel(context.Background())
	t.Cleanup(func() {
		stop()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	s.order(ctx)
	return s
}

func (s *standing) hear(e sim.Event) {
	i := max(0, strings.LastIndexByte(e.Src, '-'))
	s.mu.Lock()
	s.seen[[2]string{e.Src[:i], e.Kind}]++
	s.seen[[2]string{"", e.Kind}]++
	s.mu.Unlock()
}

func (s *standing) count(service, kind string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen[[2]string{service, kind}]
}

// order sends an order thirty times a second until ctx ends.
func (s *standing) order(ctx context.Context) {
	client := &http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{}}
	go func() {
		defer client.CloseIdleConnections()
		var sent sync.WaitGroup
		defer sent.Wait()
		for n := 0; clock.Sleep(ctx, time.Second/30) == nil; n++ {
			sent.Go(func() {
				body := fmt.Sprintf(`{"id":"c-%d","sku":%d,"qty":1,"amount":100}`, n, 1+n%50)
				url := "http://" + s.Ingress[n%len(s.Ingress)] + "/orders"
				req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewBufferString(body))
				if err != nil {
					return
				}
				if resp, err := client.Do(req); err == nil {
					resp.Body.Close()
				}
			})
		}
	}()
}

// conformanceSpan is how long a fault is let be in force.
const conformanceSpan = 1500 * time.Millisecond

// course takes a fault through its whole course.
func (s *standing) course(t *testing.T, spec sim.FaultSpec) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	if spec.For > 0 {
		spec.For = conformanceSpan
	}
	if spec.Kind == "rolling-restart" { // it takes the time that two restarts take
		spec.For *= 4
	}
	i, err := s.NewInjection(spec, rand.New(rand.NewPCG(1, 2)), s.count)
	if err != nil {
		t.Fatal(err)
	}
	if p, ok := i.(sim.Preparer); ok {
		if err := p.Prepare(ctx); err != nil {
			t.Errorf("prepare: %v", err)
		}
	}
	if _, err := i.Inject(ctx); err != nil {
		t.Errorf("inject: %v", err)
	}
	clock.Sleep(ctx, max(spec.For, conformanceSpan))
	for n := range 2 {
		if err := i.Heal(ctx); err != nil {
			t.Errorf("heal %d: %v", n+1, err)
		}
	}
	if e := i.Evidence(); e.Verdict != sim.Pass {
		t.Errorf("evidence %s: %s", e.Verdict, e.Text)
	} else if _, err := json.Marshal(e); err != nil {
		t.Errorf("evidence %+v: %v", e, err)
	}
	s.whole(t)
}

// cancelled injects a fault when its time is over already: whatever that does,
// or fails to do, the heal undoes.
func (s *standing) cancelled(t *testing.T, spec sim.FaultSpec) {
	over, cancel := context.WithCancel(t.Context())
	cancel()
	i, err := s.NewInjection(spec, rand.New(rand.NewPCG(1, 2)), s.count)
	if err != nil {
		t.Fatal(err)
	}
	if p, ok := i.(sim.Preparer); ok {
		_ = p.Prepare(over) // its context has ended
	}
	_, _ = i.Inject(over) // likewise
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	for n := range 2 {
		if err := i.Heal(ctx); err != nil {
			t.Errorf("heal %d: %v", n+1, err)
		}
	}
	i.Evidence() // whatever it says, it must be able to say it
	s.whole(t)
}

// whole waits until every process runs, every link carries at its old speed and
// every server answers.
func (s *standing) whole(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var lacks []string
	for ctx.Err() == nil {
		if lacks = s.lacks(ctx); len(lacks) == 0 {
			return
		}
		clock.Sleep(ctx, 100*time.Millisecond)
	}
	t.Fatalf("not whole again: %s", strings.Join(lacks, "; "))
}

func (s *standing) lacks(ctx context.Context) (lacks []string) {
	lack := func(format string, args ...any) { lacks = append(lacks, fmt.Sprintf(format, args...)) }
	s.mu.Lock()
	if s.gone != nil {
		lack("%v", s.gone)
	}
	s.mu.Unlock()
	for _, c := range s.Children {
		r, err := c.Resources()
		if err != nil || r.State == "T" || !c.Alive() {
			lack("%s: state %s, %v", c.Name(), r.State, err)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	for name, l := range s.Links {
		if d, err := l.RoundTrip(ctx); err != nil || d > 200*time.Millisecond {
			lack("%s: %s, %v", name, d, err)
		}
	}
	for name, server := range s.Servers.ByName {
		if server.Control == nil {
			continue
		}
		if err := server.Control.Answers(ctx); err != nil {
			lack("%s: %v", name, err)
		}
	}
	return lacks
}

// TestExamplesCanBeRun: the example of each kind is a line of a scenario that
// can be read, and names what it is an example of.
func TestExamplesCanBeRun(t *testing.T) {
	for _, k := range fault.Sorted() {
		for _, line := range append([]string{k.Example}, k.More...) {
			if spec := example(t, k, line); spec.Kind != k.Name {
				t.Errorf("an example of %s is one of %s", k.Name, spec.Kind)
			}
		}
	}
}
