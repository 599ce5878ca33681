package sim

import "context"

// The roles of servers: what a server is for a system.
const (
	RoleBroker   = "broker"
	RoleDatabase = "database"
)

// Roles returns the roles in the order in which they are named.
func Roles() []string { return []string{RoleBroker, RoleDatabase} }

// Servers are the servers of one trial, by their roles.
type Servers struct {
	ByName map[string]Server
	Close  func(ctx context.Context) error
}

// Server is what processes are told of a server, and what can be read of it.
type Server struct {
	Addrs    []string // host:port of each node; none when it is reached without a network
	Protocol string   // how a link to it is probed: "amqp", "mysql", "nats"
	Env      map[string]string
	Meter    Metered // may be nil
	Named    string  // "RabbitMQ", "MariaDB", ...
	// Control is what can be done to it; nil where nothing can, such as to files.
	// What can be done beyond these is in ServerPauser, Alarmed, Capped, Cluster
	// and MessageInjector.
	Control ServerControl
}

// ServerControl is a server that can be brought down. Of a cluster, all nodes
// are meant.
type ServerControl interface {
	// Down ends the server, in an orderly way or with SIGKILL, and returns the
	// status that it ended with. It stays down.
	Down(ctx context.Context, orderly bool) (status string, err error)
	// Up starts it again at the same address, unless it runs, and returns when it
	// answers.
	Up(ctx context.Context) error
	// Answers makes one exchange with it, at its own address.
	Answers(ctx context.Context) error
}

// ServerPauser is a server whose processes can be stopped and resumed.
type ServerPauser interface {
	Pause(ctx context.Context) error
	// Resume lets it continue; no error when it runs already.
	Resume(ctx context.Context) error
	// Paused tells whether the kernel or the engine shows it stopped.
	Paused(ctx context.Context) (bool, error)
}

// Alarmed is a broker that blocks publishers when it is short of something.
type Alarmed interface {
	// Starve makes the broker believe that it is short of "memory" or "disk", or
	// gives it back the limit that it had.
	Starve(ctx context.Context, resource string, on bool) error
	// Alarm reads whether the alarm is on, and how many connections it blocks.
	Alarm(ctx context.Context, resource string) (on bool, blocked int, err error)
}

// Capped is a broker whose queues can be given a limit.
type Capped interface {
	// Cap limits a queue to so many ready messages; overflow is "reject-publish"
	// or "drop-head". A negative length takes the limit away.
	Cap(ctx context.Context, queue QueueSpec, length int, overflow string) error
	// Capacity reads the limit in force (-1: none) and how many messages have
	// been set aside, by dead-lettering or by a consumer.
	Capacity(ctx context.Context, queue QueueSpec) (length, parked int, err error)
}

// Cluster is a broker of several nodes.
type Cluster interface {
	// Leader names the node that leads a queue, and counts the queue's members
	// that are online.
	Leader(ctx context.Context, queue QueueSpec) (node string, online int, err error)
	KillNode(ctx context.Context, node string) (status string, err error)
	StartNode(ctx context.Context, node string) error
}

// MessageInjector is a broker that takes messages from a fault.
type MessageInjector interface {
	// Send puts a message before a service and returns when the broker has
	// confirmed it.
	Send(ctx context.Context, queue QueueSpec, m Message) error
	// Tap returns copies of the next n messages on their way to a queue; fewer,
	// with ctx's error, when ctx ends first.
	Tap(ctx context.Context, queue QueueSpec, n int) ([]Message, error)
}

// Message is a message as a broker carries it. Trace is its W3C trace context.
type Message struct {
	ID, Type, Trace string
	Body            []byte
}
