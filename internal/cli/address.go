package cli

import (
	"fmt"
	"strings"

	"github.com/plumbline-ci/plumbline/baseline/store"
	"github.com/plumbline-ci/plumbline/internal/config"
)

// storePath is the folder of the store, or its address: what flag or environment
// say, else what the configuration says, else DefaultPath.
func (a *app) storePath() (string, error) {
	path := a.settings.path
	if path == "" {
		conf, err := a.configFile()
		if err != nil {
			return "", usage(err)
		}
		if path, err = addressOf(conf.Baseline.Store); err != nil {
			return "", usage(fmt.Errorf("baseline.store: %w", err))
		}
	}
	if a.settings.flagged {
		if err := unsaid("--path", path); err != nil {
			return "", err
		}
	}
	return plainPath(path), usage(store.Check(path))
}

// unsaid refuses an address that is secret in a command line, which every process
// of the machine can read.
func unsaid(flag, address string) error {
	if !store.Secret(address) {
		return nil
	}
	return usage(fmt.Errorf("%s %s: a command line can be read by others, and this one holds a password; set PLUMBLINE_PATH to the address, "+
		"or leave the password to the variables and files of the store's own system, such as PGPASSWORD", flag, store.Name(address)))
}

// plainPath makes a path of an address that means one.
func plainPath(address string) string { return strings.TrimPrefix(address, "dir:") }

// folder is where files go that are no runs: the store's folder, or the default
// one where the store is no folder.
func folder(path string) string {
	if path == "" || store.Scheme(path) != "" {
		return DefaultPath
	}
	return path
}

// addressOf is the folder or the address of a store that this program can open.
// Where runs are kept as artifacts of a forge, a desk has a folder of its own.
func addressOf(spec string) (string, error) {
	if spec == "" || spec == "artifact" {
		return DefaultPath, nil
	}
	s, err := config.ParseStore(spec)
	if err != nil {
		return "", err
	}
	switch {
	case s.Scheme == "dir":
		return s.Rest, nil
	case store.Scheme(spec) == "":
		return "", fmt.Errorf("this version cannot open the store %q; want one of %s", store.Name(spec), store.Forms())
	}
	return spec, nil
}

// written are the files and folders of this machine that a step with such a store
// may have made.
func written(path string) []string {
	names := []string{DefaultPath}
	switch store.Scheme(path) {
	case "":
		return []string{path}
	case "git":
		names = append(names, ".git")
	case "sqlite":
		file := strings.TrimPrefix(path, "sqlite:")
		names = append(names, file, file+"-wal", file+"-shm")
	}
	return names
}
