package scenarios

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
)

// override sets values in a scenario's text. A path's parts are keys, or
// numbers from 0 for the elements of a list.
func override(text []byte, overrides []string) ([]byte, error) {
	var tree any
	if err := yaml.UnmarshalWithOptions(text, &tree, yaml.UseOrderedMap()); err != nil {
		return nil, err
	}
	for _, o := range overrides {
		path, value, ok := strings.Cut(o, "=")
		if !ok || path == "" {
			return nil, fmt.Errorf("--set: saw %q, expected path=value, such as services.inventory.replicas=4", o)
		}
		var v any
		if err := yaml.Unmarshal([]byte(value), &v); err != nil {
			return nil, fmt.Errorf("--set %s: %w", o, err)
		}
		var err error
		if tree, err = put(tree, strings.Split(path, "."), v); err != nil {
			return nil, fmt.Errorf("--set %s: %w", o, err)
		}
	}
	return yaml.Marshal(tree)
}

// put returns the tree with a value at a path; mappings on the way that are
// missing are made.
func put(tree any, path []string, v any) (any, error) {
	if len(path) == 0 {
		return v, nil
	}
	switch t := tree.(type) {
	case nil:
		return put(yaml.MapSlice{}, path, v)
	case yaml.MapSlice:
		for i := range t {
			if t[i].Key == path[0] {
				inner, err := put(t[i].Value, path[1:], v)
				t[i].Value = inner
				return t, err
			}
		}
		inner, err := put(nil, path[1:], v)
		return append(t, yaml.MapItem{Key: path[0], Value: inner}), err
	case []any:
		i, err := strconv.Atoi(path[0])
		if err != nil || i < 0 || i >= len(t) {
			return nil, fmt.Errorf("saw %q, expected an element from 0 to %d", path[0], len(t)-1)
		}
		t[i], err = put(t[i], path[1:], v)
		return t, err
	}
	return nil, fmt.Errorf("%q is below a single value", path[0])
}
