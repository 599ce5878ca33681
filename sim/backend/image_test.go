package backend

import (
	"context"
	"errors"
	"strings"
	"testing"

	"squall/sim"
)

// fakeStore has some images and can get others.
type fakeStore struct {
	here, registry []string
	broken         error // of every question
}

func (f fakeStore) Image(_ context.Context, name string) (string, error) {
	for _, h := range f.here {
		if h == name {
			return "id of " + name, f.broken
		}
	}
	return "", f.broken
}

func (f fakeStore) pull(_ context.Context, name string) error {
	for _, r := range f.registry {
		if r == name {
			return nil
		}
	}
	return errors.New("no such host")
}

func TestChooseImage(t *testing.T) {
	b := Backend{Name: "a", Role: sim.RoleBroker, Provided: ByContainer, images: Images{"official:1", "local:1"}}
	for _, c := range []struct {
		why   string
		named string
		store fakeStore
		want  string
		said  string
		err   string // what it must say, with bars between
	}{
		{why: "the named image is here", named: "own:1", store: fakeStore{here: []string{"own:1", "official:1"}}, want: "own:1"},
		{why: "the named image can be pulled", named: "own:1", store: fakeStore{registry: []string{"own:1"}},
			want: "own:1", said: "pulling own:1"},
		{why: "the named image is nowhere, and no other is taken for it", named: "own:1", store: fakeStore{here: []string{"official:1"}},
			said: "pulling own:1", err: "own:1|cannot be pulled|no such host|--image-broker"},
		{why: "the official image is here", store: fakeStore{here: []string{"official:1", "local:1"}}, want: "official:1"},
		{why: "the official image can be pulled", store: fakeStore{here: []string{"local:1"}, registry: []string{"official:1"}},
			want: "official:1", said: "pulling official:1"},
		{why: "the pull fails and the local image is here", store: fakeStore{here: []string{"local:1"}},
			want: "local:1", said: "pulling official:1; official:1 is not to be had; using local:1"},
		{why: "there is none", said: "pulling official:1",
			err: "official:1 cannot be pulled|no such host|local:1 is not here|make images|embedded"},
		{why: "the engine does not answer", store: fakeStore{broken: errors.New("connection lost")}, err: "connection lost"},
	} {
		var said []string
		got, err := chooseImage(t.Context(), c.store, b, c.named, func(text string) { said = append(said, text) })
		if strings.Join(said, "; ") != c.said {
			t.Errorf("%s: it said %q, expected %q", c.why, said, c.said)
		}
		if c.err == "" && (err != nil || got != c.want) {
			t.Errorf("%s: %q, error %v, expected %q", c.why, got, err, c.want)
		}
		for part := range strings.SplitSeq(c.err, "|") {
			if c.err != "" && (err == nil || !strings.Contains(err.Error(), part)) {
				t.Errorf("%s: error %v, expected one that says %q", c.why, err, part)
			}
		}
	}
}

// TestChooseImagesForContainersAlone: only servers in containers need an image.
func TestChooseImagesForContainersAlone(t *testing.T) {
	backends := []Backend{
		{Name: "a", Role: sim.RoleBroker, Provided: ByChild},
		{Name: "b", Role: sim.RoleDatabase, Provided: ByContainer, images: Images{"official:1", "local:1"}},
	}
	store := fakeStore{here: []string{"own:1"}}
	got, err := chooseImages(t.Context(), store, backends, Options{Images: map[string]string{sim.RoleDatabase: "own:1"}, Say: func(string) {}})
	if err != nil || len(got) != 1 || got[sim.RoleDatabase] != "own:1" {
		t.Errorf("images %v, error %v, expected own:1 for the database alone", got, err)
	}
	if images, err := findImages(t.Context(), backends[:1], Options{}); err != nil || images != nil {
		t.Errorf("images %v, error %v of servers that need none", images, err)
	}
}

// TestEnginesImages holds the engine to what chooseImage asks of it.
func TestEnginesImages(t *testing.T) {
	f := newFakeEngine(t)
	f.images["here:1"] = "sha256:1"
	f.registry = []string{"there:1"}
	if id, err := f.Image(t.Context(), "here:1"); err != nil || id != "sha256:1" {
		t.Errorf("an image that is here: %q, %v", id, err)
	}
	if id, err := f.Image(t.Context(), "there:1"); err != nil || id != "" {
		t.Errorf("an image that is not here: %q, %v", id, err)
	}
	if err := f.pull(t.Context(), "there:1"); err != nil || f.images["there:1"] == "" {
		t.Errorf("pull: %v, images %v", err, f.images)
	}
	if err := f.pull(t.Context(), "nowhere:1"); err == nil || err.Error() != "no such host" {
		t.Errorf("pull of what there is not: %v, expected what the news of the pull say", err)
	}
	b := Backend{images: Images{"official:1", "here:1"}}
	if name, err := f.Found(t.Context(), b); err != nil || name != "here:1" {
		t.Errorf("found %q, %v, expected the local image", name, err)
	}
	if name, err := f.Found(t.Context(), Backend{}); err != nil || name != "" {
		t.Errorf("found %q, %v for a server without images", name, err)
	}
	f.fail("/images/here:1/json", "the disk is broken")
	if _, err := f.Image(t.Context(), "here:1"); err == nil || !strings.Contains(err.Error(), "the disk is broken") {
		t.Errorf("error %v, expected the engine's", err)
	}
}

func TestReadPull(t *testing.T) {
	for _, c := range []struct {
		why, news, err string
		heard          int
	}{
		{"all is well", `{"status":"a"}` + "\n" + `{"status":"b"}`, "", 2},
		{"the last line is an error", `{"status":"a"}` + "\n" + `{"error":"denied"}`, "denied", 1},
		{"the news break off", `{"status":"a"}` + "\n" + `{"sta`, "read the news of the pull: ", 1},
		{"there are none", "", "", 0},
	} {
		heard := 0
		err := readPull(strings.NewReader(c.news), func() { heard++ })
		if (err == nil) != (c.err == "") || err != nil && !strings.HasPrefix(err.Error(), c.err) || heard != c.heard {
			t.Errorf("%s: error %v after %d lines, expected %q after %d", c.why, err, heard, c.err, c.heard)
		}
	}
}
