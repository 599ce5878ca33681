// Package service is what each service of the pipeline does. The code is the
// same in every variant; only who calls whom differs, and that arrives in the
// settings.
//
// A process is one replica of one service: Run opens its store, its broker when
// it has one, serves HTTP and consumes until its context ends. Start reading at
// process.go; orders.go, inventory.go, payment.go, shipping.go and provider.go
// are the services, consume.go and relay.go what messaging adds to them.
package service
