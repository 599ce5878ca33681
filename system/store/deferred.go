package store

import "strings"

// deferred is a statement whose result the transaction does not need. It runs
// together with the others just before the commit, since the time of a
// transaction is that of its round trips to the database.
type deferred struct {
	statement string // for an insert: the part before the rows
	rows      int    // of an insert; 0 for another statement
	args      []any
}

// insertLater inserts a row before the commit. The rows of one table are
// inserted together, in the order of the calls.
func (tx *Tx) insertLater(verb, into string, args ...any) {
	statement := verb + " INTO " + into + " VALUES "
	for i := range tx.later {
		if d := &tx.later[i]; d.statement == statement {
			d.rows++
			d.args = append(d.args, args...)
			return
		}
	}
	tx.later = append(tx.later, deferred{statement, 1, args})
}

// execLater runs a statement before the commit.
func (tx *Tx) execLater(statement string, args ...any) {
	tx.later = append(tx.later, deferred{statement, 0, args})
}

// text returns the statement's whole text.
func (d deferred) text() string {
	if d.rows == 0 {
		return d.statement
	}
	row := placeholders(len(d.args) / d.rows)
	return d.statement + strings.TrimSuffix(strings.Repeat(row+",", d.rows), ",")
}

// flush runs the deferred statements.
func (tx *Tx) flush() error {
	if !tx.d.multiStatements {
		for _, d := range tx.later {
			if _, err := tx.exec(d.text(), d.args...); err != nil {
				return err
			}
		}
		return nil
	}
	if len(tx.later) == 0 {
		return nil
	}
	var texts []string
	var args []any
	for _, d := range tx.later {
		texts = append(texts, d.text())
		args = append(args, d.args...)
	}
	_, err := tx.exec(strings.Join(texts, "; "), args...)
	return err
}
