package scenarios

import (
	"bytes"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// TestSchemaAgreesWithParse: what the reader takes the schema takes, and what
// the schema can see is refused by both.
func TestSchemaAgreesWithParse(t *testing.T) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema(catalogue())))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("scenario.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("scenario.json")
	if err != nil {
		t.Fatal(err)
	}
	validate := func(text string) error {
		j, err := yaml.YAMLToJSON([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(j))
		if err != nil {
			t.Fatal(err)
		}
		return schema.Validate(v)
	}
	if err := validate(good); err != nil {
		t.Errorf("a good scenario: %v", err)
	}
	for _, c := range []struct{ why, from, to string }{
		{"an unknown key", "name: good", "name: good\ncolour: red"},
		{"an unknown key of a service", "replicas: 3", "replica: 3"},
		{"a duration without a unit", "for: 10s", "for: 10x"},
		{"a rate that is none", "rate: 10/s", "rate: ten"},
		{"an unknown kind of fault", "pause: inventory", "paws: inventory"},
		{"a missing field", ", delay: 20ms", ""},
		{"no load", "load:", "laod:"},
		{"an unknown metric", "recovery:", "recover:"},
		{"an effect that is none", "min_effect: 20%", "min_effect: much"},
		{"an unknown claim", "name: good", "name: good\nclaim: C99"},
	} {
		text := strings.Replace(good, c.from, c.to, 1)
		if validate(text) == nil {
			t.Errorf("%s: the schema takes it", c.why)
		}
		if _, err := Parse("x.yaml", []byte(text), catalogue()); err == nil {
			t.Errorf("%s: the reader takes it", c.why)
		}
	}
}
