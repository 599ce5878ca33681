package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"squall"
)

func newList() *cobra.Command {
	var markdown bool
	var format string
	c := &cobra.Command{
		Use:       "list " + strings.Join(squall.Lists, "|"),
		Short:     "List what there is",
		ValidArgs: squall.Lists,
		Args:      args(listable),
		RunE: func(c *cobra.Command, a []string) error {
			if markdown && a[0] != "faults" {
				return usageError{fmt.Errorf("--markdown is for list faults, saw list %s", a[0])}
			}
			if markdown {
				_, err := fmt.Fprint(c.OutOrStdout(), squall.FaultsPage())
				return err
			}
			all, err := squall.List(a[0])
			if err != nil {
				return err
			}
			switch format {
			case "json":
				return printJSON(c.OutOrStdout(), all)
			case "text":
				return printList(c.OutOrStdout(), all)
			}
			return usageError{fmt.Errorf("--format: saw %q, expected text or json", format)}
		},
	}
	c.Flags().BoolVar(&markdown, "markdown", false, "faults: print the page docs/faults.md")
	c.Flags().StringVar(&format, "format", "text", "text or json")
	completeFlag(c, "format", words("text", "json"))
	return c
}

// printList prints one thing a line, and its details below it.
func printList(out io.Writer, all []squall.Listed) error {
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	for _, l := range all {
		columns := []string{l.Name, l.Summary}
		indent := "\t"
		if l.Group != "" {
			columns, indent = []string{l.Name, l.Group, l.Summary}, "\t\t"
		}
		fmt.Fprintln(w, strings.Join(columns, "\t"))
		for _, name := range squall.ListedDetails {
			if text, ok := l.Details[name]; ok && name == "example" {
				fmt.Fprintf(w, "%s%s\n", indent, text)
			} else if ok {
				fmt.Fprintf(w, "%s%s: %s\n", indent, name, text)
			}
		}
	}
	return w.Flush() // with the first error of all
}

// listable wants one of the words that can be listed, and says which of them may
// have been meant.
func listable(_ *cobra.Command, a []string) error {
	expected := "expected one of " + strings.Join(squall.Lists, ", ")
	switch {
	case len(a) == 0:
		return errors.New("list: saw no word for what to list, " + expected)
	case len(a) > 1:
		return fmt.Errorf("list: saw %d words, %s", len(a), expected)
	case slices.Contains(squall.Lists, a[0]):
		return nil
	}
	words := &cobra.Command{SuggestionsMinimumDistance: 2}
	for _, word := range squall.Lists {
		words.AddCommand(&cobra.Command{Use: word, Run: func(*cobra.Command, []string) {}})
	}
	if near := words.SuggestionsFor(a[0]); len(near) > 0 {
		return fmt.Errorf("list: saw %q, %s; did you mean %s?", a[0], expected, strings.Join(near, " or "))
	}
	return fmt.Errorf("list: saw %q, %s", a[0], expected)
}
