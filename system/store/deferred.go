package store

import "strings"

// deferred is a statement whose answer nobody waits for: it runs before the
// commit, together with the others, since the round trips to the database are
// what a transaction costs.
type deferred struct {
	statement string // up to the rows for an insert
	rows      int    // of an insert; 0: the statement is whole
	args      []any
}

// insertLater adds a row to a table before the commit; rows of one table go in
// together, in the order in which they were given.
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

func (d deferred) text() string {
	if d.rows == 0 {
		return d.statement
	}
	row := marks(len(d.args) / d.rows)
	return d.statement + strings.TrimSuffix(strings.Repeat(row+",", d.rows), ",")
}

// flush runs what was deferred.
func (tx *Tx) flush() error {
	if !tx.d.oneTrip {
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
