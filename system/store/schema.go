package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cenkalti/backoff/v5"
)

// outboxTables are in every schema that publishes or consumes.
const outboxTables = `
CREATE TABLE IF NOT EXISTS outbox (
  seq SERIAL, id WORD NOT NULL UNIQUE, owner WORD NOT NULL, topic WORD NOT NULL, order_id WORD NOT NULL,
  body BODY NOT NULL, trace WORD NOT NULL, due BIGINT NOT NULL, sent BIGINT NOT NULL DEFAULT 0)ENGINE;
CREATE INDEX IF NOT EXISTS outbox_pending ON outbox (sent, owner, seq);
CREATE TABLE IF NOT EXISTS relays (owner WORD PRIMARY KEY, beat BIGINT NOT NULL)ENGINE;
CREATE TABLE IF NOT EXISTS inbox (id WORD PRIMARY KEY, at BIGINT NOT NULL)ENGINE;
`

// schemas holds the tables of each service. SERIAL, WORD, BODY and ENGINE are
// replaced by the dialect's words; see migrate.
var schemas = map[string]string{
	"orders": outboxTables + `
CREATE TABLE IF NOT EXISTS orders (
  id WORD PRIMARY KEY, sku BIGINT NOT NULL, qty BIGINT NOT NULL, amount BIGINT NOT NULL,
  state WORD NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL)ENGINE;
CREATE TABLE IF NOT EXISTS order_log (
  seq SERIAL, order_id WORD NOT NULL, from_state WORD NOT NULL, to_state WORD NOT NULL, at BIGINT NOT NULL)ENGINE;
`,
	"inventory": outboxTables + `
CREATE TABLE IF NOT EXISTS stock (sku BIGINT PRIMARY KEY, initial BIGINT NOT NULL, on_hand BIGINT NOT NULL)ENGINE;
CREATE TABLE IF NOT EXISTS reservations (
  order_id WORD PRIMARY KEY, sku BIGINT NOT NULL, qty BIGINT NOT NULL, state WORD NOT NULL, at BIGINT NOT NULL)ENGINE;
CREATE TABLE IF NOT EXISTS stock_log (
  seq SERIAL, sku BIGINT NOT NULL, order_id WORD NOT NULL, change_by BIGINT NOT NULL, at BIGINT NOT NULL)ENGINE;
`,
	"payment": outboxTables + `
CREATE TABLE IF NOT EXISTS payments (
  order_id WORD PRIMARY KEY, state WORD NOT NULL, amount BIGINT NOT NULL, at BIGINT NOT NULL)ENGINE;
`,
	"shipping": outboxTables + `
CREATE TABLE IF NOT EXISTS shipments (
  order_id WORD PRIMARY KEY, state WORD NOT NULL, at BIGINT NOT NULL)ENGINE;
`,
	"provider": `
CREATE TABLE IF NOT EXISTS ledger (
  seq SERIAL, idempotency_key WORD NOT NULL UNIQUE, order_id WORD NOT NULL, amount BIGINT NOT NULL,
  outcome WORD NOT NULL, at BIGINT NOT NULL)ENGINE;
`,
}

// migrate creates the tables of a schema that are not there yet.
func (db *DB) migrate(ctx context.Context, schema string) error {
	text, ok := schemas[schema]
	if !ok {
		return backoff.Permanent(fmt.Errorf("saw the schema %q; expected one of %s",
			schema, strings.Join(slices.Sorted(maps.Keys(schemas)), ", ")))
	}
	for word, means := range db.dialect.types {
		if word == "ENGINE" {
			text = strings.ReplaceAll(text, ")ENGINE", ")"+means)
			continue
		}
		text = strings.ReplaceAll(text, " "+word, " "+means)
	}
	unlock, err := db.writers.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	for _, stmt := range strings.Split(text, ";") {
		if strings.TrimSpace(stmt) == "" {
			continue
		}
		if _, err := db.write.ExecContext(ctx, stmt); err != nil {
			return fmt.Errorf("create schema: %w", err)
		}
	}
	return nil
}
