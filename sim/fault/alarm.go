package fault

import (
	"context"
	"fmt"
	"sync"
	"time"

	"squall/sim"
	"squall/sim/clock"
)

// alarm makes a broker raise a resource alarm: it blocks every connection that
// publishes, for as long as the alarm is on.
type alarm struct {
	broker   sim.Alarmed
	name     string // of the broker
	resource string // "memory" or "disk"
	stop     context.CancelFunc
	watching sync.WaitGroup
	on       bool
	looks    int   // that showed the alarm on
	blocked  int   // connections, the most at once
	told     int64 // publishers that heard connection.blocked
	off      bool
	seen     func(service, kind string) int64
	trouble  trouble
}

func newAlarm(resource string) func(sim.FaultContext) sim.Injection {
	return func(c sim.FaultContext) sim.Injection {
		return onServer(c, func(broker sim.Alarmed) sim.Injection {
			return &alarm{broker: broker, name: c.Server.Named, resource: resource, seen: c.Seen}
		})
	}
}

const (
	alarmLook = 200 * time.Millisecond
	// alarmEnd bounds the wait for the broker to end the alarm.
	alarmEnd = 10 * time.Second
)

func (a *alarm) Inject(ctx context.Context) (string, error) {
	a.on, a.told = true, -a.publishers()
	if err := a.trouble.add(a.broker.Starve(context.WithoutCancel(ctx), a.resource, true)); err != nil {
		return "", err
	}
	ctx, a.stop = context.WithCancel(ctx)
	a.watching.Go(func() { a.watch(ctx) })
	return fmt.Sprintf("%s was made to believe that it is short of %s", a.name, a.resource), nil
}

// publishers counts how often a publisher was told that it is blocked.
func (a *alarm) publishers() int64 { return a.seen("", sim.BrokerBlocked) }

func (a *alarm) watch(ctx context.Context) {
	for ctx.Err() == nil {
		on, blocked, err := a.broker.Alarm(ctx, a.resource)
		if ctx.Err() == nil && a.trouble.add(err) == nil && on {
			a.looks++
			a.blocked = max(a.blocked, blocked)
		}
		clock.Sleep(ctx, alarmLook)
	}
}

func (a *alarm) Heal(ctx context.Context) error {
	if !a.on {
		return nil
	}
	if a.stop != nil {
		a.stop()
		a.watching.Wait()
	}
	if err := a.broker.Starve(ctx, a.resource, false); err != nil {
		return err
	}
	a.on = false
	a.told += a.publishers()
	ctx, cancel := context.WithTimeout(ctx, alarmEnd)
	defer cancel()
	for {
		on, _, err := a.broker.Alarm(ctx, a.resource)
		if err == nil && !on {
			a.off = true
			return nil
		}
		if clock.Sleep(ctx, alarmLook) != nil {
			return a.trouble.add(fmt.Errorf("the %s alarm is still on %s after its cause was gone: %w", a.resource, alarmEnd, err))
		}
	}
}

func (a *alarm) Evidence() sim.Evidence {
	if err := a.trouble.seen(); err != nil || a.looks == 0 || a.told+int64(a.blocked) <= 0 || !a.off {
		return unknown("the %s alarm was seen on %d times, %d connections were seen blocked, %d publishers told so, "+
			"and it was seen off afterwards: %v; trouble: %v", a.resource, a.looks, a.blocked, a.told, a.off, err)
	}
	return evident(map[string]float64{"blocked": float64(a.blocked), "told": float64(a.told), "looks": float64(a.looks)},
		"the %s alarm was seen on %d times, up to %d connections blocked, %d publishers told so; it was off afterwards",
		a.resource, a.looks, a.blocked, a.told)
}
