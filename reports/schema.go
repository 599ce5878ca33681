package reports

import (
	"encoding/json"
	"reflect"
	"strings"

	"squall/sim"
)

// ResultSchema returns the JSON Schema (draft 2020-12) of result.json, made from
// the Go types that are written. The names of properties end in their units: _ms,
// _s, _bytes, _per_s. A share, from 0 to 1, has no unit.
func ResultSchema() []byte {
	s := schemaMaker{defs: map[string]any{}}
	root := s.of(reflect.TypeOf(sim.Result{}))
	schema := map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema",
		"title":   "squall result",
		"$defs":   s.defs,
		"allOf":   []any{root, map[string]any{"properties": map[string]any{"schema": map[string]any{"const": sim.ResultSchema}}}},
	}
	b, err := json.MarshalIndent(schema, "", "  ")
	if err != nil { // nothing in it that JSON lacks
		panic(err)
	}
	return append(b, '\n')
}

// schemaMaker makes schemas of Go types; structs are defined once, by name.
type schemaMaker struct{ defs map[string]any }

// words are the types of which only some texts are values.
var words = map[reflect.Type]any{
	reflect.TypeFor[sim.Verdict]():    []sim.Verdict{sim.Pass, sim.Fail, sim.Unknown},
	reflect.TypeFor[sim.Outcome]():    []sim.Outcome{sim.OutcomeOK, sim.OutcomeFail, sim.OutcomeInfo},
	reflect.TypeFor[sim.Position]():   sim.Positions(),
	reflect.TypeFor[sim.ReasonKind](): sim.ReasonKinds(),
	reflect.TypeFor[sim.Statistic]():  sim.Statistics(),
}

func (m schemaMaker) of(t reflect.Type) map[string]any {
	if values, ok := words[t]; ok {
		return map[string]any{"enum": values}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return map[string]any{"anyOf": []any{m.of(t.Elem()), map[string]any{"type": "null"}}}
	case reflect.Struct:
		if _, done := m.defs[t.Name()]; !done {
			m.defs[t.Name()] = nil // a type may hold itself
			m.defs[t.Name()] = m.object(t)
		}
		return map[string]any{"$ref": "#/$defs/" + t.Name()}
	case reflect.Slice: // an empty one that was never made is null
		return map[string]any{"type": []string{"array", "null"}, "items": m.of(t.Elem())}
	case reflect.Map:
		return map[string]any{"type": []string{"object", "null"}, "additionalProperties": m.of(t.Elem())}
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Float64:
		return map[string]any{"type": "number"}
	}
	return map[string]any{"type": "integer"}
}

// object is a struct with its fields, those of embedded structs among them.
func (m schemaMaker) object(t reflect.Type) map[string]any {
	properties, required := map[string]any{}, []string{}
	var add func(t reflect.Type)
	add = func(t reflect.Type) {
		for i := range t.NumField() {
			f := t.Field(i)
			name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
			if f.Anonymous && name == "" {
				add(f.Type)
				continue
			}
			properties[name] = m.of(f.Type)
			if !strings.Contains(options, "omitempty") {
				required = append(required, name)
			}
		}
	}
	add(t)
	return map[string]any{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
}
