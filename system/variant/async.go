package variant

func init() {
	register(Wiring{
		Name:      "async",
		Summary:   "events through a broker: outbox, relay with confirms, inbox, retries, a parked queue",
		Order:     2,
		Mode:      "async",
		Processes: services(true),
		Ingress:   "orders",
		Links: append(databaseLinks(),
			Link{"client", "orders", ""},
			Link{"orders", "broker", "SQUALL_BROKER_ADDR"},
			Link{"inventory", "broker", "SQUALL_BROKER_ADDR"},
			Link{"payment", "broker", "SQUALL_BROKER_ADDR"},
			Link{"shipping", "broker", "SQUALL_BROKER_ADDR"},
			Link{"payment", "provider", "SQUALL_PROVIDER_ADDR"},
		),
		Work: map[string]string{
			"orders": "client->orders", "inventory": "inventory->broker", "payment": "payment->broker",
			"shipping": "shipping->broker", "provider": "payment->provider",
		},
	})
}
