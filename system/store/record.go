package store

// Record is one line of an audit: a row as the process contract shows it.
// Which fields a kind fills is listed in docs/process-contract.md.
type Record struct {
	At      int64  `json:"at,omitempty"` // CLOCK_MONOTONIC, ns
	Kind    string `json:"kind"`
	Order   string `json:"order,omitempty"`
	From    string `json:"from,omitempty"`
	To      string `json:"to,omitempty"`
	SKU     int    `json:"sku,omitempty"`
	Qty     int64  `json:"qty,omitempty"`
	Initial int64  `json:"initial,omitempty"`
	Amount  int64  `json:"amount,omitempty"` // cents
	Key     string `json:"key,omitempty"`    // idempotency key
	Message string `json:"message,omitempty"`
}
