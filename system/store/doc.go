// Package store keeps the services' data, in SQLite or in MariaDB/MySQL: Open
// opens a service's schema, and the methods of Tx are the statements.
//
// Each service has a schema of its own. A change of an order or of stock also
// appends to a log table in the same transaction, so that an audit sees every
// change, even one that was committed by a process killed before it wrote the
// event.
//
// Start reading at db.go; orders.go, inventory.go, payment.go, shipping.go and
// provider.go hold one service's statements each, outbox.go and inbox.go what
// the asynchronous variant adds.
package store
