package cli

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

// settings are what every command reads from the environment and from flags of
// the same meaning; a flag wins.
type settings struct {
	disabled bool
	uncached bool   // no file is made beside the records
	path     string // of the store, or its address; empty: as the configuration says
	flagged  bool   // path is what a flag said
	interval seconds
	config   string
	log      logLevel
}

// DefaultPath is where runs are stored unless the user says otherwise.
const DefaultPath = ".plumbline"

func (s *settings) flags(f *pflag.FlagSet, getenv func(string) string) {
	s.path = getenv("PLUMBLINE_PATH")
	s.disabled = isTrue(getenv("PLUMBLINE_DISABLED"))
	s.uncached = isTrue(getenv("PLUMBLINE_NO_CACHE"))
	s.config = getenv("PLUMBLINE_CONFIG")
	s.interval.fromEnv(getenv("PLUMBLINE_SAMPLE_INTERVAL"))
	s.log.fromEnv(getenv("PLUMBLINE_LOG"))
	f.Var(storeFlag{s}, "path", "the `store`: a folder or an address (default .plumbline)")
	f.BoolVar(&s.disabled, "disabled", s.disabled, "record nothing; commands still run")
	f.BoolVar(&s.uncached, "no-cache", s.uncached, "keep no index or values beside the records")
	f.Var(&s.interval, "sample-interval", "time between samples of CPU and RAM")
	f.StringVar(&s.config, "config", s.config, "configuration `file` (default .plumbline.yml)")
	f.Var(&s.log, "log", "info, or debug to tell more")
}

// check reports what the environment said wrongly. It is apart from flags
// because a flag may have set it right.
func (s *settings) check() error {
	if s.interval.err != nil {
		return usage(s.interval.err)
	}
	return usage(s.log.err)
}

// storeFlag is the flag that names the store. It does not say what the environment
// does, for help would print that.
type storeFlag struct{ s *settings }

// Set implements pflag.Value.
func (f storeFlag) Set(v string) error {
	f.s.path, f.s.flagged = v, v != ""
	return nil
}

func (f storeFlag) String() string { return "" }

// Type implements pflag.Value.
func (f storeFlag) Type() string { return "store" }

func isTrue(s string) bool {
	b, err := strconv.ParseBool(strings.TrimSpace(s))
	return err == nil && b
}

// seconds is a duration that people give in seconds, as 0.5, or as 500ms.
type seconds struct {
	d   time.Duration
	err error
}

func (s *seconds) fromEnv(v string) {
	s.d = time.Second
	if v == "" {
		return
	}
	if err := s.Set(v); err != nil {
		s.err = fmt.Errorf("PLUMBLINE_SAMPLE_INTERVAL=%q: %w", v, err)
	}
}

// Set implements pflag.Value.
func (s *seconds) Set(v string) error {
	d, err := time.ParseDuration(v)
	if f, ferr := strconv.ParseFloat(v, 64); ferr == nil {
		if math.IsNaN(f) || f > 1e6 {
			f = -1
		}
		d, err = time.Duration(f*float64(time.Second)), nil
	}
	if err != nil || d < time.Millisecond {
		return fmt.Errorf("want seconds such as 1.0 or 0.25, at least 0.001")
	}
	s.d, s.err = d, nil
	return nil
}

func (s *seconds) String() string { return strconv.FormatFloat(s.d.Seconds(), 'g', -1, 64) }

// Type implements pflag.Value.
func (s *seconds) Type() string { return "seconds" }

// logLevel is how much is told on standard error.
type logLevel struct {
	debug bool
	err   error
}

func (l *logLevel) fromEnv(v string) {
	if v == "" {
		return
	}
	if err := l.Set(v); err != nil {
		l.err = fmt.Errorf("PLUMBLINE_LOG=%q: %w", v, err)
	}
}

// Set implements pflag.Value.
func (l *logLevel) Set(v string) error {
	switch v {
	case "debug", "info":
		l.debug, l.err = v == "debug", nil
		return nil
	}
	return fmt.Errorf("want info or debug")
}

func (l *logLevel) String() string {
	if l.debug {
		return "debug"
	}
	return "info"
}

// Type implements pflag.Value.
func (l *logLevel) Type() string { return "level" }
