package main

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"squall/scenarios"
	"squall/sim"
	"squall/sim/fault"
	"squall/sim/link"
	"squall/sim/load"
	"squall/sim/measure"
	"squall/sim/proc"
	"squall/system/broker"
	"squall/system/service"
	"squall/system/variant"
)

// catalog is everything that a scenario can name.
func catalog() scenarios.Catalog {
	c := scenarios.Catalog{Faults: fault.Kinds(), Systems: map[string]sim.System{}}
	for _, w := range variant.All() {
		c.Systems[w.Name] = system(w, sim.Scenario{Services: map[string]sim.Service{}}, "")
		c.Variants = append(c.Variants, w.Name)
	}
	// The order in which they are run and shown: sync first, then by name.
	slices.SortStableFunc(c.Variants, func(a, b string) int {
		switch {
		case a == "sync" && b != "sync":
			return -1
		case b == "sync" && a != "sync":
			return 1
		}
		return 0
	})
	return c
}

// system makes a variant's wiring the system of a scenario: the services'
// settings become environment variables, the same in every variant.
func system(w variant.Wiring, sc sim.Scenario, program string) sim.System {
	s := sim.System{Variant: w.Name, Summary: w.Summary, Ingress: w.Ingress, Work: w.Work, Queues: queues(w)}
	for _, l := range w.Links {
		s.Links = append(s.Links, sim.LinkSpec{From: l.From, To: l.To, Env: l.Env})
	}
	for _, p := range w.Processes {
		set := sc.Services[p.Service]
		spec := sim.ProcessSpec{
			Service: p.Service, Replicas: set.Replicas, Argv: []string{program, "service"},
			Env: map[string]string{
				"SQUALL_MODE":         w.Mode,
				"SQUALL_SEED":         strconv.FormatUint(sc.Seed, 10),
				"SQUALL_SKUS":         strconv.Itoa(sc.Orders.SKUs),
				"SQUALL_STOCK":        strconv.FormatInt(sc.Orders.Stock, 10),
				"SQUALL_WORK_MEDIAN":  set.Work.Median.String(),
				"SQUALL_WORK_P99":     set.Work.P99.String(),
				"SQUALL_DECLINES":     strconv.FormatFloat(set.Declines, 'g', -1, 64),
				"SQUALL_ERRORS":       strconv.FormatFloat(set.Errors, 'g', -1, 64),
				"SQUALL_WORKERS":      strconv.Itoa(set.Workers),
				"SQUALL_PREFETCH":     strconv.Itoa(set.Prefetch),
				"SQUALL_CALL_TIMEOUT": set.Timeout.String(),
				"SQUALL_TRANSIT":      set.Transit.String(),
				// A topology is declared by whoever comes first: all have to agree.
				"SQUALL_DELIVERY_LIMIT": strconv.Itoa(deliveryLimit(sc)),
			},
		}
		if p.Broker {
			spec.Servers = append(spec.Servers, "broker")
		}
		if p.Database {
			spec.Servers = append(spec.Servers, "database")
		} else { // a company of its own, with a store of its own
			spec.Env["SQUALL_STORE"] = "sqlite"
		}
		s.Processes = append(s.Processes, spec)
	}
	return s
}

// queues are those over which work reaches the services of a variant.
func queues(w variant.Wiring) (all []sim.QueueSpec) {
	for _, q := range service.Topology(1).Queues {
		uses := slices.ContainsFunc(w.Processes, func(p variant.Process) bool { return p.Service == q.Name && p.Broker })
		if uses {
			all = append(all, sim.QueueSpec{
				Service: q.Name, Name: q.Name, Types: q.Types,
				Exchange: broker.Exchange, Subjects: broker.Subjects, Parked: broker.Parked,
			})
		}
	}
	return all
}

// deliveryLimit is the smallest that any service asks for.
func deliveryLimit(sc sim.Scenario) int {
	limit := sim.DefaultService("orders").DeliveryLimit
	for _, s := range sc.Services {
		limit = min(limit, max(1, s.DeliveryLimit))
	}
	return limit
}

// parts puts a run together; program is that of the pipeline's processes. Bugs
// are for squall selftest alone.
func parts(b sim.Backing, program string, progress func(sim.Progress), bugs ...string) sim.Parts {
	conditions := scenarios.NewConditions(catalog().Variants)
	return sim.Parts{
		Backing: b,
		System: func(name string, sc sim.Scenario) (sim.System, error) {
			w, err := variant.Find(name)
			s := system(w, sc, program)
			for _, p := range s.Processes {
				p.Env["SQUALL_BUGS"] = strings.Join(bugs, ",")
			}
			return s, err
		},
		Launch: launch,
		OpenLink: func(name, protocol string, upstreams []string) (sim.OpenProxy, []string, error) {
			l, addrs, err := link.Open(name, protocol, upstreams)
			if err != nil { // not a nil *Link inside the interface
				return nil, nil, err
			}
			return l, addrs, nil
		},
		FreeAddr: proc.FreeAddr,
		Attack:   load.Run,
		Probe:    load.Probe,
		Faults:   fault.Kinds(),
		Live:     func() sim.Live { return measure.NewLive() },
		About:    conditions.About,
		Holds:    conditions.Holds,
		Progress: progress,
	}
}

func launch(ctx context.Context, l sim.Launch) (sim.Child, error) { return proc.Launch(ctx, l) }
