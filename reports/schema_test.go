package reports

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"squall/sim"
)

// TestResultSchema: a result is as its schema says, and one with a figure more,
// or of another version, is not.
func TestResultSchema(t *testing.T) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(ResultSchema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("result.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("result.json")
	if err != nil {
		t.Fatal(err)
	}
	_, r := run()
	r.Schema = sim.ResultSchema
	for _, v := range r.Variants {
		v.Audit.Verdict = sim.Fail
		v.Trials[0].Load.Verdict, v.Trials[0].Audit = sim.Pass, v.Audit
	}
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []struct {
		why, from, to string
		good          bool
	}{
		{"as it is written", "", "", true},
		{"a figure more", `"p50_ms"`, `"p51_ms"`, false},
		{"another version", `"schema":2`, `"schema":1`, false},
		{"another kind of reason", `"kind":"death"`, `"kind":"boredom"`, false},
		{"a reason as it was in schema 1", `{"kind":"death",`, `"text", {"kind":"death",`, false},
		{"another verdict", `"verdict":"pass"`, `"verdict":"fine"`, false},
	} {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(bytes.Replace(b, []byte(k.from), []byte(k.to), 1)))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); (err == nil) != k.good {
			t.Errorf("%s: %v", k.why, err)
		}
	}
}
