package run

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"squall/sim"
	"squall/sim/clock"
)

// settle is the time between the last process being ready and the first
// request: connections are made, caches filled.
const settle = 300 * time.Millisecond

// Deployment is a system that stands, with the servers and links of its own: what a
// trial sends its load to and aims its faults at.
type Deployment struct {
	Ingress  []string // host:port of each replica that takes orders, behind the link
	System   sim.System
	Servers  *sim.Servers
	Links    map[string]sim.OpenProxy // by name
	Children []sim.Child              // by name, in order
	config   DeployConfig
}

// DeployConfig is what a stage is put up with.
type DeployConfig struct {
	Dependencies Dependencies
	Scenario     sim.Scenario
	Variant      string
	Name         string // of the trial: "async-1"
	Data         string // folder for what servers and processes keep; made, not removed
	Log          func(process string) string
	// Write hears of each event, from any goroutine.
	Write func(sim.Event)
	// Died hears of a server that is gone for good.
	Died func(error)
}

// Deploy brings up servers, links and processes. The stage is to be closed also
// after an error.
func Deploy(ctx context.Context, set DeployConfig) (*Deployment, error) {
	s := &Deployment{config: set, Links: map[string]sim.OpenProxy{}}
	return s, s.deploy(ctx)
}

func (s *Deployment) deploy(ctx context.Context) (err error) {
	deps := s.config.Dependencies
	if err := os.MkdirAll(s.config.Data, 0o755); err != nil {
		return err
	}
	if s.System, err = deps.System(s.config.Variant, s.config.Scenario); err != nil {
		return err
	}
	s.Servers, err = deps.Backing.CreateNamespace(ctx, sim.NamespaceSpec{
		Name: s.config.Name, Dir: s.config.Data, Died: s.config.Died, Log: s.config.Log,
	})
	if err != nil {
		return err
	}
	addrs := map[string][]string{} // service or server -> own addresses
	for name, server := range s.Servers.ByName {
		addrs[name] = server.Addrs
		if len(server.Addrs) == 0 {
			s.System = s.System.Without(name)
		}
	}
	for _, p := range s.System.Processes {
		for range p.Replicas {
			a, err := deps.Host.FreeAddr()
			if err != nil {
				return err
			}
			addrs[p.Service] = append(addrs[p.Service], a)
		}
	}
	env, err := s.openLinks(addrs)
	if err != nil {
		return err
	}
	return s.startProcesses(ctx, addrs, env)
}

// openLinks returns, for each service, the variables that hold its links.
func (s *Deployment) openLinks(addrs map[string][]string) (map[string][]string, error) {
	env := map[string][]string{}
	for _, l := range s.System.Links {
		protocol := "http"
		if server, ok := s.Servers.ByName[l.To]; ok {
			protocol = server.Protocol
		}
		proxy, at, err := s.config.Dependencies.Host.OpenLink(l.Name(), protocol, addrs[l.To])
		if err != nil {
			return nil, fmt.Errorf("open link %s: %w", l.Name(), err)
		}
		s.Links[l.Name()] = proxy
		if l.Env != "" {
			env[l.From] = append(env[l.From], l.Env+"="+strings.Join(at, ","))
		} else {
			env[l.Name()] = at
		}
	}
	return env, nil
}

func (s *Deployment) startProcesses(ctx context.Context, addrs, links map[string][]string) error {
	var wg sync.WaitGroup
	var mu sync.Mutex
	var errs []error
	for _, p := range s.System.Processes {
		for i := range p.Replicas {
			l := s.launch(p, i, addrs[p.Service][i], links[p.Service])
			wg.Go(func() {
				c, err := s.config.Dependencies.Host.Launch(ctx, l)
				mu.Lock()
				defer mu.Unlock()
				if c != nil {
					s.Children = append(s.Children, c)
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
	slices.SortFunc(s.Children, func(a, b sim.Child) int { return strings.Compare(a.Name(), b.Name()) })
	s.Ingress = links["client->"+s.System.Ingress]
	return clock.Sleep(ctx, settle)
}

func (s *Deployment) launch(p sim.ProcessSpec, i int, addr string, links []string) sim.Launch {
	name := p.Service + "-" + strconv.Itoa(i+1)
	env := []string{
		"SQUALL_SERVICE=" + p.Service, "SQUALL_PROCESS=" + name, "SQUALL_LISTEN=" + addr, "SQUALL_STORE_DIR=" + s.config.Data,
	}
	for k, v := range p.Env {
		env = append(env, k+"="+v)
	}
	for _, server := range p.Servers {
		for k, v := range s.Servers.ByName[server].Env {
			env = append(env, k+"="+v)
		}
	}
	return sim.Launch{
		Name: name, Service: p.Service, Argv: p.Argv, Addr: addr,
		Env:   append(env, links...),
		Log:   s.config.Log(name),
		Line:  readEventStream(name, s.config.Write),
		Event: func(kind, detail string) { s.config.Write(sim.Event{Src: name, Kind: kind, Detail: detail}) },
	}
}

// NewInjection makes the injection of a fault on this stage. Its error says that the
// system has no such target. seen counts events; see FaultContext.
func (s *Deployment) NewInjection(spec sim.FaultSpec, chance *rand.Rand, seen func(service, kind string) int64) (sim.Injection, error) {
	kind, ok := s.config.Dependencies.Faults[spec.Kind]
	if !ok {
		return nil, fmt.Errorf("no fault named %q", spec.Kind)
	}
	t, err := kind.Resolve(spec.Target, s.System)
	if err != nil {
		return nil, err
	}
	fc := sim.FaultContext{Spec: spec, Rand: chance, Seen: seen, Server: s.Servers.ByName[t.Server]}
	for _, c := range s.Children {
		if c.Service() == t.Service {
			fc.Processes = append(fc.Processes, c)
		}
	}
	for _, l := range t.Links {
		fc.Proxies = append(fc.Proxies, s.Links[l.Name()])
	}
	for _, q := range t.Queues {
		fc.Queue = q
	}
	return kind.New(fc), nil
}

// Close ends everything that the stage has started. It takes as long as it
// needs.
func (s *Deployment) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	var wg sync.WaitGroup
	for _, c := range s.Children {
		wg.Go(func() { c.Stop(ctx) })
	}
	wg.Wait()
	var errs []error
	for _, l := range s.Links {
		errs = append(errs, l.Close())
	}
	if s.Servers != nil {
		errs = append(errs, s.Servers.Close(ctx))
	}
	return errors.Join(errs...)
}

// DataDir is where a trial keeps what its servers and processes store; it is
// removed after the trial.
func DataDir(trial string) string { return filepath.Join(trial, "data") }
