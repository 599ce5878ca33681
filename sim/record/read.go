package record

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"

	"squall/sim"
)

// oldestSchema is the oldest version of run.json and result.json that is read.
// What was written by an older squall is brought up to sim.ResultSchema here, and
// nowhere else.
const oldestSchema = 1

// ReadRun reads run.json of a finished or broken-off run, of any schema since
// the oldest.
func ReadRun(path string) (RunDir, sim.RunInfo, error) {
	d := RunDir(path)
	var info sim.RunInfo
	b, err := os.ReadFile(d.RunFile())
	if err != nil {
		return "", info, fmt.Errorf("%s is not a run directory: %w", path, err)
	}
	if err := json.Unmarshal(b, &info); err != nil {
		return "", info, fmt.Errorf("read %s: %w", d.RunFile(), err)
	}
	if err := checkSchema(d.RunFile(), info.Schema); err != nil {
		return "", info, err
	}
	info.Schema = sim.ResultSchema // run.json has the same keys in all of them
	restoreParams(&info.Scenario)
	return d, info, nil
}

// ReadResult reads a result.json of any schema since the oldest, and brings it up
// to the present one. A file that is not there is an fs.ErrNotExist.
func ReadResult(file string) (*sim.Result, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read result: %w", err)
	}
	var head struct{ Schema int }
	if err := json.Unmarshal(b, &head); err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	if err := checkSchema(file, head.Schema); err != nil {
		return nil, err
	}
	if head.Schema == 1 {
		if b, err = upgradeResult(b); err != nil {
			return nil, fmt.Errorf("read %s: %w", file, err)
		}
	}
	var r sim.Result
	if err := json.Unmarshal(b, &r); err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	return &r, nil
}

func checkSchema(file string, schema int) error {
	if schema < oldestSchema || schema > sim.ResultSchema {
		return fmt.Errorf("read %s: saw schema %d, this squall reads %d to %d", file, schema, oldestSchema, sim.ResultSchema)
	}
	return nil
}

// restoreParams gives fault settings back the types that JSON lost.
func restoreParams(s *sim.Scenario) {
	for _, f := range s.Faults {
		for name, v := range f.Params {
			if n, ok := v.(float64); ok && n == math.Trunc(n) {
				f.Params[name] = int(n)
			}
		}
	}
}

// upgradeResult makes a result of schema 2 of one of schema 1, in which reasons
// were texts, and only their names told which fault the intervals around faults
// belong to.
func upgradeResult(b []byte) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber() // a float64 would not hold every moment to the nanosecond
	r := map[string]any{}
	if err := d.Decode(&r); err != nil {
		return nil, err
	}
	r["schema"] = 2
	r["reasons"] = untyped(r["reasons"])
	variants, _ := r["variants"].(map[string]any)
	for _, v := range variants {
		variant, _ := v.(map[string]any)
		for _, t := range objects(variant["trials"]) {
			t["reasons"] = untyped(t["reasons"])
			numberIntervals(objects(t["around_faults"]), objects(t["faults"]))
		}
	}
	return json.Marshal(r)
}

// untyped makes reasons of texts.
func untyped(texts any) []sim.Reason {
	reasons := []sim.Reason{}
	list, _ := texts.([]any)
	for _, text := range list {
		if s, ok := text.(string); ok {
			reasons = append(reasons, sim.Reason{Kind: sim.ReasonUntyped, Text: s})
		}
	}
	return reasons
}

// numberIntervals gives each interval around a fault the fault's number and its
// position. There are three for each fault that was injected, in the order of
// the faults; their names are the position and the fault's kind and target.
func numberIntervals(intervals, faults []map[string]any) {
	next := 0
	for i, interval := range intervals {
		name, _ := interval["name"].(string)
		position, of, _ := strings.Cut(name, " ")
		if i%len(sim.Positions()) == 0 {
			next++
			for next <= len(faults) && !injectedAs(of, faults[next-1]) {
				next++
			}
		}
		interval["position"], interval["fault"] = position, next
	}
}

// injectedAs reports whether a fault of a result has this kind and target and was
// injected: how long that took is never 0 then.
func injectedAs(name string, fault map[string]any) bool {
	took, _ := fault["took_ms"].(json.Number)
	v, err := took.Float64()
	return name == fmt.Sprintf("%v %v", fault["kind"], fault["target"]) && err == nil && v > 0
}

func objects(list any) (all []map[string]any) {
	items, _ := list.([]any)
	for _, item := range items {
		if o, ok := item.(map[string]any); ok {
			all = append(all, o)
		}
	}
	return all
}
