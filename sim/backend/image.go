package backend

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/moby/moby/client"
)

// Candidates are the images of a server, in the order of preference: the
// official one, then the one that `make images` builds.
type Candidates struct{ Server, Official, Local string }

// Images returns the candidates of each server.
func Images() []Candidates {
	return []Candidates{
		{"broker", "rabbitmq:4.1-management", "squall/rabbitmq:latest"},
		{"database", "mariadb:11.8", "squall/mariadb:latest"},
	}
}

// pullStall is how long a pull may go without news before it is given up.
const pullStall = 10 * time.Second

// chooseImages finds an image for each server: the one asked for by name, else
// the official one if it is here or can be pulled, else the local one.
func chooseImages(ctx context.Context, o Options) (map[string]string, error) {
	engine, err := FindEngine(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w; start one (such as dockerd), or use --backing embedded", err)
	}
	defer engine.Close()
	chosen := map[string]string{}
	for _, c := range Images() {
		server := c.Server
		named := o.Images[server]
		switch {
		case named != "" && engine.Image(ctx, named) != "":
			chosen[server] = named
			continue
		case named != "":
			o.Say("pulling " + named)
			if err := engine.pull(ctx, named); err != nil {
				return nil, fmt.Errorf("image %s for the %s is not here and cannot be pulled (%w); leave --image-%s away to use an official image or the one of `make images`", named, server, err, server)
			}
			chosen[server] = named
			continue
		case engine.Image(ctx, c.Official) != "":
			chosen[server] = c.Official
			continue
		}
		o.Say("pulling " + c.Official)
		err := engine.pull(ctx, c.Official)
		switch {
		case err == nil:
			chosen[server] = c.Official
		case engine.Image(ctx, c.Local) != "":
			chosen[server] = c.Local
			o.Say(c.Official + " is not to be had; using " + c.Local)
		default:
			return nil, fmt.Errorf("no image for the %s: %s cannot be pulled (%w) and %s is not here; build it with `make images`, name one with --image-%s, or use --backing embedded",
				server, c.Official, err, c.Local, server)
		}
	}
	return chosen, nil
}

// CanServe reports whether the images of all servers are here or can be
// pulled.
func CanServe(ctx context.Context, o Options) error {
	_, err := chooseImages(ctx, o)
	return err
}

// pull fetches an image. It gives up when nothing has been heard for a while.
func (e *Engine) pull(ctx context.Context, name string) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stalled := time.AfterFunc(pullStall, func() { cancel(fmt.Errorf("no news of the pull for %s", pullStall)) })
	defer stalled.Stop()
	resp, err := e.client.ImagePull(ctx, name, client.ImagePullOptions{})
	if err != nil {
		return because(ctx, err)
	}
	defer resp.Close()
	lines := bufio.NewScanner(resp)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		stalled.Reset(pullStall)
		var news struct {
			Error string `json:"error"`
		}
		if json.Unmarshal(lines.Bytes(), &news) == nil && news.Error != "" {
			return errors.New(news.Error)
		}
	}
	return because(ctx, lines.Err())
}

func because(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); err != nil && cause != nil {
		return cause
	}
	return err
}
