package store

import "strings"

// Handle notes that messages were handled, in the transaction of their effects.
// It reports whether all of them are new. If one is not, the caller must not
// make the effects: it does not learn which one was handled before, and rolls
// the transaction back if there are several.
func (tx *Tx) Handle(at int64, messageIDs ...string) (bool, error) {
	args := make([]any, 0, 2*len(messageIDs))
	for _, id := range messageIDs {
		args = append(args, id, at)
	}
	rows := strings.TrimSuffix(strings.Repeat("(?,?),", len(messageIDs)), ",")
	n, err := tx.exec(tx.d.insertIgnore+" INTO inbox (id, at) VALUES "+rows, args...)
	return n == int64(len(messageIDs)), err
}
