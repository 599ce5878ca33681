package squall

import (
	"context"

	"squall/sim"
	"squall/sim/backend"
	"squall/sim/fault"
	"squall/sim/host"
)

// chooseBacking finds the servers that are asked for; see backend.Choose.
func chooseBacking(ctx context.Context, name, runID, self string, images map[string]string, say func(string)) (backend.Choice, error) {
	c, err := backend.Choose(ctx, name, backend.Options{
		RunID: runID, Launch: host.Local{}.Launch, ServerArgv: []string{self, brokerWord}, FreeAddr: host.Local{}.FreeAddr,
		Images: images, Say: say,
	})
	if err != nil {
		return c, usage(err)
	}
	return c, nil
}

// parseBacking reads the name of servers that are not to be started.
func parseBacking(name string) (backend.Choice, error) {
	c, err := backend.Parse(name)
	if err != nil {
		return c, usage(err)
	}
	return c, nil
}

// refuse is an error when the chosen servers cannot do what a scenario asks for.
func refuse(c backend.Choice, sc sim.Scenario) error {
	if err := c.Refuse(sc, fault.Kinds(), Catalog().Systems); err != nil {
		return usage(err)
	}
	return nil
}
