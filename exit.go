package squall

// The exit codes of the squall program: the verdict of a run.
const (
	ExitPass    = 0
	ExitFail    = 1  // a check or an expectation failed
	ExitUnknown = 2  // it cannot be known
	ExitBroken  = 3  // squall itself, a server or a process failed
	ExitUsage   = 64 // the command line or a scenario is wrong
)
