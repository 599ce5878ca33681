package check

import (
	"fmt"
	"strings"
	"time"

	"squall/sim/record"
)

// touched reports whether any service has a record of an order.
func touched(o *record.OrderRecord) bool {
	return o.Created > 0 || o.Reservation != "" || o.Payment != "" || o.Captures > 0 || o.Declines > 0 || o.Shipment != ""
}

// traces says what the services know of an order.
func traces(o *record.OrderRecord) string {
	var known []string
	note := func(yes bool, format string, args ...any) {
		if yes {
			known = append(known, fmt.Sprintf(format, args...))
		}
	}
	note(o.State != "", "orders says %s", o.State)
	note(o.Reservation != "", "its stock is %s", o.Reservation)
	note(o.Captures > 0, "the provider captured its amount")
	note(o.Payment != "", "payment says %s", o.Payment)
	note(o.Shipment != "", "shipping says %s", o.Shipment)
	return strings.Join(known, ", ")
}

func span(ns int64) time.Duration { return time.Duration(ns).Round(10 * time.Microsecond) }
