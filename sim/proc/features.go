package proc

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
)

// Names of the features, for whoever says that it needs one.
const (
	EndWithParent   = "process.end-with-parent"
	ProcessUsage    = "process.usage"
	ProcessState    = "process.state"
	ProcessSockets  = "process.sockets"
	ProcessName     = "process.name"
	Priority        = "priority"
	Pacing          = "load.pacing"
	LinkConnections = "link.connections"
	MachineFacts    = "machine.facts"
)

// Feature is something that squall uses of an operating system and that is not
// the same everywhere.
type Feature struct {
	Name    string `json:"name"`    // such as "process.state"
	Use     string `json:"use"`     // what it is for
	Here    bool   `json:"here"`    // this operating system has it in full
	How     string `json:"how"`     // where Here: by what means
	Instead string `json:"instead"` // where not Here: what is used in its place; "" is nothing, and what needs it is refused
}

// String says in one line whether the feature is here, and if not, what is used.
func (f Feature) String() string {
	switch {
	case f.Here:
		return fmt.Sprintf("%s (%s): %s", f.Name, f.Use, f.How)
	case f.Instead != "":
		return fmt.Sprintf("%s (%s) is not here; instead: %s", f.Name, f.Use, f.Instead)
	}
	return fmt.Sprintf("%s (%s) is not here, and nothing is used instead", f.Name, f.Use)
}

// table says for each feature by what means Linux has it, and what is used on
// other systems, of which macOS is the one that is built for.
var table = []struct{ name, use, linux, elsewhere string }{
	{EndWithParent, "processes end when squall is killed", "the kernel's parent-death signal",
		"their standard input ends; the kernel lets a paused one go on with a hangup, of which it dies"},
	{ProcessUsage, "CPU time and memory in the result", "/proc/PID/stat",
		"ps(1), run once for each reading"},
	{ProcessState, "evidence that a process stands still", "/proc/PID/stat",
		"ps(1), run once for each look, so that there are fewer looks"},
	{ProcessSockets, "max_connections in the result", "/proc/PID/fd", ""},
	{ProcessName, "telling whether the squall that started a container still runs", "/proc/PID/comm",
		"ps(1)"},
	{Priority, "the generator runs before the system under test", "the niceness of each thread",
		"the niceness of each process"},
	{Pacing, "requests are sent when they are due", "nanosleep(2)",
		"a timer, and asking the clock again and again for the last half millisecond"},
	{LinkConnections, "how many connections a fault on a link ended", "/proc/net/tcp",
		"netstat(1)"},
	{MachineFacts, "processor, memory and kernel in run.json", "/proc",
		"sysctl(3)"},
}

// Features lists what squall uses of an operating system, as it is on this one.
func Features() []Feature { return featuresOf(runtime.GOOS) }

func featuresOf(system string) []Feature {
	all := make([]Feature, 0, len(table))
	for _, row := range table {
		f := Feature{Name: row.name, Use: row.use, Here: system == "linux"}
		if f.Here {
			f.How = row.linux
		} else {
			f.Instead = row.elsewhere
		}
		all = append(all, f)
	}
	return all
}

// Refuse returns an error that lists those of the named features that are not
// here and for which nothing is used instead; nil when there are none.
func Refuse(names ...string) error { return refuse(Features(), runtime.GOOS, names) }

func refuse(features []Feature, system string, names []string) error {
	var lacks []string
	for _, name := range names {
		i := slices.IndexFunc(features, func(f Feature) bool { return f.Name == name })
		switch {
		case i < 0:
			lacks = append(lacks, fmt.Sprintf("%q is no feature that squall knows of", name))
		case !features[i].Here && features[i].Instead == "":
			lacks = append(lacks, fmt.Sprintf("%s (%s)", name, features[i].Use))
		}
	}
	if len(lacks) == 0 {
		return nil
	}
	return fmt.Errorf("this needs what is not to be had on %s: %s; squall doctor lists what there is", system, strings.Join(lacks, ", "))
}
