package sim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// settle is the time between the last process being ready and the first
// request: connections are made, caches filled.
const settle = 300 * time.Millisecond

// trial is one trial under way.
type trial struct {
	dir      RunDir
	info     RunInfo
	schedule *Schedule
	parts    Parts

	history  *History
	system   System
	servers  *Servers
	links    map[string]OpenProxy // by link name
	children []Child
	ingress  []string // where the client sends, behind the link
	counts   Counters
	backlog  atomic.Int64
	start    int64

	stopProbing func()

	mu       sync.Mutex
	progress Progress
	inForce  []string
	fatal    error // a server died, and with it the trial
	abort    context.CancelFunc
}

// runTrial carries out one trial; see Run.
func runTrial(ctx context.Context, t *trial) (err error) {
	name := t.progress.Trial.Name
	if err := os.MkdirAll(filepath.Join(t.dir.Trial(name), "logs"), 0o755); err != nil {
		return err
	}
	if t.history, err = CreateHistory(t.dir.History(name)); err != nil {
		return err
	}
	defer func() {
		t.write(Event{Kind: TrialEnd})
		err = errors.Join(err, t.history.Close())
	}()
	data := filepath.Join(t.dir.Trial(name), "data")
	defer os.RemoveAll(data)

	ctx, t.abort = context.WithCancel(ctx)
	defer t.abort()
	defer t.step("done")
	t.stopProbing = func() {}
	defer t.stopAll() // also after a failed start
	defer func() { t.stopProbing() }()
	t.step("start")
	if err := t.startAll(ctx, data); err != nil {
		return t.cause(err)
	}
	if err := t.storm(ctx); err != nil {
		t.write(Event{Kind: TrialInterrupted, Detail: t.cause(err).Error()})
		return t.cause(err)
	}
	if err := t.drain(ctx); err != nil {
		t.write(Event{Kind: TrialInterrupted, Detail: t.cause(err).Error()})
		return t.cause(err)
	}
	t.stopProbing()
	t.step("audit")
	return t.cause(t.audit(ctx))
}

// cause prefers the reason why the trial was ended to its consequences.
func (t *trial) cause(err error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil && t.fatal != nil {
		return t.fatal
	}
	return err
}

// died ends the trial because a server is gone.
func (t *trial) died(err error) {
	t.mu.Lock()
	if t.fatal == nil {
		t.fatal = err
	}
	t.mu.Unlock()
	t.abort()
}

func (t *trial) write(e Event) {
	if e.At == 0 {
		e.At = Now()
	}
	if e.Src == "" {
		e.Src = "harness"
	}
	t.history.Write(e)
}

func (t *trial) step(step string) {
	t.mu.Lock()
	t.progress.Step, t.progress.Note = step, ""
	t.mu.Unlock()
	t.tell("")
}

// tell reports the present moment, with a note when there is one.
func (t *trial) tell(note string) {
	t.mu.Lock()
	p, start := t.progress, t.start
	p.Faults = slices.Clone(t.inForce)
	t.mu.Unlock()
	p.Note = note
	p.Counts = t.counts.Read()
	p.Backlog = float64(t.backlog.Load())
	if start > 0 {
		p.Elapsed = min(max(0, time.Duration(Now()-start)), p.Total)
		if i := t.info.Scenario.Load.PhaseAt(time.Duration(Now() - start)); i >= 0 {
			p.Phase = t.info.Scenario.Load.Phases[i].Name
		}
	}
	if t.parts.Progress != nil {
		t.parts.Progress(p)
	}
}

// startAll brings up servers, links and processes.
func (t *trial) startAll(ctx context.Context, data string) (err error) {
	name := t.progress.Trial.Name
	if err := os.MkdirAll(data, 0o755); err != nil {
		return err
	}
	if t.system, err = t.parts.System(t.progress.Trial.Variant, t.info.Scenario); err != nil {
		return err
	}
	t.servers, err = t.parts.Backing.Trial(ctx, TrialSpace{
		Name: name, Dir: data, Died: t.died,
		Log: func(server string) string { return t.dir.Log(name, server) },
	})
	if err != nil {
		return err
	}
	for server, s := range t.servers.ByName {
		if s.Addr == "" {
			t.system = t.system.Without(server)
		}
	}
	addrs := map[string][]string{} // service or server -> own addresses
	for server, s := range t.servers.ByName {
		addrs[server] = []string{s.Addr}
	}
	for _, p := range t.system.Processes {
		for range p.Replicas {
			a, err := t.parts.FreeAddr()
			if err != nil {
				return err
			}
			addrs[p.Service] = append(addrs[p.Service], a)
		}
	}
	env, err := t.openLinks(addrs)
	if err != nil {
		return err
	}
	return t.startProcesses(ctx, data, addrs, env)
}

// openLinks returns, for each service, the variables that hold its links.
func (t *trial) openLinks(addrs map[string][]string) (map[string][]string, error) {
	t.links = map[string]OpenProxy{}
	env := map[string][]string{}
	for _, l := range t.system.Links {
		protocol := "http"
		if s, ok := t.servers.ByName[l.To]; ok {
			protocol = s.Protocol
		}
		proxy, at, err := t.parts.OpenLink(l.Name(), protocol, addrs[l.To])
		if err != nil {
			return nil, fmt.Errorf("open link %s: %w", l.Name(), err)
		}
		t.links[l.Name()] = proxy
		if l.Env != "" {
			env[l.From] = append(env[l.From], l.Env+"="+strings.Join(at, ","))
		} else {
			env[l.Name()] = at
		}
	}
	return env, nil
}

func (t *trial) startProcesses(ctx context.Context, data string, addrs, links map[string][]string) error {
	var wg sync.WaitGroup
	var mu sync.Mutex
	var errs []error
	for _, p := range t.system.Processes {
		for i := range p.Replicas {
			l := t.launch(p, i, addrs[p.Service][i], data, links[p.Service])
			wg.Go(func() {
				c, err := t.parts.Launch(ctx, l)
				mu.Lock()
				defer mu.Unlock()
				if c != nil {
					t.children = append(t.children, c)
				}
				if err != nil {
					errs = append(errs, err)
				}
			})
		}
	}
	wg.Wait()
	if len(errs) > 0 {
		return errs[0] // the others most likely fail for the same reason
	}
	slices.SortFunc(t.children, func(a, b Child) int { return strings.Compare(a.Name(), b.Name()) })
	t.ingress = links["client->"+t.system.Ingress]
	return Sleep(ctx, settle)
}

func (t *trial) launch(p ProcessSpec, i int, addr, data string, links []string) Launch {
	name := p.Service + "-" + strconv.Itoa(i+1)
	env := []string{
		"SQUALL_SERVICE=" + p.Service, "SQUALL_PROCESS=" + name, "SQUALL_LISTEN=" + addr, "SQUALL_STORE_DIR=" + data,
	}
	for k, v := range p.Env {
		env = append(env, k+"="+v)
	}
	for _, server := range p.Servers {
		for k, v := range t.servers.ByName[server].Env {
			env = append(env, k+"="+v)
		}
	}
	opened := Now()
	var troubled atomic.Bool
	return Launch{
		Name: name, Service: p.Service, Argv: p.Argv, Addr: addr,
		Env: append(env, links...),
		Log: t.dir.Log(t.progress.Trial.Name, name),
		Line: func(line []byte) {
			var e Event
			if err := json.Unmarshal(line, &e); err != nil {
				e = Event{At: Now(), Kind: "process.garbled", Detail: fmt.Sprintf("%.200q", line)}
			}
			e.Src = name
			if why := impossible(e.At, opened, Now()); why != "" && !troubled.Swap(true) {
				t.write(Event{Src: name, Kind: ClockTrouble, Detail: why})
			}
			if e.Kind == OrderDelivered || e.Kind == OrderCancelled {
				t.counts.Completed.Add(1)
			}
			t.write(e)
		},
		Event: func(kind, detail string) {
			t.write(Event{Src: name, Kind: kind, Detail: detail})
			if kind == ProcessDied {
				t.tell(name + " died: " + firstLine(detail))
			}
		},
	}
}

// clockSlack allows for what passes between two readings of one clock.
const clockSlack = int64(10 * time.Millisecond)

// impossible says why an event cannot have happened when it says: before its
// process was started, or after it was read. "" for one that can.
func impossible(at, opened, now int64) string {
	switch {
	case at < opened-clockSlack:
		return fmt.Sprintf("an event is %s older than its process", time.Duration(opened-at))
	case at > now+clockSlack:
		return fmt.Sprintf("an event is %s in the future", time.Duration(at-now))
	}
	return ""
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// stopAll ends everything that this trial started. It takes as long as it
// needs, whatever ended the trial.
func (t *trial) stopAll() {
	t.step("stop")
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	var wg sync.WaitGroup
	for _, c := range t.children {
		wg.Go(func() { c.Stop(ctx) })
	}
	wg.Wait()
	for _, l := range t.links {
		l.Close()
	}
	if t.servers != nil {
		if err := t.servers.Close(ctx); err != nil {
			t.write(Event{Kind: "servers.close-failed", Detail: err.Error()})
		}
	}
}
