package backend

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// fakeEngine answers as a container engine does, about containers that do
// nothing. What its tables hold can be changed between requests.
type fakeEngine struct {
	*Engine
	t          *testing.T
	mu         sync.Mutex
	images     map[string]string // name -> id
	registry   []string          // names that can be pulled
	containers map[string]*fakeContainer
	networks   map[string]map[string]string // name -> labels
	refuse     map[string]string            // method and path's end -> why
	did        []string                     // requests that change something
	programs   []string                     // that were run in containers
	program    string                       // what a program writes, and its status
	status     int
	dies       string // what a container writes that ends as soon as it is started; "" for none
}

type fakeContainer struct {
	container.State
	labels   map[string]string
	made     container.CreateRequest
	files    []byte // the archive that was copied into it
	log      string
	ends     int // the status with which it ends when it is asked to
	removing int // requests for which its removal is in progress
}

func newFakeEngine(t *testing.T) *fakeEngine {
	t.Helper()
	f := &fakeEngine{
		t:      t,
		images: map[string]string{}, containers: map[string]*fakeContainer{},
		networks: map[string]map[string]string{}, refuse: map[string]string{},
	}
	server := httptest.NewServer(http.HandlerFunc(f.serve))
	c, err := client.New(client.WithHost("tcp://"+server.Listener.Addr().String()), client.WithAPIVersion("1.41"))
	if err != nil {
		t.Fatal(err)
	}
	f.Engine = &Engine{Version: "fake", client: c}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		server.CloseClientConnections() // streams
		server.Close()
	})
	return f
}

// read decodes a request's body.
func (f *fakeEngine) read(r *http.Request, into any) { f.works(json.NewDecoder(r.Body).Decode(into)) }

// works fails the test when a request cannot be read or answered.
func (f *fakeEngine) works(err error) {
	if err != nil {
		f.t.Errorf("the fake engine: %v", err)
	}
}

// say writes to the client.
func (f *fakeEngine) say(w io.Writer, text string) {
	_, err := io.WriteString(w, text)
	f.works(err)
}

// locked changes or reads the tables while no request is answered.
func (f *fakeEngine) locked(do func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	do()
}

// fail has requests fail whose method and path end so.
func (f *fakeEngine) fail(what, why string) { f.locked(func() { f.refuse[what] = why }) }

// left is how many containers there are.
func (f *fakeEngine) left() (n int) {
	f.locked(func() { n = len(f.containers) })
	return n
}

// requests returns those that changed something, and forgets them.
func (f *fakeEngine) requests() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	did := f.did
	f.did = nil
	return did
}

func (f *fakeEngine) serve(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	path := strings.TrimPrefix(r.URL.Path, "/v1.41")
	if r.Method != http.MethodGet {
		f.did = append(f.did, r.Method+" "+path)
	}
	for what, why := range f.refuse {
		if strings.HasSuffix(r.Method+" "+path, what) {
			f.answer(w, http.StatusInternalServerError, map[string]string{"message": why})
			return
		}
	}
	words := strings.Split(strings.Trim(path, "/"), "/")
	switch {
	case words[0] == "images":
		f.image(w, r, words)
	case words[0] == "networks":
		f.network(w, r, words)
	case path == "/containers/json":
		var list []container.Summary
		for id, c := range f.containers {
			list = append(list, container.Summary{ID: id, Image: "an-image", Labels: c.labels})
		}
		slices.SortFunc(list, func(a, b container.Summary) int { return strings.Compare(a.ID, b.ID) })
		f.answer(w, http.StatusOK, list)
	case path == "/containers/create":
		c := &fakeContainer{}
		f.read(r, &c.made)
		c.labels = c.made.Labels
		id := fmt.Sprintf("c%011d", len(f.containers)+1)
		f.containers[id] = c
		f.answer(w, http.StatusCreated, container.CreateResponse{ID: id})
	case words[0] == "containers":
		f.container(w, r, words)
	case words[0] == "exec":
		f.exec(w, r, words[2])
	default:
		f.answer(w, http.StatusNotFound, map[string]string{"message": "no such page"})
	}
}

func (f *fakeEngine) answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	f.works(json.NewEncoder(w).Encode(body))
}

func (f *fakeEngine) image(w http.ResponseWriter, r *http.Request, words []string) {
	if r.Method == http.MethodPost { // pull
		name := strings.TrimPrefix(r.URL.Query().Get("fromImage"), "docker.io/library/") + ":" + r.URL.Query().Get("tag")
		w.WriteHeader(http.StatusOK)
		f.say(w, `{"status":"Pulling"}`+"\n")
		if !slices.Contains(f.registry, name) {
			f.say(w, `{"error":"no such host"}`+"\n")
			return
		}
		f.images[name] = "sha256:" + name
		f.say(w, `{"status":"Done"}`+"\n")
		return
	}
	name := strings.Join(words[1:len(words)-1], "/")
	if id, ok := f.images[name]; ok {
		f.answer(w, http.StatusOK, map[string]string{"Id": id})
		return
	}
	f.answer(w, http.StatusNotFound, map[string]string{"message": "No such image: " + name})
}

func (f *fakeEngine) network(w http.ResponseWriter, r *http.Request, words []string) {
	switch {
	case r.Method == http.MethodGet:
		var list []map[string]any
		for name, labels := range f.networks {
			list = append(list, map[string]any{"Name": name, "Labels": labels})
		}
		f.answer(w, http.StatusOK, list)
	case words[1] == "create":
		var made struct {
			Name   string
			Labels map[string]string
		}
		f.read(r, &made)
		f.networks[made.Name] = made.Labels
		f.answer(w, http.StatusCreated, map[string]string{"Id": "n-" + made.Name})
	case f.networks[words[1]] == nil:
		f.answer(w, http.StatusNotFound, map[string]string{"message": "network " + words[1] + " is unknown"})
	default:
		delete(f.networks, words[1])
		w.WriteHeader(http.StatusNoContent)
	}
}

func (f *fakeEngine) container(w http.ResponseWriter, r *http.Request, words []string) {
	id := words[1]
	c, ok := f.containers[id]
	if !ok {
		f.answer(w, http.StatusNotFound, map[string]string{"message": "No such container: " + id})
		return
	}
	if c.removing > 0 {
		if c.removing--; c.removing == 0 {
			delete(f.containers, id)
		}
		if r.Method == http.MethodDelete {
			f.answer(w, http.StatusConflict, map[string]string{"message": "removal of container " + id + " goes on"})
			return
		}
	}
	if r.Method == http.MethodDelete {
		delete(f.containers, id)
		w.WriteHeader(http.StatusNoContent)
		return
	}
	switch words[2] {
	case "json":
		f.answer(w, http.StatusOK, map[string]any{"Id": id, "State": c.State})
		return
	case "logs":
		f.say(stdout{w}, c.log)
		return
	case "stats":
		w.(http.Flusher).Flush() // no reading
		return
	case "exec":
		var made struct{ Cmd []string }
		f.read(r, &made)
		f.programs = append(f.programs, strings.Join(made.Cmd, " "))
		f.answer(w, http.StatusCreated, map[string]string{"Id": "program"})
		return
	case "archive":
		var err error
		c.files, err = io.ReadAll(r.Body)
		f.works(err)
		w.WriteHeader(http.StatusOK)
		return
	case "start":
		if c.State = (container.State{Running: true}); f.dies != "" {
			c.State, c.log = container.State{ExitCode: 1}, f.dies
		}
	case "stop":
		c.State = container.State{ExitCode: c.ends}
	case "kill":
		c.State = container.State{ExitCode: statusKilled}
	case "pause":
		c.Paused = true
	case "unpause":
		if !c.Paused { // as the engine has it: no error of a type of its own
			f.answer(w, http.StatusInternalServerError, map[string]string{"message": "Container " + id + " runs"})
			return
		}
		c.Paused = false
	default:
		f.answer(w, http.StatusNotFound, map[string]string{"message": "no such page"})
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// exec answers about a program that was run: what it wrote, over the connection
// itself, and its status.
func (f *fakeEngine) exec(w http.ResponseWriter, r *http.Request, question string) {
	if question == "json" {
		f.answer(w, http.StatusOK, map[string]any{"ID": "program", "ExitCode": f.status})
		return
	}
	_, err := io.Copy(io.Discard, r.Body) // or the end of the connection would be a reset
	f.works(err)
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		f.works(err)
		return
	}
	defer func() { f.works(conn.Close()) }()
	f.say(conn, "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\n"+
		"Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n")
	f.say(stdout{conn}, f.program)
}

// stdout writes frames as a container's log has them.
type stdout struct{ w io.Writer }

func (s stdout) Write(b []byte) (int, error) {
	header := []byte{byte(stdcopy.Stdout), 0, 0, 0, byte(len(b) >> 24), byte(len(b) >> 16), byte(len(b) >> 8), byte(len(b))}
	if _, err := s.w.Write(header); err != nil {
		return 0, err
	}
	return s.w.Write(b)
}
