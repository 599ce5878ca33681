package fault

import (
	"context"
	"fmt"
	"time"

	"squall/sim"
	"squall/sim/clock"
)

func init() {
	register(sim.FaultKind{
		Name: "leader-kill", Group: "broker", Class: sim.TargetQueue, Server: sim.RoleBroker, Nodes: 3,
		Needs:    []sim.Capability{sim.BrokerCluster},
		Summary:  "kills the node of a broker's cluster that leads a service's queue with SIGKILL, so that the others elect another leader",
		Evidence: "the status with which the node ended, the leader before and after, and the members online afterwards",
		Heals:    "the node is started again after restart, else when the load ends, and joins the queue again",
		Example:  "{ leader-kill: inventory, at: 10s, restart: 4s }",
		Fields:   []sim.Field{{Name: "restart", Type: "duration", Help: "start the node again this long after (default: when the load ends)"}},
		Span:     untilRestart,
		New: func(c sim.FaultContext) sim.Injection {
			return onServer(c, func(cluster sim.Cluster) sim.Injection { return &leaderKill{cluster: cluster, queue: c.Queue} })
		},
	})
}

// electionTime bounds the wait for a new leader, and rejoinTime that for the
// killed node to be a member again.
const (
	electionTime = 10 * time.Second
	rejoinTime   = 20 * time.Second
)

type leaderKill struct {
	cluster       sim.Cluster
	queue         sim.QueueSpec
	before, after string // leaders
	members       int
	status        string
	elected       time.Duration
	rejoined      int
	trouble       trouble
	down          bool
}

func (l *leaderKill) Inject(ctx context.Context) (string, error) {
	var err error
	if l.before, l.members, err = l.cluster.Leader(ctx, l.queue); l.trouble.add(err) != nil {
		return "", err
	}
	l.down = true
	killed := time.Now()
	if l.status, err = l.cluster.KillNode(context.WithoutCancel(ctx), l.before); l.trouble.add(err) != nil {
		return "", err
	}
	for ctx, cancel := context.WithTimeout(ctx, electionTime); ; {
		l.after, _, err = l.cluster.Leader(ctx, l.queue)
		if err == nil && l.after != "" && l.after != l.before {
			l.elected = time.Since(killed)
			cancel()
			return fmt.Sprintf("%s, which led the queue of %s, was killed; %s leads it now", l.before, l.queue.Service, l.after), nil
		}
		if clock.Sleep(ctx, 20*time.Millisecond) != nil {
			cancel()
			return "", l.trouble.add(fmt.Errorf("no other leader within %s: %v", electionTime, err))
		}
	}
}

func (l *leaderKill) Heal(ctx context.Context) error {
	if !l.down {
		return nil
	}
	if err := l.cluster.StartNode(ctx, l.before); err != nil {
		return err
	}
	l.down = false
	for ctx, cancel := context.WithTimeout(ctx, rejoinTime); ; {
		_, online, err := l.cluster.Leader(ctx, l.queue)
		l.rejoined = online
		if err == nil && online >= l.members {
			cancel()
			return nil
		}
		if clock.Sleep(ctx, 100*time.Millisecond) != nil {
			cancel()
			return l.trouble.add(fmt.Errorf("the queue of %s has %d of %d members after %s: %v",
				l.queue.Service, online, l.members, rejoinTime, err))
		}
	}
}

func (l *leaderKill) Evidence() sim.Evidence {
	if err := l.trouble.seen(); err != nil || l.elected == 0 || l.rejoined < l.members {
		return unknown("no change of leaders was seen: %v", err)
	}
	return evident(map[string]float64{"elected_ms": l.elected.Seconds() * 1e3, "members": float64(l.rejoined)},
		"%s (%s) was followed by %s after %s; %d members are online again", l.before, l.status, l.after, round(l.elected), l.rejoined)
}
