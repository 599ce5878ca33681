package sim

import "time"

// RunInfo is run.json: everything that was decided before the first trial.
type RunInfo struct {
	Schema    int               `json:"schema"`
	ID        string            `json:"id"`
	Scenario  Scenario          `json:"scenario"`
	Source    string            `json:"source"`      // the scenario's text, verbatim
	File      string            `json:"source_file"` // where it was read
	Overrides []string          `json:"overrides,omitempty"`
	Command   []string          `json:"command"` // to run it again
	Started   time.Time         `json:"started"`
	Backing   BackingInfo       `json:"backing"`
	Requests  int               `json:"requests"`
	Digest    string            `json:"schedule_digest"`
	Trials    []TrialInfo       `json:"trials"`
	Machine   Machine           `json:"machine"`
	Versions  map[string]string `json:"versions"`
}

// TrialInfo is one trial of the plan.
type TrialInfo struct {
	Name    string `json:"name"` // its folder: "sync-1"
	Variant string `json:"variant"`
	Repeat  int    `json:"repeat"` // from 1
}

// BackingInfo says what served as broker and database.
type BackingInfo struct {
	Name    string            `json:"name"`             // of the set, or "rabbitmq,sqlite"
	Servers map[string]string `json:"servers"`          // by role: "broker" -> "RabbitMQ 4.0.5"
	Images  map[string]string `json:"images,omitempty"` // by role, of servers in containers: image name
	Reason  string            `json:"reason,omitempty"` // why this one, when it was chosen automatically
}

// Machine is where a run took place.
type Machine struct {
	OS      string `json:"os"`
	Arch    string `json:"arch"`
	CPUs    int    `json:"cpus"`
	CPU     string `json:"cpu,omitempty"`
	MemoryB int64  `json:"memory_bytes,omitempty"`
	Kernel  string `json:"kernel,omitempty"`
	// Differs says, a sentence each, what squall does by other means here than on
	// Linux, or not at all.
	Differs []string `json:"differs,omitempty"`
}
