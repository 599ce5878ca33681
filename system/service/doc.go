// Package service is what each service of the pipeline does. The code is the
// same in every variant; who calls whom differs, and is part of the settings.
//
// A process is one replica of one service: Run opens its store and, when it
// sends messages, its broker, serves HTTP and consumes until its context ends.
// Start reading at process.go. The services are orders.go, inventory.go,
// payment.go, shipping.go and provider.go; consume.go and relay.go handle
// messages; failpoint.go, degrade.go and bugs.go make a process misbehave.
package service
