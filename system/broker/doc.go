// Package broker is the port through which services publish and consume, with
// RabbitMQ and JetStream behind it.
//
// What the port promises, on either: a confirmed message is kept until it was
// acknowledged or parked; a message nobody is bound to is refused; a consumer
// that dies gives its unacknowledged messages back; a message that was
// delivered too often is parked, not dropped. What it does not promise is
// once-only delivery: handlers need an inbox. The conformance suite in
// conformance_test.go is that promise as code, run over every broker.
//
// Start reading at broker.go; rabbitmq.go and jetstream.go are the drivers.
package broker
