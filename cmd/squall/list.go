package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"squall/scenarios"
	"squall/sim/backing"
	"squall/sim/check"
	"squall/sim/fault"
	"squall/system/variant"
)

// listings is what squall list can show.
var listings = map[string]func() ([][]string, error){
	"scenarios": func() (rows [][]string, err error) {
		for _, name := range scenarios.Names() {
			l, err := readScenario(name, runFlags{seed: -1})
			if err != nil {
				return nil, err
			}
			rows = append(rows, []string{name, l.scenario.Summary})
		}
		return rows, nil
	},
	"faults": func() (rows [][]string, err error) {
		for _, k := range fault.Sorted() {
			rows = append(rows, []string{k.Name, k.Group, k.Summary}, []string{"", "", "backing: " + backingWords(k)},
				[]string{"", "", "evidence: " + k.Evidence}, []string{"", "", "heal: " + k.Heals}, []string{"", "", "- " + k.Example})
		}
		return rows, nil
	},
	"checks": func() (rows [][]string, err error) {
		for _, c := range check.All() {
			rows = append(rows, []string{c.Name, c.Promise})
		}
		return rows, nil
	},
	"variants": func() (rows [][]string, err error) {
		for _, v := range catalog().Variants {
			w, err := variant.Find(v)
			if err != nil {
				return nil, err
			}
			rows = append(rows, []string{w.Name, w.Summary})
		}
		return rows, nil
	},
	"claims": func() (rows [][]string, err error) {
		for _, c := range scenarios.Claims() {
			rows = append(rows, []string{c.ID, c.Text})
		}
		return rows, nil
	},
	"backings": func() (rows [][]string, err error) {
		for _, f := range backing.All() {
			rows = append(rows, []string{f.Name, f.Summary})
		}
		return rows, nil
	},
}

var listed = []string{"scenarios", "faults", "checks", "variants", "backings", "claims"}

func newList() *cobra.Command {
	var markdown bool
	c := &cobra.Command{
		Use:       "list " + strings.Join(listed, "|"),
		Short:     "List what there is",
		ValidArgs: listed,
		Args:      args(listable),
		RunE: func(c *cobra.Command, a []string) error {
			if markdown && a[0] != "faults" {
				return usageError{fmt.Errorf("--markdown is for list faults, saw list %s", a[0])}
			}
			if markdown {
				_, err := fmt.Fprint(c.OutOrStdout(), faultsPage())
				return err
			}
			rows, err := listings[a[0]]()
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(c.OutOrStdout(), 0, 8, 2, ' ', 0)
			for _, r := range rows {
				fmt.Fprintln(w, strings.Join(r, "\t"))
			}
			return w.Flush() // with the first error of all
		},
	}
	c.Flags().BoolVar(&markdown, "markdown", false, "faults: print the page docs/faults.md")
	return c
}

// listable wants one of the words that can be listed, and says which of them may
// have been meant.
func listable(_ *cobra.Command, a []string) error {
	expected := "expected one of " + strings.Join(listed, ", ")
	switch {
	case len(a) == 0:
		return errors.New("list: saw no word for what to list, " + expected)
	case len(a) > 1:
		return fmt.Errorf("list: saw %d words, %s", len(a), expected)
	case slices.Contains(listed, a[0]):
		return nil
	}
	words := &cobra.Command{SuggestionsMinimumDistance: 2}
	for _, word := range listed {
		words.AddCommand(&cobra.Command{Use: word, Run: func(*cobra.Command, []string) {}})
	}
	if near := words.SuggestionsFor(a[0]); len(near) > 0 {
		return fmt.Errorf("list: saw %q, %s; did you mean %s?", a[0], expected, strings.Join(near, " or "))
	}
	return fmt.Errorf("list: saw %q, %s", a[0], expected)
}
