package cli

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"

	"github.com/plumbline-ci/plumbline/internal/config"
)

// baseFile is a configuration that is not a file of the working folder.
type baseFile struct {
	name string // for errors
	data []byte
}

// configure settles which configuration judges. Where the job may write and a
// stranger may have started it, that is the one of the branch that the change is
// for, as GitHub has it: limits and waivers of the workspace are the stranger's.
func (j *job) configure() error {
	if j.step.Event.Privileged() {
		if err := j.configureFrom(cmp.Or(j.step.Event.Base, j.step.Event.DefaultBranch)); err != nil {
			return err
		}
	} else if err := j.inside("input config", cmp.Or(j.settings.config, ConfigFile), j.settings.config != ""); err != nil {
		return err
	}
	return usage(j.place())
}

// inside refuses a path of the workspace that a link of the checkout leads out
// of. Told are those that the workflow itself names, which may be elsewhere.
func (j *job) inside(key, name string, told bool) error {
	if _, err := j.step.Local(name); err != nil && told {
		return nil
	}
	if err := j.step.Inside(name); err != nil {
		return usage(fmt.Errorf("%s: %w", key, err))
	}
	return nil
}

// configureFrom reads the configuration of a branch of this repository.
func (j *job) configureFrom(branch string) error {
	name := cmp.Or(j.settings.config, ConfigFile)
	path, err := j.step.Local(name)
	if err != nil {
		return usage(fmt.Errorf("input config: %w", err))
	}
	if j.hub.Repo == nil || branch == "" {
		return failure(errors.New("on this event the configuration is the base branch's, which cannot be read: give the step the input github-token"))
	}
	net, cancel := j.budget.stage(searching)
	defer cancel()
	data, ok, err := j.hub.Repo.File(net, path, "refs/heads/"+branch)
	switch {
	case err != nil:
		return failure(fmt.Errorf("the configuration of the base: %w", reason(net, err)))
	case !ok && j.settings.config != "":
		return usage(fmt.Errorf("input config: %s has no file %s", branch, path))
	}
	j.base = &baseFile{name: branch + ":" + path, data: data}
	if here, found := j.ownConfig(name); found && !bytes.Equal(here, data) {
		j.step.Notice(fmt.Sprintf("%s in the workspace is not what %s has, and is ignored: on %s a change is judged by the base's configuration",
			path, branch, j.step.Event.Origin.Event))
	}
	return nil
}

// ownConfig is the configuration of the workspace, as far as it may be read.
func (j *job) ownConfig(name string) (data []byte, found bool) {
	f, err := j.step.Open(name)
	if err != nil {
		return nil, false
	}
	defer f.Close()
	data, err = io.ReadAll(io.LimitReader(f, config.MaxBytes+1))
	return data, err == nil
}
