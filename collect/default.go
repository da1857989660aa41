package collect

import (
	"context"
	"os"
	"strconv"
	"sync"
)

// OptionsFromEnv are the options that the environment asks for: PLUMBLINE_PATH
// is the folder of the store, and PLUMBLINE_DISABLED=true records nothing.
func OptionsFromEnv() Options {
	off, _ := strconv.ParseBool(os.Getenv("PLUMBLINE_DISABLED")) // anything odd is no wish to disable
	return Options{Path: os.Getenv("PLUMBLINE_PATH"), Disabled: off}
}

// Default returns the recorder of the package's own functions, which the
// environment configures when it is first asked for.
func Default() *Recorder { return defaultRecorder() }

var defaultRecorder = sync.OnceValue(func() *Recorder { return NewRecorder(OptionsFromEnv()) })

// Record is Default().Record.
func Record(name string, value float64, tags Tags) { Default().Record(name, value, tags) }

// Flush is Default().Flush, and waits until the run is written.
func Flush(ctx context.Context, typ string, attributes Tags) (id string, err error) {
	if id, err = Default().Flush(typ, attributes); err != nil {
		return "", err
	}
	return id, Default().Sync(ctx)
}
