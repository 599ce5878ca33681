package backend

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/moby/moby/client"
)

// Images are the images of a server, in the order of preference: the official
// one, then the one that `make images` builds.
type Images struct{ Official, Local string }

// Images returns the images of a server in containers; they are empty for
// another.
func (b Backend) Images() Images { return b.images }

// Found returns the name of the image with which a server would be started, "" if
// none is here or none is needed.
func (e *Engine) Found(ctx context.Context, b Backend) (string, error) {
	for _, name := range []string{b.images.Official, b.images.Local} {
		if name == "" {
			continue
		}
		if id, err := e.Image(ctx, name); err != nil || id != "" {
			return name, err
		}
	}
	return "", nil
}

// imageStore has images, or can get them.
type imageStore interface {
	// Image returns an image's id, "" when it is not here.
	Image(ctx context.Context, name string) (id string, err error)
	pull(ctx context.Context, name string) error
}

// findImages is an imageFinder that asks the engine of this machine.
func findImages(ctx context.Context, backends []Backend, o Options) (map[string]string, error) {
	if !inContainers(backends) {
		return nil, nil
	}
	engine, err := FindEngine(ctx)
	if err != nil {
		return nil, noEngine(err)
	}
	images, err := chooseImages(ctx, engine, backends, o)
	return images, errors.Join(err, engine.Close())
}

// chooseImages finds an image for each server in a container, by role.
func chooseImages(ctx context.Context, from imageStore, backends []Backend, o Options) (map[string]string, error) {
	chosen := map[string]string{}
	for _, b := range backends {
		if b.Provided != ByContainer {
			continue
		}
		image, err := chooseImage(ctx, from, b, o.Images[b.Role], o.Say)
		if err != nil {
			return nil, err
		}
		chosen[b.Role] = image
	}
	return chosen, nil
}

// chooseImage finds an image of a server: the one asked for by name, else the
// official one if it is here or can be pulled, else the local one.
func chooseImage(ctx context.Context, from imageStore, b Backend, named string, say func(string)) (string, error) {
	wanted := named
	if named == "" {
		wanted = b.images.Official
	}
	id, err := from.Image(ctx, wanted)
	if err != nil || id != "" {
		return wanted, err
	}
	say("pulling " + wanted)
	pullErr := from.pull(ctx, wanted)
	switch {
	case pullErr == nil:
		return wanted, nil
	case named != "":
		return "", fmt.Errorf("image %s for the %s is not here and cannot be pulled (%w); "+
			"leave --image-%s away to use an official image or the one of `make images`", named, b.Role, pullErr, b.Role)
	}
	id, err = from.Image(ctx, b.images.Local)
	switch {
	case err != nil:
		return "", err
	case id == "":
		return "", fmt.Errorf("no image for the %s: %s cannot be pulled (%w) and %s is not here; "+
			"build it with `make images`, name one with --image-%s, or use --backing embedded",
			b.Role, b.images.Official, pullErr, b.images.Local, b.Role)
	}
	say(b.images.Official + " is not to be had; using " + b.images.Local)
	return b.images.Local, nil
}

// pullStall is how long a pull may go without news before it is given up.
const pullStall = 10 * time.Second

// pull fetches an image. It gives up when nothing has been heard for a while.
func (e *Engine) pull(ctx context.Context, name string) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stalled := time.AfterFunc(pullStall, func() { cancel(fmt.Errorf("no news of the pull for %s", pullStall)) })
	defer stalled.Stop()
	news, err := e.client.ImagePull(ctx, name, client.ImagePullOptions{})
	if err == nil {
		err = errors.Join(readPull(news, func() { stalled.Reset(pullStall) }), news.Close())
	}
	if cause := context.Cause(ctx); err != nil && cause != nil {
		return cause // the error is a consequence of it
	}
	return err
}

// readPull reads the news of a pull to their end, and tells of each. It returns
// the error that they contain.
func readPull(news io.Reader, heard func()) error {
	for lines := json.NewDecoder(news); ; {
		var line struct {
			Error string `json:"error"`
		}
		switch err := lines.Decode(&line); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("read the news of the pull: %w", err)
		case line.Error != "":
			return errors.New(line.Error)
		}
		heard()
	}
}
