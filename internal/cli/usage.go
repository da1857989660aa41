package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// noArgs refuses what is no flag.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage(fmt.Errorf("%s takes flags alone, and no %q; its --help lists them", cmd.CommandPath(), args[0]))
	}
	return nil
}

// oneArg wants exactly one of something, such as a metric's name.
func oneArg(what, example string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usage(fmt.Errorf("want one %s, as in: %s %s; there are %d", what, cmd.CommandPath(), example, len(args)))
		}
		return nil
	}
}

// someArgs wants one of something at least.
func someArgs(what, example string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usage(fmt.Errorf("want a %s, as in: %s %s", what, cmd.CommandPath(), example))
		}
		return nil
	}
}

// wantedOf is what the flags of a type take.
var wantedOf = map[string]string{
	"int": "a whole number", "uint64": "a whole number from 0 on", "bool": "true or false", "duration": "a time such as 90s or 10m",
}

// plainFlag says what a flag wants where the library would say how it failed to
// read it.
func plainFlag(err error) error {
	bad := (*pflag.InvalidValueError)(nil)
	if !errors.As(err, &bad) {
		return err
	}
	f := bad.GetFlag()
	if want := wantedOf[f.Value.Type()]; want != "" {
		return fmt.Errorf("--%s %q: want %s", f.Name, bad.GetValue(), want)
	}
	return fmt.Errorf("--%s %q: %w", f.Name, bad.GetValue(), bad.Unwrap())
}
