package squall

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"squall/reports"
	"squall/sim/gate"
	"squall/sim/record"
)

// ReadSide reads one side of a comparison: a run directory, whose files are judged
// anew, or a baseline's file.
func ReadSide(path string) (gate.Baseline, error) {
	if s, err := os.Stat(path); err != nil || !s.IsDir() {
		b, err := gate.ReadBaseline(path)
		if err != nil {
			return b, usage(fmt.Errorf("%w; expected a run directory or a baseline", err))
		}
		return b, nil
	}
	r, err := Judge(path)
	if err != nil {
		return gate.Baseline{}, err
	}
	return gate.NewBaseline(r.Info, r.Result), nil
}

// ReadSides reads runs, or baselines, of one scenario and adds them up.
func ReadSides(paths []string) (gate.Baseline, error) {
	var all []gate.Baseline
	for _, path := range paths {
		b, err := ReadSide(path)
		if err != nil {
			return b, err
		}
		all = append(all, b)
	}
	b, err := gate.Merge(all)
	return b, usage(err)
}

// ReadResults reads a run, a baseline, or all of either that are in a folder.
func ReadResults(path string) (all []gate.Baseline, err error) {
	files, err := os.ReadDir(path)
	if err != nil || isRun(path) {
		b, err := ReadSide(path)
		return []gate.Baseline{b}, err
	}
	for _, f := range files {
		inside := filepath.Join(path, f.Name())
		if !isRun(inside) && (f.IsDir() || filepath.Ext(inside) != ".json") {
			continue
		}
		b, err := ReadSide(inside)
		if err != nil {
			return nil, err
		}
		all = append(all, b)
	}
	if len(all) == 0 {
		return nil, usage(fmt.Errorf("%s holds no runs and no baselines", path))
	}
	return all, nil
}

// Compare compares head, a run or a baseline, with base: a run, a baseline, or a
// folder of baselines, of which the one of head's scenario and machine is taken.
func Compare(base, head string, rule gate.Rule) (gate.Comparison, error) {
	h, err := ReadSide(head)
	if err != nil {
		return gate.Comparison{}, err
	}
	b, err := readBase(base, h, rule.Across)
	if err != nil {
		return gate.Comparison{}, err
	}
	c, err := gate.Compare(b, h, rule)
	return c, conditions(err)
}

// readBase reads the first side of a comparison, which may also be a folder of
// baselines.
func readBase(path string, head gate.Baseline, across bool) (gate.Baseline, error) {
	if s, err := os.Stat(path); err != nil || !s.IsDir() || isRun(path) {
		return ReadSide(path)
	}
	b, err := gate.FindBaseline(path, head, across)
	return b, usage(err)
}

// conditions makes an error of conditions that differ one of usage.
func conditions(err error) error {
	var c *gate.ConditionsError
	if errors.As(err, &c) {
		return usage(err)
	}
	return err
}

// isRun reports whether a folder is a run directory that can be read.
func isRun(path string) bool {
	_, _, err := record.ReadRun(path)
	return err == nil
}

// RunsIn reads the runs that are in a folder, for its index page; what is no run
// is passed over.
func RunsIn(folder string) (entries []reports.IndexEntry) {
	files, err := os.ReadDir(folder)
	if err != nil {
		return nil
	}
	for _, f := range files {
		dir, info, err := record.ReadRun(filepath.Join(folder, f.Name()))
		if err != nil {
			continue
		}
		e := reports.IndexEntry{Folder: f.Name(), Info: info}
		if e.Result, err = record.ReadResult(dir.ResultFile()); err != nil {
			e.Result = nil // the index says that it is to be judged
		}
		entries = append(entries, e)
	}
	return entries
}

// WriteIndex writes the page that lists the runs of a folder into it, and returns
// the page's path and how many runs it lists; none is no error.
func WriteIndex(folder string) (file string, runs int, err error) {
	entries := RunsIn(folder)
	if len(entries) == 0 {
		return "", 0, nil
	}
	page, err := reports.Index(folder, entries)
	if err != nil {
		return "", 0, err
	}
	file = filepath.Join(folder, "index.html")
	return file, len(entries), record.WriteFile(file, page)
}

// WriteOverlay writes a page of several runs of one scenario, judged anew.
func WriteOverlay(paths []string, file string) error {
	var entries []reports.IndexEntry
	for _, path := range paths {
		r, err := Judge(path)
		if err != nil {
			return err
		}
		entries = append(entries, reports.IndexEntry{Folder: path, Info: r.Info, Result: r.Result})
	}
	page, err := reports.Overlay(entries)
	if err != nil {
		return usage(err)
	}
	return record.WriteFile(file, page)
}

// WriteTrend writes a page of every figure over the results that are in paths, and
// returns how many there are.
func WriteTrend(paths []string, file string) (results int, err error) {
	var all []gate.Baseline
	for _, path := range paths {
		found, err := ReadResults(path)
		if err != nil {
			return 0, err
		}
		all = append(all, found...)
	}
	page, err := reports.Trend(all)
	if err != nil {
		return 0, usage(err)
	}
	return len(all), record.WriteFile(file, page)
}
