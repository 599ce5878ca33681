package store

import "strings"

// Handle notes that messages were handled, in the transaction of their effects.
// It reports whether all were new: an effect must not happen again. If not all
// are, nobody knows which of several, and the transaction must be given up.
func (tx *Tx) Handle(at int64, messageIDs ...string) (bool, error) {
	args := make([]any, 0, 2*len(messageIDs))
	for _, id := range messageIDs {
		args = append(args, id, at)
	}
	rows := strings.TrimSuffix(strings.Repeat("(?,?),", len(messageIDs)), ",")
	n, err := tx.exec(tx.d.insertIgnore+" INTO inbox (id, at) VALUES "+rows, args...)
	return n == int64(len(messageIDs)), err
}
