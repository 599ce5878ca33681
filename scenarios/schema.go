package scenarios

import (
	"encoding/json"
	"maps"
	"slices"

	"squall/sim"
)

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

// Schema returns the JSON Schema (draft 2020-12) of scenario files, for
// editors. What it cannot express (targets, times within the load) Parse still
// checks.
func Schema(c Catalog) []byte {
	duration := object{"type": []string{"string", "integer"}, "pattern": durationForm}
	rate := object{"type": "string", "pattern": rateForm}
	share := object{"type": []string{"string", "number"}, "pattern": shareForm}
	whole := func(least, most int) object { return object{"type": "integer", "minimum": least, "maximum": most} }
	text := object{"type": "string"}
	work := object{"anyOf": []any{duration, fields(object{"median": duration, "p99": duration})}}

	services := object{}
	for _, name := range ServiceNames {
		own := object{"workers": whole(1, 10_000), "work": work}
		if name == "provider" {
			own["declines"], own["errors"] = share, share
		} else {
			own["replicas"], own["prefetch"], own["timeout"] = whole(1, 64), whole(1, 10_000), duration
		}
		if name != "provider" {
			own["delivery_limit"] = whole(1, 1000)
		}
		if name == "shipping" {
			own["transit"] = duration
		}
		services[name] = fields(own)
	}
	var claims []string
	for _, claim := range Claims() {
		claims = append(claims, claim.ID)
	}
	thresholds := object{}
	for _, name := range sim.MetricNames {
		effect := share
		if name == "recovery" {
			effect = duration
		}
		thresholds[name] = fields(object{"alpha": share, "min_effect": effect})
	}
	schema := fields(object{
		"name":    object{"type": "string", "pattern": nameForm.String()},
		"summary": text,
		"claim":   object{"enum": claims},
		"seed":    object{"type": "integer", "minimum": 0},
		"load": fields(object{
			"arrivals": object{"enum": []string{"poisson", "uniform"}},
			"timeout":  duration,
			"phases": object{"type": "array", "minItems": 1, "items": fields(object{
				"name": text, "for": duration, "rate": rate, "discard": object{"type": "boolean"},
			}, "for", "rate")},
		}, "phases"),
		"probes": fields(object{"share": share, "every": duration}),
		"orders": fields(object{
			"skus": whole(1, 1_000_000), "stock": object{"type": "integer", "minimum": 0},
			"popularity": object{"type": "string", "pattern": zipfForm},
		}),
		"services": fields(services),
		"faults": object{"oneOf": []any{
			object{"type": "array", "items": object{"oneOf": faultSchemas(c, duration)}},
			fields(object{"random": fields(object{
				"from":  object{"type": "array", "minItems": 1, "items": object{"enum": slices.Sorted(maps.Keys(c.Faults))}},
				"every": duration, "for": text, "seed": object{"type": "integer", "minimum": 0},
			}, "from", "every", "for")}),
		}},
		"variants": object{"type": "array", "minItems": 1, "items": object{"enum": c.Variants}},
		"repeats":  whole(1, 1000),
		"drain":    duration,
		"expect":   object{"type": "array", "items": text},
		"steady":   object{"type": "array", "items": text},
		"stop":     object{"type": "array", "items": text},
		"compare":  fields(thresholds),
		"backing":  fields(object{"rabbitmq": fields(object{"nodes": whole(1, maxNodes)})}),
	}, "name", "load")
	schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	schema["title"] = "squall scenario"
	b, err := json.MarshalIndent(schema, "", "  ")
	if err != nil { // nothing in it that JSON lacks
		panic(err)
	}
	return append(b, '\n')
}

// fields is a mapping with these keys and no others.
func fields(properties object, required ...string) object {
	o := object{"type": "object", "additionalProperties": false, "properties": properties}
	if len(required) > 0 {
		o["required"] = required
	}
	return o
}

func faultSchemas(c Catalog, duration object) []any {
	var all []any
	for _, name := range slices.Sorted(maps.Keys(c.Faults)) {
		kind := c.Faults[name]
		own := object{name: object{"type": "string", "description": kind.Summary}, "at": duration}
		required := []string{name, "at"}
		if kind.NeedsFor {
			own["for"] = duration
			required = append(required, "for")
		}
		for _, f := range kind.Fields {
			own[f.Name] = object{"type": "integer", "minimum": 1, "maximum": 1000, "description": f.Help}
			switch f.Type {
			case "word":
				own[f.Name] = object{"enum": f.Words, "description": f.Help}
			case "share":
				own[f.Name] = object{"type": []string{"string", "number"}, "pattern": shareForm, "description": f.Help}
			case "bandwidth":
				own[f.Name] = object{"type": "string", "pattern": bandwidthForm, "description": f.Help}
			case "duration":
				own[f.Name] = object{"type": duration["type"], "pattern": durationForm, "description": f.Help}
			}
			if f.Required {
				required = append(required, f.Name)
			}
		}
		all = append(all, fields(own, required...))
	}
	return all
}
