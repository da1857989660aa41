package cli

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/term"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/internal/config"
)

// ConfigFile is read from the working folder where no other file is named.
const ConfigFile = ".plumbline.yml"

// readConfig reads the configuration and lets the flags override it.
func (a *app) readConfig(o checkOptions) (config.Config, error) {
	conf, err := a.configFile()
	if err != nil {
		return conf, usage(err)
	}
	if o.branch != "" {
		conf.Baseline.Branch = o.branch
	}
	if o.commit != "" {
		conf.Baseline.Commit = o.commit
	}
	if o.runs > 0 {
		conf.Baseline.Runs = o.runs
	}
	if o.confirm != nil {
		conf.Gate.Confirm = *o.confirm
	}
	if o.threshold != "" {
		limit, err := config.ParseLimit(o.threshold)
		if err != nil {
			return conf, usage(fmt.Errorf("--threshold %q: %w", o.threshold, err))
		}
		conf.Gate.Limit = &limit
	}
	if o.against != "" {
		if conf.Gate.Against, err = check.ParseAgainst(o.against); err != nil {
			return conf, usage(fmt.Errorf("--against: %w", err))
		}
	}
	return conf, nil
}

func (a *app) configFile() (config.Config, error) {
	if a.base != nil {
		return config.Parse(a.base.name, a.base.data, a.Now())
	}
	name := a.settings.config
	if name == "" {
		name = ConfigFile
	}
	data, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) && a.settings.config == "" {
		data, err = nil, nil // it is optional
	}
	if err != nil {
		return config.Config{}, fmt.Errorf("read the configuration: %w", err)
	}
	return config.Parse(name, data, a.Now())
}

// color says whether standard output likes colour: it is a terminal, and
// nobody set NO_COLOR (https://no-color.org).
func (a *app) color() bool {
	return a.Getenv("NO_COLOR") == "" && a.Getenv("TERM") != "dumb" && a.terminalWidth() > 0
}

const (
	defaultWidth = 100 // of output that is no terminal
	maxWidth     = 160 // past it the eye loses the line
)

func (a *app) width() int {
	if w := a.terminalWidth(); w > 0 {
		return min(w, maxWidth)
	}
	return defaultWidth
}

// terminalWidth is 0 where standard output is no terminal.
func (a *app) terminalWidth() int {
	f, ok := a.Stdout.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0
	}
	w, _, err := term.GetSize(int(f.Fd()))
	if err != nil || w <= 0 {
		return 80
	}
	return w
}
