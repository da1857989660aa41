// Command plumbline is a CI regression checker: it measures runs, compares the
// head run with a baseline of earlier runs, and says what got worse.
package main

import (
	"context"
	"os"

	"github.com/plumbline-ci/plumbline/internal/cli"
)

func main() {
	os.Exit(cli.Main(context.Background(), cli.OSEnv()))
}
