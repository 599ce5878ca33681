package reports

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode"

	"squall/sim"
)

// ms is a duration as text, from milliseconds.
func ms(v float64) string {
	switch {
	case v == 0:
		return "0 ms"
	case v < 10:
		return fmt.Sprintf("%.2f ms", v)
	case v < 100:
		return fmt.Sprintf("%.1f ms", v)
	case v < 10_000:
		return fmt.Sprintf("%.0f ms", v)
	}
	return fmt.Sprintf("%.1f s", v/1000)
}

// valueText is a value of a kind with its unit.
func valueText(k sim.Kind, v float64) string {
	switch k {
	case sim.KindMilliseconds:
		return ms(v)
	case sim.KindSeconds:
		return fmt.Sprintf("%.1f s", v)
	case sim.KindPerSecond:
		return perSecond(v)
	case sim.KindShare:
		return percent(v)
	case sim.KindBytes:
		return mebibytes(v)
	}
	return whole(v)
}

// percent is a share as text, from 0 to 1.
func percent(v float64) string {
	if v > 0 && v < 0.001 {
		return fmt.Sprintf("%.3f %%", v*100)
	}
	return fmt.Sprintf("%.2f %%", v*100)
}

// Values as text: a rate per second, a count, and a size from bytes.
func perSecond(v float64) string { return fmt.Sprintf("%.1f /s", v) }
func whole(v float64) string     { return fmt.Sprintf("%.0f", v) }
func mebibytes(v float64) string { return fmt.Sprintf("%.0f MiB", v/(1<<20)) }

// commandLine is a command as it can be pasted into a shell.
func commandLine(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		if quoted[i] = w; w == "" || strings.ContainsFunc(w, func(r rune) bool { return !plain(r) }) {
			quoted[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
	}
	return strings.Join(quoted, " ")
}

// plain reports whether a shell takes a character as it is.
func plain(r rune) bool {
	return r < 128 && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_./:=,+@%", r))
}

// digest tells two texts apart.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:4])
}
