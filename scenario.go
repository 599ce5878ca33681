package squall

import (
	"errors"

	"squall/scenarios"
	"squall/sim"
)

// UsageError says that what was asked for is wrong: the caller's to mend, not a
// failure of squall or of the system.
type UsageError struct{ Err error }

func (e *UsageError) Error() string { return e.Err.Error() }

// Unwrap returns what is wrong.
func (e *UsageError) Unwrap() error { return e.Err }

func usage(err error) error {
	if err == nil {
		return nil
	}
	return &UsageError{err}
}

// Scenario is a scenario that was read and found good.
type Scenario struct {
	sim.Scenario
	Given     string   // the file, or the name from the library, that it was asked for by
	File      string   // where it was read
	Text      string   // verbatim
	Overrides []string // path=value, put into the text before it was read
}

// ReadScenario reads a scenario, a file or a name from the library, after
// overrides of the form path=value, such as services.inventory.replicas=4, were
// put into it. An error that is not of type scenarios.Problems says that there is
// no such scenario.
func ReadScenario(name string, overrides ...string) (Scenario, error) {
	text, file, err := scenarios.Load(name)
	if err != nil {
		return Scenario{}, usage(err)
	}
	sc, err := scenarios.ParseWith(file, text, overrides, Catalog())
	return Scenario{sc, name, file, string(text), overrides}, err
}

// ReadScenarios reads several scenarios. The problems of all of them are told
// together, so that nothing is run before each is good.
func ReadScenarios(names []string, overrides ...string) (all []Scenario, err error) {
	var problems scenarios.Problems
	for _, name := range names {
		sc, err := ReadScenario(name, overrides...)
		var p scenarios.Problems
		switch {
		case errors.As(err, &p):
			problems = append(problems, p...)
		case err != nil:
			return nil, err
		default:
			all = append(all, sc)
		}
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return all, nil
}
