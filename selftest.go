package squall

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"squall/scenarios"
	"squall/sim"
	"squall/system/service"
)

// SelftestOptions are the settings of a self-test.
type SelftestOptions struct {
	Backing  string   // "embedded" or "container"
	Bugs     []string // only these; none means all
	Clean    int      // repeats of each storm without a bug
	Dir      string   // where the run directories are kept; "" removes them
	Observer Observer
}

// SelftestRow is one seeded bug, or none, with what the audit said of it.
type SelftestRow struct {
	Bug      string // "none" for a storm without a bug
	Scenario string
	Expected string // the invariants of which one must see it
	Seen     string // those that saw something
	Answer   string // "caught", "missed", "clean, 1 of 1", or what was wrong
	Good     bool
}

// Selftest switches on one seeded bug of the pipeline after another, runs each
// under the scenario that exposes it, and says whether an invariant caught it.
// Then it runs the same scenarios without a bug. The rows that were made before
// an error are returned with it.
func Selftest(ctx context.Context, o SelftestOptions) ([]SelftestRow, error) {
	if o.Backing != "embedded" && o.Backing != "container" {
		return nil, usage(fmt.Errorf("no backing named %q, expected embedded or container", o.Backing))
	}
	for _, name := range o.Bugs {
		if !slices.ContainsFunc(selftestCases, func(k selftestCase) bool { return k.bug == name }) {
			return nil, usage(fmt.Errorf("no bug named %q, expected one of %s", name, strings.Join(BugNames(), ", ")))
		}
	}
	if o.Dir == "" {
		tmp, err := os.MkdirTemp("", "squall-selftest-")
		if err != nil {
			return nil, err
		}
		defer func() { _ = os.RemoveAll(tmp) }() // a folder for what is temporary
		o.Dir = tmp
	}
	bed, closeBed, err := openTestbed(ctx, o.Backing, 1, o.Dir, observer(o.Observer))
	if err != nil {
		return nil, err
	}
	defer closeBed()
	return bed.selftest(ctx, o)
}

// BugNames lists the seeded bugs of the pipeline.
func BugNames() (names []string) {
	for _, b := range service.Bugs() {
		names = append(names, b.Name)
	}
	return names
}

// selftest runs every case.
func (b *testbed) selftest(ctx context.Context, o SelftestOptions) (rows []SelftestRow, err error) {
	var used []string // scenarios
	for _, k := range selftestCases {
		if len(o.Bugs) > 0 && !slices.Contains(o.Bugs, k.bug) || !slices.Contains(k.backings, o.Backing) {
			continue
		}
		if !slices.Contains(used, k.scenario) {
			used = append(used, k.scenario)
		}
		r, err := b.selftestRun(ctx, k.scenario, k.bug, 1)
		if err != nil {
			return rows, err
		}
		row := SelftestRow{Bug: k.bug, Scenario: k.scenario, Expected: strings.Join(k.caught, " or "), Seen: violated(r), Answer: "missed"}
		if caught(r, k.caught) {
			row.Answer, row.Good = "caught", true
		}
		rows = append(rows, row)
	}
	for _, name := range used {
		row, err := b.clean(ctx, name, o.Clean)
		if err != nil {
			return rows, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// clean runs a scenario several times without any bug: the pipeline must violate
// nothing. A naive variant violates something without a bug, too; it must not
// violate what catches the bugs of this scenario, or that would prove nothing.
func (b *testbed) clean(ctx context.Context, name string, repeats int) (SelftestRow, error) {
	row := SelftestRow{
		Bug: "none", Scenario: name, Expected: "nothing", Seen: "nobody",
		Answer: fmt.Sprintf("clean, %d of %d", repeats, repeats), Good: true,
	}
	for n := range repeats {
		r, err := b.selftestRun(ctx, name, "", n+1)
		if err != nil {
			return row, err
		}
		for name, v := range r.Variants {
			bad := v.Verdict != sim.Pass
			if isNaive(name) {
				bad = v.Trials[0].Doubtful || caught(r, catchers(row.Scenario))
				row.Seen = violated(r)
			}
			if bad {
				row.Seen, row.Good = violated(r), false
				row.Answer = fmt.Sprintf("%s in repeat %d: %s", v.Verdict, n+1, r.Reasons)
				return row, nil
			}
		}
	}
	return row, nil
}

// selftestRun runs one scenario with a bug ("" for none) into a directory of its
// own.
func (b *testbed) selftestRun(ctx context.Context, name, bug string, n int) (*Result, error) {
	text, file, err := scenarios.Selftest(name)
	if err != nil {
		return nil, err
	}
	sc, err := scenarios.Parse(file, text, Catalog())
	if err != nil {
		return nil, err
	}
	sc.Seed += uint64(n - 1)
	label := bug
	if bug == "" {
		label = fmt.Sprintf("none-%s-%d", name, n)
	}
	var bugs []string
	if bug != "" {
		bugs = []string{bug}
	}
	return b.run(ctx, label, Scenario{Scenario: sc, Given: file, File: file, Text: string(text)}, bugs...)
}

// catchers returns the invariants that catch the bugs of a scenario.
func catchers(scenario string) (invariants []string) {
	for _, k := range selftestCases {
		if k.scenario == scenario {
			invariants = append(invariants, k.caught...)
		}
	}
	return invariants
}

// caught reports whether a run violated any of these invariants.
func caught(r *Result, invariants []string) bool {
	for _, v := range r.Variants {
		for _, inv := range v.Audit.Invariants {
			if inv.Violations > 0 && slices.Contains(invariants, inv.Name) {
				return true
			}
		}
	}
	return false
}

// violated names the invariants that a run violated, with how often.
func violated(r *Result) string {
	var names []string
	for _, v := range r.Variants {
		for _, inv := range v.Audit.Invariants {
			if inv.Violations > 0 {
				names = append(names, fmt.Sprintf("%s (%d)", inv.Name, inv.Violations))
			}
		}
	}
	if len(names) == 0 {
		return "nobody"
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}
