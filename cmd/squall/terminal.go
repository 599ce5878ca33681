package main

import (
	"os"

	"golang.org/x/term"
)

// width is how many columns the terminal has.
func width() int {
	w, _, err := term.GetSize(int(os.Stderr.Fd()))
	if err != nil || w < 20 {
		return 80
	}
	return w
}

// clip cuts a line to a number of columns.
func clip(s string, columns int) string {
	r := []rune(s)
	if len(r) < columns {
		return s
	}
	return string(r[:columns-1])
}
