// Package broker is the port through which services publish and consume, with
// RabbitMQ and JetStream behind it.
//
// The port promises, over either broker: a confirmed message is kept until it
// is acknowledged or parked; a message of a type that no queue is bound to is
// refused; the unacknowledged messages of a consumer that dies are delivered
// again; a message that was delivered too often is parked, not dropped. A
// message may be delivered more than once, so a handler needs an inbox. The
// conformance suite in conformance_test.go tests this over every broker.
//
// Start reading at broker.go. The drivers are rabbitmq*.go and jetstream*.go.
package broker
