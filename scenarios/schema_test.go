package scenarios

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"squall/sim/fault"
)

var update = flag.Bool("update", false, "write generated texts anew")

// validator compiles the schema of a catalog, and returns what checks a text.
func validator(t *testing.T, catalog Catalog) func(text string) error {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema(catalog)))
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
	return func(text string) error {
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
}

// leaves are the places in a scenario that a validator's error comes down to.
func leaves(err error) (places []string) {
	var e *jsonschema.ValidationError
	if !errors.As(err, &e) {
		return nil
	}
	if len(e.Causes) == 0 {
		return []string{"/" + strings.Join(e.InstanceLocation, "/")}
	}
	for _, cause := range e.Causes {
		places = append(places, leaves(cause)...)
	}
	slices.Sort(places)
	return slices.Compact(places)
}

// TestSchemaAgreesWithParse: what the reader takes the schema takes, and what
// the schema can see is refused by both.
func TestSchemaAgreesWithParse(t *testing.T) {
	validate := validator(t, catalogue())
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

// TestSchemaPointsAtTheFault: where one fault of several is wrong, an editor
// marks that one and nothing else.
func TestSchemaPointsAtTheFault(t *testing.T) {
	validate := validator(t, catalogue())
	const before = "name: x\nload: { phases: [ { for: 10s, rate: 10/s } ] }\n"
	const sound = "  - { pause: inventory, at: 1s, for: 1s }\n"
	for _, c := range []struct{ why, fault, place string }{
		{"a kind that there is not", "{ paws: inventory, at: 2s }", "/faults/2"},
		{"no kind at all", "{ at: 2s }", "/faults/2"},
		{"no kind, and a length", "{ at: 2s, for: 1s }", "/faults/2"},
		{"nothing", "{}", "/faults/2"},
		{"two kinds", "{ pause: inventory, latency: inventory, at: 2s, for: 1s, delay: 1ms }", "/faults/2"},
		{"no moment", "{ pause: inventory, for: 1s }", "/faults/2"},
		{"a setting that is missing", "{ latency: inventory, at: 2s, for: 1s }", "/faults/2"},
		{"a setting of another kind", "{ pause: inventory, at: 2s, for: 1s, delay: 1ms }", "/faults/2"},
		{"a setting that is none", "{ latency: inventory, at: 2s, for: 1s, delay: slowly }", "/faults/2/delay"},
		{"a count of none", "{ pause: inventory, at: 2s, for: 1s, count: 0 }", "/faults/2/count"},
		{"a word", "pause", "/faults/2"},
	} {
		err := validate(before + "faults:\n" + sound + sound + "  - " + c.fault + "\n" + sound)
		if got := leaves(err); !slices.Equal(got, []string{c.place}) {
			t.Errorf("%s: the error is about %v, expected %s\n%v", c.why, got, c.place, err)
		}
	}
	for _, c := range []struct{ why, text, place string }{
		{"neither a list nor random", "faults: pause", "/faults"},
		{"random faults of a kind that there is not", "faults: { random: { from: [pause, paws], every: 2s, for: 1s } }", "/faults/random/from/1"},
		{"random faults without a length", "faults: { random: { from: [pause], every: 2s } }", "/faults/random"},
		{"work that is none", "services: { payment: { work: fast } }", "/services/payment/work"},
		{"half of a work that is none", "services: { payment: { work: { median: 1ms, p99: much } } }", "/services/payment/work/p99"},
	} {
		if got := leaves(validate(before + c.text + "\n")); !slices.Contains(got, c.place) || len(got) != 1 {
			t.Errorf("%s: the error is about %v, expected %s", c.why, got, c.place)
		}
	}
}

// TestSchemaTakesTheLibrary: the schema refuses no scenario that squall comes with.
func TestSchemaTakesTheLibrary(t *testing.T) {
	validate := validator(t, Catalog{Faults: fault.Kinds(), Variants: []string{"sync", "async"}})
	files, err := filepath.Glob("*.yaml")
	more, moreErr := filepath.Glob("selftest/*.yaml")
	if err := errors.Join(err, moreErr); err != nil || len(files) < 6 || len(more) < 6 {
		t.Fatalf("scenarios %v and %v, %v", files, more, err)
	}
	for _, file := range append(files, more...) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(string(text)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// TestSchemaDescribesEveryProperty walks the schema: each property has a
// description, and each text of the table has its place in it.
func TestSchemaDescribesEveryProperty(t *testing.T) {
	var schema object
	if err := json.Unmarshal(Schema(Catalog{Faults: fault.Kinds(), Variants: []string{"sync"}}), &schema); err != nil {
		t.Fatal(err)
	}
	if id, err := url.Parse(schema["$id"].(string)); err != nil || !id.IsAbs() || id.Host != "" {
		t.Errorf("$id is %v, %v, expected a name that is no address", schema["$id"], err)
	}
	texts, properties := map[string]bool{}, 0
	var walk func(at string, v any)
	walk = func(at string, v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				walk(at, e)
			}
		case object:
			of, _ := v["properties"].(object)
			for _, name := range slices.Sorted(maps.Keys(of)) {
				description, _ := of[name].(object)["description"].(string)
				if description == "" {
					t.Errorf("%s.%s has no description", at, name)
				}
				texts[description], properties = true, properties+1
				walk(at+"."+name, of[name])
			}
			for key, e := range v {
				if key != "properties" {
					walk(at, e)
				}
			}
		}
	}
	walk("", schema)
	if properties < 150 {
		t.Errorf("only %d properties were found", properties)
	}
	for _, k := range scenarioKeys {
		if !texts[k.text] && k.path != "faults[].KIND" { // the kinds have their own
			t.Errorf("%s: %q is nowhere in the schema", k.path, k.text)
		}
	}
}
