package reports

import (
	"encoding/xml"
	"fmt"
	"slices"
	"strings"

	"squall/sim"
)

// The elements of JUnit XML, as CI systems read it.
type (
	junitSuite struct {
		XMLName  xml.Name    `xml:"testsuite"`
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Time     string      `xml:"timestamp,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string      `xml:"name,attr"`
		Class   string      `xml:"classname,attr"`
		Failure *junitWords `xml:"failure"`
		Error   *junitWords `xml:"error"`
		Skipped *junitWords `xml:"skipped"`
	}
	junitWords struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// JUnit renders a run as one test suite: each expectation is a test case, and so
// is each invariant in each trial. What failed is a failure, and what is unknown
// is an error. audited are the variants whose audit an expectation of the scenario
// is about. The violations of another are no failure of the run: the test case is
// skipped, and says how many there were. When a trial is in doubt for another
// reason, such as a generator that missed its schedule, or when the run's verdict
// is worse than all test cases, that is a test case, too: a suite passes only if
// the run does.
func JUnit(info sim.RunInfo, r *sim.Result, audited []string) ([]byte, error) {
	s := junitSuite{Name: "squall " + r.Scenario, Time: info.Started.UTC().Format("2006-01-02T15:04:05")}
	class := "squall." + r.Scenario
	for _, e := range r.Expect {
		s.add(junitCase{Name: e.Text, Class: class + ".expect"}, e.Verdict, e.Detail, "")
	}
	for _, name := range info.Scenario.Variants {
		v := r.Variants[name]
		if v == nil {
			s.add(junitCase{Name: "trials", Class: class + "." + name}, sim.Unknown, "there is no trial of "+name, "")
			continue
		}
		for _, t := range v.Trials {
			errors := s.Errors
			for _, inv := range t.Audit.Invariants {
				excuse := ""
				if !slices.Contains(audited, name) {
					excuse = "no expectation is about the audit of " + name
				}
				s.add(junitCase{Name: inv.Name, Class: class + "." + t.Trial}, inv.Verdict, invariantWords(inv), excuse)
			}
			if t.Doubtful && s.Errors == errors {
				s.add(junitCase{Name: "trial", Class: class + "." + t.Trial}, sim.Unknown, t.Reasons.String(), "")
			}
		}
	}
	if r.Verdict == sim.Fail && s.Failures == 0 || r.Verdict != sim.Fail && r.Verdict != sim.Pass && s.Errors == 0 {
		s.add(junitCase{Name: "run", Class: class}, r.Verdict, r.Reasons.String(), "")
	}
	out, err := xml.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("junit: %w", err)
	}
	return append([]byte(xml.Header), append(out, '\n')...), nil
}

// invariantWords says how many orders broke an invariant, why it is unknown, and,
// a line each, which orders are examples.
func invariantWords(inv sim.Invariant) string {
	var b strings.Builder
	if inv.Violations > 0 {
		fmt.Fprintf(&b, "%d violations", inv.Violations)
	}
	if inv.Detail != "" {
		fmt.Fprintf(&b, "; %s", inv.Detail)
	}
	for _, e := range inv.Examples {
		fmt.Fprintf(&b, "\n%s %s", e.Order, e.Why)
	}
	return strings.TrimPrefix(b.String(), "; ")
}

// add enters a test case. Its message is the first line of the words. Only what
// passed is green: a verdict that is missing is an error, as an unknown one is.
func (s *junitSuite) add(c junitCase, v sim.Verdict, words, excuse string) {
	first, rest, _ := strings.Cut(words, "\n")
	s.Tests++
	switch {
	case v == sim.Fail && excuse != "":
		s.Skipped++
		c.Skipped = &junitWords{Message: first + "; " + excuse}
	case v == sim.Fail:
		s.Failures++
		c.Failure = &junitWords{Message: first, Text: rest}
	case v != sim.Pass:
		s.Errors++
		c.Error = &junitWords{Message: first, Type: "unknown", Text: rest}
	}
	s.Cases = append(s.Cases, c)
}
