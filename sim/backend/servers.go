package backend

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"squall/sim"
)

// servers are the started servers of a run: those of a Choice, which it makes one
// sim.Backend.
type servers struct {
	info    sim.BackingInfo
	started []startedServer
	engine  *Engine // nil where no server is in a container
}

// startedServer is a server that was started, and what it is.
type startedServer struct {
	Backend
	Driver
}

// start finds the images of those servers that are in containers, and then starts
// all servers at once. After an error nothing is left of them.
func start(ctx context.Context, backends []Backend, o Options) (*servers, error) {
	if o.Say == nil {
		o.Say = func(string) {}
	}
	s := &servers{info: sim.BackingInfo{Servers: map[string]string{}}}
	if inContainers(backends) {
		var err error
		if s.engine, err = FindEngine(ctx); err != nil {
			return nil, noEngine(err)
		}
		if s.info.Images, err = chooseImages(ctx, s.engine, backends, o); err != nil {
			return nil, errors.Join(err, s.engine.Close())
		}
	}
	if err := s.start(ctx, backends, o); err != nil {
		return nil, errors.Join(err, s.Close(context.WithoutCancel(ctx)))
	}
	return s, nil
}

// start starts all servers at once and keeps those that could be started.
func (s *servers) start(ctx context.Context, backends []Backend, o Options) error {
	drivers := make([]Driver, len(backends))
	errs := make([]error, len(backends))
	var wg sync.WaitGroup
	for i, b := range backends {
		wg.Go(func() {
			var err error
			drivers[i], err = b.start(ctx, startSpec{Options: o, engine: s.engine, image: s.info.Images[b.Role]})
			if err != nil {
				drivers[i], errs[i] = nil, fmt.Errorf("start %s: %w", b.Name, err)
			}
		})
	}
	wg.Wait()
	for i, d := range drivers {
		if d != nil {
			s.started = append(s.started, startedServer{backends[i], d})
			s.info.Servers[backends[i].Role] = d.Info().Version
		}
	}
	return errors.Join(errs...)
}

// Info says what serves.
func (s *servers) Info() sim.BackingInfo { return s.info }

// CreateNamespace gives a trial a place on each server.
func (s *servers) CreateNamespace(ctx context.Context, t sim.NamespaceSpec) (*sim.Servers, error) {
	var made namespaces
	all := &sim.Servers{ByName: map[string]sim.Server{}, Close: func(ctx context.Context) error { return made.close(ctx) }}
	for _, one := range s.started {
		n, err := one.CreateNamespace(ctx, t)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("%s: create namespace %s: %w", one.Name, t.Name, err), made.close(context.WithoutCancel(ctx)))
		}
		made = append(made, namespaceOf{one.Name, n})
		all.ByName[one.Role] = n.Server
	}
	return all, nil
}

// namespaces are those of one trial, in the order in which they were created.
type namespaces []namespaceOf

type namespaceOf struct {
	server string
	Namespace
}

// close drops them in the reverse order, each whatever became of the others.
func (all namespaces) close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, closeTime)
	defer cancel()
	var errs []error
	for _, n := range slices.Backward(all) {
		if err := n.Close(ctx); err != nil {
			errs = append(errs, fmt.Errorf("%s: drop a namespace: %w", n.server, err))
		}
	}
	return errors.Join(errs...)
}

// Close ends all servers at once.
func (s *servers) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, closeTime)
	defer cancel()
	errs := make([]error, len(s.started), len(s.started)+1)
	var wg sync.WaitGroup
	for i, one := range s.started {
		wg.Go(func() {
			if err := one.Driver.Close(ctx); err != nil {
				errs[i] = fmt.Errorf("end %s: %w", one.Name, err)
			}
		})
	}
	wg.Wait()
	if s.engine != nil {
		errs = append(errs, s.engine.Close())
	}
	return errors.Join(errs...)
}

// inContainers reports whether one of the servers is in a container.
func inContainers(backends []Backend) bool {
	return slices.ContainsFunc(backends, func(b Backend) bool { return b.Provided == ByContainer })
}
