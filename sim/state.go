package sim

// Terminal reports whether an order in this state is finished with.
func Terminal(state string) bool {
	return state == "DELIVERED" || state == "CANCELLED" || state == "PARKED"
}
