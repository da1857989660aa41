package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const exitStatuses = `Exit status: 0 passed or nothing to gate, 1 regression, 2 wrong usage or
unreadable input, 3 the work could not be done.
`

const runExitStatuses = `Exit status: the command's own (128+n for a signal); 125 plumbline failed,
126 not executable, 127 not found; with --check 1 regression, 2 or 3 no check.
`

// writeHelp prints a command's help on one screen. It is ours and not cobra's
// template because a reachable text/template makes the linker keep every
// exported method, which grows the binary by a quarter.
func writeHelp(cmd *cobra.Command, _ []string) {
	w := cmd.OutOrStdout()
	gap := "\n"
	if cmd.HasAvailableSubCommands() {
		gap = "" // all commands on one screen
	}
	fmt.Fprintf(w, "%s\n\nUsage: %s\n", helpText(cmd), cmd.UseLine())
	if cmd.HasAvailableSubCommands() {
		writeCommands(w, cmd)
	}
	if cmd.HasExample() {
		fmt.Fprintf(w, "\nExamples:\n%s\n", indent(cmd.Example))
	}
	if cmd.HasParent() {
		writeFlags(w, "\nFlags (those of all commands: plumbline --help)", cmd.NonInheritedFlags())
	} else {
		writeFlags(w, "Flags of all commands", cmd.PersistentFlags())
	}
	statuses := exitStatuses
	if cmd.Name() == "run" {
		statuses = runExitStatuses
	}
	fmt.Fprintf(w, "%s%s", gap, statuses)
}

func helpText(cmd *cobra.Command) string {
	if cmd.Long != "" {
		return strings.TrimSpace(cmd.Long)
	}
	return cmd.Short
}

func indent(s string) string {
	lines := strings.Split(strings.Trim(s, "\n"), "\n")
	for i := range lines {
		lines[i] = "  " + strings.TrimSpace(lines[i])
	}
	return strings.Join(lines, "\n")
}

func writeCommands(w io.Writer, cmd *cobra.Command) {
	fmt.Fprintln(w, "Commands:")
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			fmt.Fprintf(w, "  %-11s %s\n", c.Name(), c.Short)
		}
	}
}

func writeFlags(w io.Writer, title string, f *pflag.FlagSet) {
	if f.HasAvailableFlags() {
		fmt.Fprintf(w, "%s:\n%s", title, f.FlagUsagesWrapped(80))
	}
}
