package cli

import (
	"github.com/spf13/cobra"

	"github.com/plumbline-ci/plumbline/baseline"
)

// completedRuns is how many of the newest ids the shell offers.
const completedRuns = 20

// completeRun offers the ids of the newest runs.
func (a *app) completeRun(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	ids := []string{"latest"}
	s, err := a.openHistory("")
	if err != nil {
		return ids, cobra.ShellCompDirectiveNoFileComp
	}
	for e, err := range s.List(cmd.Context(), baseline.Filter{}) {
		if len(ids) > completedRuns {
			break
		}
		if err == nil {
			ids = append(ids, e.ID)
		}
	}
	return ids, cobra.ShellCompDirectiveNoFileComp
}

// completeWords lets the shell offer the words that a flag knows.
func completeWords(cmd *cobra.Command, flag string, words ...string) {
	err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
	if err != nil {
		panic(err) // the flag does not exist: a programmer's slip
	}
}
