package main

import (
	"github.com/spf13/cobra"

	"squall"
)

// listed completes a word with what squall list shows of a kind, each with its
// summary. Files are offered as well where a file may be named.
func listed(kind string, files bool) cobra.CompletionFunc {
	return func(*cobra.Command, []string, string) (words []string, d cobra.ShellCompDirective) {
		all, err := squall.List(kind)
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		for _, l := range all {
			words = append(words, cobra.CompletionWithDesc(l.Name, l.Summary))
		}
		if files {
			return words, cobra.ShellCompDirectiveDefault
		}
		return words, cobra.ShellCompDirectiveNoFileComp
	}
}

// words completes a flag with fixed words.
func words(all ...string) cobra.CompletionFunc {
	return cobra.FixedCompletions(all, cobra.ShellCompDirectiveNoFileComp)
}

// completeFlag has a flag's value completed. A command without the flag is a
// mistake of this package.
func completeFlag(c *cobra.Command, flag string, f cobra.CompletionFunc) {
	if err := c.RegisterFlagCompletionFunc(flag, f); err != nil {
		panic(err)
	}
}

// complete has everything completed that can be listed, in every command below c:
// the scenarios that a command takes, and flags by their names.
func complete(c *cobra.Command) {
	flags := map[string]cobra.CompletionFunc{
		"variant": listed("variants", false),
		"fault":   listed("faults", false),
		"backing": listed("backings", false),
		"bug":     words(squall.BugNames()...),
	}
	for _, command := range c.Commands() {
		complete(command)
		for name, f := range flags {
			if command.Flags().Lookup(name) != nil {
				completeFlag(command, name, f)
			}
		}
		switch command.Name() {
		case "run", "plan", "validate", "bench":
			command.ValidArgsFunction = listed("scenarios", true)
		}
	}
}
