package scenarios

import (
	"time"

	"squall/sim"
)

// ServiceNames are the services of the pipeline, in the order of the work.
var ServiceNames = []string{"orders", "inventory", "payment", "shipping", "provider"}

// DefaultService is what a scenario that says nothing about a service gets.
func DefaultService(name string) sim.Service {
	s := sim.Service{Replicas: 2, Workers: 8, Prefetch: 64, DeliveryLimit: 20, Timeout: 2 * time.Second}
	if name == "provider" {
		s.Replicas, s.Workers = 1, 256
	}
	return s
}
