// Package store keeps what the services know, in SQLite or in MariaDB/MySQL,
// behind one port: DB opens a service's schema, Tx holds the statements.
//
// Each service has a schema of its own. Each change of an order, of stock or of
// a payment also appends to a log table in the same transaction, so that an
// audit sees every step even when the process that took it was killed before
// it could tell anybody.
//
// Start reading at db.go; orders.go, inventory.go, payment.go, shipping.go and
// provider.go hold one service's statements each, outbox.go and inbox.go what
// the asynchronous variant adds.
package store
