package scenarios

import (
	"encoding/json"
	"maps"
	"slices"

	"squall/sim"
	"squall/sim/measure"
)

// schemaID names the schema. It is no address: squall schema prints the schema.
const schemaID = "urn:squall:scenario"

// object is a JSON Schema under construction.
type object = map[string]any

// The forms of single values, as an editor can check them.
const (
	durationForm  = `^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$|^0$`
	rateForm      = `^[0-9.]+/(s|m|h)(\.\.[0-9.]+/(s|m|h))?$`
	shareForm     = `^[0-9.]+%?$`
	bandwidthForm = `^[0-9.]+(B|KB|MB|GB)/s$`
	zipfForm      = `^(uniform|zipf +[0-9.]+)$`
)

// The schemas of single values. Each call returns one of its own, since each is
// given a description of its own.
func textSchema() object         { return object{"type": "string"} }
func formSchema(f string) object { return object{"type": "string", "pattern": f} }
func durationSchema() object {
	return object{"type": []string{"string", "integer"}, "pattern": durationForm}
}
func shareSchema() object { return object{"type": []string{"string", "number"}, "pattern": shareForm} }
func seedSchema() object  { return object{"type": "integer", "minimum": 0} }

func wholeSchema(least, most int) object {
	return object{"type": "integer", "minimum": least, "maximum": most}
}

// listSchema is an array of such items; it may be empty.
func listSchema(items object) object { return object{"type": "array", "items": items} }

// someSchema is a list with an item at least.
func someSchema(items object) object { return object{"type": "array", "minItems": 1, "items": items} }

// mappingOr is one schema for mappings and another for everything else. With if
// and then instead of anyOf, a validator's error is about the one that was meant.
func mappingOr(mapping, other object) object {
	return object{"if": object{"type": "object"}, "then": mapping, "else": other}
}

// fields is a mapping with these keys and no others.
func fields(properties object, required ...string) object {
	o := object{"type": "object", "additionalProperties": false, "properties": properties}
	if len(required) > 0 {
		o["required"] = required
	}
	return o
}

// Schema returns the JSON Schema (draft 2020-12) of scenario files, for
// editors. What it cannot express (targets, times within the load) Parse still
// checks.
func Schema(c Catalog) []byte {
	schema := fields(object{
		"name":    formSchema(nameForm.String()),
		"summary": textSchema(),
		"claim":   claimSchema(),
		"seed":    seedSchema(),
		"load": fields(object{
			"arrivals": object{"enum": []string{"poisson", "uniform"}},
			"timeout":  durationSchema(),
			"phases": someSchema(fields(object{
				"name": textSchema(), "for": durationSchema(), "rate": formSchema(rateForm), "discard": object{"type": "boolean"},
			}, "for", "rate")),
		}, "phases"),
		"probes": fields(object{"share": shareSchema(), "every": durationSchema()}),
		"orders": fields(object{
			"skus": wholeSchema(1, 1_000_000), "stock": object{"type": "integer", "minimum": 0}, "popularity": formSchema(zipfForm),
		}),
		"services": servicesSchema(),
		"faults":   faultsSchema(c),
		"variants": someSchema(object{"enum": c.Variants}),
		"repeats":  wholeSchema(1, 1000),
		"drain":    durationSchema(),
		"expect":   listSchema(textSchema()),
		"steady":   listSchema(textSchema()),
		"stop":     listSchema(textSchema()),
		"compare":  compareSchema(),
		"backing":  fields(object{"rabbitmq": fields(object{"nodes": wholeSchema(1, maxNodes)})}),
	}, "name", "load")
	addTexts(schema, "")
	schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	schema["$id"] = schemaID
	schema["title"] = "squall scenario"
	schema["description"] = "a scenario for squall: load, faults, and what is expected"
	b, err := json.MarshalIndent(schema, "", "  ")
	if err != nil { // nothing in it that JSON lacks
		panic(err)
	}
	return append(b, '\n')
}

func claimSchema() object {
	var ids []string
	for _, claim := range Claims() {
		ids = append(ids, claim.ID)
	}
	return object{"enum": ids}
}

func servicesSchema() object {
	services := object{}
	for _, name := range ServiceNames {
		work := mappingOr(fields(object{"median": durationSchema(), "p99": durationSchema()}), durationSchema())
		own := object{"workers": wholeSchema(1, 10_000), "work": work}
		if name == "provider" {
			own["declines"], own["errors"] = shareSchema(), shareSchema()
		} else {
			own["replicas"], own["prefetch"], own["timeout"] = wholeSchema(1, 64), wholeSchema(1, 10_000), durationSchema()
			own["delivery_limit"] = wholeSchema(1, 1000)
		}
		if name == "shipping" {
			own["transit"] = durationSchema()
		}
		services[name] = fields(own)
	}
	return fields(services)
}

func compareSchema() object {
	thresholds := object{}
	for _, f := range measure.Compared() {
		effect := shareSchema()
		if f.Kind == sim.KindSeconds {
			effect = durationSchema()
		}
		thresholds[f.Name] = fields(object{"alpha": shareSchema(), "min_effect": effect})
	}
	return fields(thresholds)
}

// faultsSchema is a list of faults, or a mapping with random faults. The kind of
// a fault decides about its other keys, so that an error is about the fault that
// is wrong, at its place in the list.
func faultsSchema(c Catalog) object {
	kinds := slices.Sorted(maps.Keys(c.Faults))
	random := fields(object{"random": fields(object{
		"from": someSchema(object{"enum": kinds}), "every": durationSchema(), "for": textSchema(), "seed": seedSchema(),
	}, "from", "every", "for")}, "random")
	properties := object{"at": durationSchema()} // for editors to offer
	var given, rules []any
	for _, name := range kinds {
		properties[name] = object{"type": "string", "description": c.Faults[name].Summary}
		given = append(given, object{"required": []string{name}})
		rules = append(rules, object{"if": object{"required": []string{name}}, "then": faultSchema(c.Faults[name])})
	}
	rules = append(rules, object{
		"if": object{"not": object{"anyOf": given}},
		// Whatever is there besides at is no kind of fault.
		"then": object{"properties": object{"at": durationSchema()}, "additionalProperties": false, "minProperties": 2},
	})
	item := object{"if": object{"type": "object"}, "then": object{"properties": properties, "allOf": rules}, "else": object{"type": "object"}}
	return object{
		"type": []string{"array", "object"},
		"if":   object{"type": "array"}, "then": listSchema(item), "else": object{"if": object{"type": "object"}, "then": random},
	}
}

func faultSchema(kind sim.FaultKind) object {
	own := object{kind.Name: object{"type": "string", "description": kind.Summary}, "at": durationSchema()}
	required := []string{kind.Name, "at"}
	if kind.NeedsFor {
		own["for"] = durationSchema()
		required = append(required, "for")
	}
	for _, f := range kind.Fields {
		own[f.Name] = fieldSchema(f)
		if f.Required {
			required = append(required, f.Name)
		}
	}
	return fields(own, required...)
}

func fieldSchema(f sim.Field) object {
	s := wholeSchema(1, 1000)
	switch f.Type {
	case "word":
		s = object{"enum": f.Words}
	case "share":
		s = shareSchema()
	case "bandwidth":
		s = formSchema(bandwidthForm)
	case "duration":
		s = durationSchema()
	}
	s["description"] = f.Help
	return s
}
