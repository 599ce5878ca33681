package squall

import (
	"context"
	"fmt"
	"runtime"

	"squall/sim/backend"
	"squall/sim/host"
	"squall/sim/proc"
)

// Finding is one thing that Doctor looked at.
type Finding struct {
	Good bool   `json:"good"`
	What string `json:"what"`
	Fix  string `json:"fix,omitempty"` // how to mend it, where it is not good
}

// Doctor says what this machine can do, and how to mend what it lacks.
func Doctor(ctx context.Context) []Finding {
	found := append([]Finding{cores(), files(), ports()}, features(host.Features())...)
	return append(found, containers(ctx)...)
}

// features says what squall uses of the operating system, and what is used in
// the place of what it does not have.
func features(all []proc.Feature) (found []Finding) {
	for _, f := range all {
		what := f.Name + ": " + f.Use
		switch {
		case f.Here:
			found = append(found, Finding{true, what + ", by " + f.How, ""})
		case f.Instead != "":
			found = append(found, Finding{false, what, "instead: " + f.Instead})
		default:
			found = append(found, Finding{false, what, "nothing is used instead: a fault that needs it is refused, and a figure of it is 0"})
		}
	}
	return found
}

func cores() Finding {
	n := runtime.NumCPU()
	return Finding{n >= 2, fmt.Sprintf("%d cores", n),
		"with one core the generator competes with the system: expect unknown verdicts under load"}
}

const wantFiles = 4096

func files() Finding {
	allowed, err := host.OpenFiles()
	if err != nil {
		return Finding{false, "open files: " + err.Error(), "none known"}
	}
	return Finding{allowed >= wantFiles, fmt.Sprintf("%d open files allowed", allowed),
		fmt.Sprintf("raise the limit: ulimit -n %d", wantFiles)}
}

func ports() Finding {
	if _, err := (host.Local{}).FreeAddr(); err != nil {
		return Finding{false, err.Error(), "end what listens there"}
	}
	return Finding{true, "loopback ports are free", ""}
}

func containers(ctx context.Context) []Finding {
	engine, err := backend.FindEngine(ctx)
	if err != nil {
		return []Finding{{false, err.Error(), "start one (such as dockerd); without it squall uses the embedded backing"}}
	}
	defer func() { _ = engine.Close() }() // only asked
	found := []Finding{{true, "container engine " + engine.Version, ""}}
	for _, b := range backend.All() {
		if b.Provided != backend.ByContainer {
			continue
		}
		image, err := engine.Found(ctx, b)
		switch {
		case err != nil:
			found = append(found, Finding{false, err.Error(), "see whether the engine works"})
		case image != "":
			found = append(found, Finding{true, fmt.Sprintf("image of %s: %s", b.Name, image), ""})
		default:
			images := b.Images()
			found = append(found, Finding{false,
				fmt.Sprintf("image of %s: neither %s nor %s is here", b.Name, images.Official, images.Local),
				"it is pulled when needed; where no registry can be reached: make images"})
		}
	}
	return found
}
