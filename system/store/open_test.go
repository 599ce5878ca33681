package store_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"squall/system/store"
)

// TestOpenRefuses: what no retry can mend is told at once, and not when the
// context ends.
func TestOpenRefuses(t *testing.T) {
	for _, c := range []struct {
		why    string
		config store.Config
		says   string
	}{
		{"a kind that there is no driver for", store.Config{Kind: "oracle", Schema: "orders"},
			`saw the kind "oracle"; expected one of mysql, sqlite`},
		{"a service without tables", store.Config{Kind: "sqlite", Dir: t.TempDir(), Schema: "billing"},
			`saw the schema "billing"; expected one of inventory, orders, payment, provider, shipping`},
	} {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		_, err := store.Open(ctx, c.config)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: saw the error %v; expected one that says %s", c.why, err, c.says)
		}
		if ctx.Err() != nil {
			t.Errorf("%s: it was told when the context ended; expected it at once", c.why)
		}
		cancel()
	}
}

// TestOpenGivesUpWithItsContext: a database may come up later than its users, so
// other errors are retried, but not for ever.
func TestOpenGivesUpWithItsContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	_, err := store.Open(ctx, store.Config{Kind: "sqlite", Dir: filepath.Join(t.TempDir(), "missing"), Schema: "orders"})
	if err == nil || !strings.Contains(err.Error(), "open store orders") {
		t.Errorf("saw the error %v; expected one that names the schema", err)
	}
}
