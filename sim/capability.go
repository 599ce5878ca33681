package sim

import "slices"

// Capability names something that can be done to a process, a link or a server.
// A fault says which it needs and a backend which its servers have. What is
// missing is refused before anything starts.
type Capability string

// The capabilities. CapabilityList says what each of them means.
const (
	ProcessKill      Capability = "process.kill"
	ProcessStop      Capability = "process.stop"
	ProcessFailpoint Capability = "process.failpoint"
	ProcessPause     Capability = "process.pause"
	ProcessDegrade   Capability = "process.degrade"
	ProcessMeter     Capability = "process.meter"

	NetworkLink  Capability = "network.link"
	NetworkShape Capability = "network.shape"
	NetworkCut   Capability = "network.cut"
	NetworkCount Capability = "network.count"

	ServerRestart Capability = "server.restart"
	ServerPause   Capability = "server.pause"
	BrokerAlarm   Capability = "broker.alarm"
	BrokerCluster Capability = "broker.cluster"
	QueueLimit    Capability = "queue.limit"
	QueueInject   Capability = "queue.inject"
)

// CapabilityInfo describes a capability.
type CapabilityInfo struct {
	Name    Capability
	Of      string // what it is a capability of: TargetProcess, TargetLink or TargetServer
	Meaning string // what can be done, in words
	// has reports whether a process, a proxy or a server's control can do it.
	has func(v any) bool
}

func is[T any](v any) bool { _, ok := v.(T); return ok }

// capabilities has an entry for each capability. Each is an interface of this
// package, apart from network.link: a link is there or it is not.
var capabilities = []CapabilityInfo{
	{ProcessKill, TargetProcess, "it can be killed with SIGKILL and started again", is[Killer]},
	{ProcessStop, TargetProcess, "it can be asked to end", is[Stopper]},
	{ProcessFailpoint, TargetProcess, "it can be told to kill itself at a named point of its code", is[Crasher]},
	{ProcessPause, TargetProcess, "it can be stopped with SIGSTOP and resumed with SIGCONT", is[Pauser]},
	{ProcessDegrade, TargetProcess, "it can be told to work slowly or to answer with errors", is[Degrader]},
	{ProcessMeter, TargetProcess, "the CPU time that it used and the state that the kernel shows can be read", is[Metered]},

	{NetworkLink, TargetLink, "it is reached over the network, so that its links exist", is[Proxy]},
	{NetworkShape, TargetLink, "the link's traffic can be delayed, held back and bounded", is[Shaper]},
	{NetworkCut, TargetLink, "the link's connections can be ended and new ones refused", is[Cutter]},
	{NetworkCount, TargetLink, "the link counts the connections and bytes that cross it", is[Counted]},

	{ServerRestart, TargetServer, "it can be brought down, orderly or with SIGKILL, and started again at the same address", is[ServerControl]},
	{ServerPause, TargetServer, "all its processes can be stopped and resumed", is[ServerPauser]},
	{BrokerAlarm, TargetServer, "it raises a memory or disk alarm and blocks publishers, and can be made to", is[Alarmed]},
	{BrokerCluster, TargetServer, "it can have several nodes, of which one leads each queue", is[Cluster]},
	{QueueLimit, TargetServer, "a queue can be given a limit while it is in use", is[Capped]},
	{QueueInject, TargetServer, "messages can be put before a service, and those on their way copied", is[MessageInjector]},
}

// CapabilityList returns every capability: those of processes, of links, of
// servers.
func CapabilityList() []CapabilityInfo { return slices.Clone(capabilities) }

// Of returns what it is a capability of: TargetProcess, TargetLink or
// TargetServer; "" for a capability that there is not.
func (c Capability) Of() string {
	for _, i := range capabilities {
		if i.Name == c {
			return i.Of
		}
	}
	return ""
}

// ProcessCan lists what can be done to a process.
func ProcessCan(p Process) []Capability { return can(p, TargetProcess) }

// LinkCan lists what can be done to a link.
func LinkCan(p Proxy) []Capability { return can(p, TargetLink) }

// ServerCan lists what can be done to a server and to the links to it. What a
// link can do beside being there is the link's, not the server's.
func ServerCan(s Server) (all []Capability) {
	if len(s.Addrs) > 0 {
		all = append(all, NetworkLink)
	}
	return append(all, can(s.Control, TargetServer)...)
}

func can(v any, of string) (all []Capability) {
	for _, i := range capabilities {
		if i.Of == of && i.has(v) {
			all = append(all, i.Name)
		}
	}
	return all
}
