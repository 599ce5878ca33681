package store

// Handle notes that a message was handled, in the transaction of its effect.
// It reports false when it had been before: the effect must not happen again.
func (tx *Tx) Handle(messageID string, at int64) (bool, error) {
	return tx.insertNew("inbox (id, at)", messageID, at)
}
