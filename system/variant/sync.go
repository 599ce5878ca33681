package variant

func init() {
	register(Wiring{
		Name:      "sync",
		Summary:   "HTTP calls from service to service, inside the customer's request; plain timeouts",
		Order:     1,
		Naive:     true,
		Mode:      "sync",
		Processes: services(false),
		Ingress:   "orders",
		Links: append(databaseLinks(),
			Link{"client", "orders", ""},
			Link{"orders", "inventory", "SQUALL_INVENTORY_ADDR"},
			Link{"orders", "payment", "SQUALL_PAYMENT_ADDR"},
			Link{"orders", "shipping", "SQUALL_SHIPPING_ADDR"},
			Link{"payment", "provider", "SQUALL_PROVIDER_ADDR"},
		),
		Work: map[string]string{
			"orders": "client->orders", "inventory": "orders->inventory", "payment": "orders->payment",
			"shipping": "orders->shipping", "provider": "payment->provider",
		},
	})
}
