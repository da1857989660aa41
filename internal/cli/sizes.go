package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/collect/size"
	"github.com/plumbline-ci/plumbline/internal/github"
)

// sizeOptions are the flags that name what is to be measured in MB.
type sizeOptions struct {
	artifacts, binaries, images []string
	unpack                      bool
	// step is that of the action, whose inputs these are: its files are those of
	// the workspace. Nil on the command line.
	step *github.Step
}

// called is how the user calls a flag here.
func (o *sizeOptions) called(flag string) string {
	if o.step != nil {
		return "input " + flag + "s"
	}
	return "--" + flag
}

func (o *sizeOptions) flags(f *pflag.FlagSet) {
	f.StringArrayVar(&o.artifacts, "artifact", nil, "measure files: `LABEL=GLOB`; repeat it")
	f.StringArrayVar(&o.images, "image", nil, "an image or its tar: [LABEL=]`IMAGE`")
}

func (o *sizeOptions) none() bool { return len(o.artifacts)+len(o.binaries)+len(o.images) == 0 }

// valid finds what is written wrongly, before anything is measured.
func (o *sizeOptions) valid() error {
	for flag, all := range map[string][]string{"artifact": o.artifacts, "binary": o.binaries} {
		for _, arg := range all {
			if label, of, ok := strings.Cut(arg, "="); !ok || label == "" || of == "" {
				return fmt.Errorf("%s %q: want LABEL=FILE, such as dist=build/app", o.called(flag), arg)
			}
		}
	}
	for _, arg := range o.images {
		if _, ref := imageOf(arg); ref == "" {
			return fmt.Errorf("%s %q: want [LABEL=]REFERENCE, such as web=ghcr.io/o/web:edge or web=image.tar", o.called("image"), arg)
		}
	}
	if o.unpack && len(o.images) == 0 {
		return errors.New("--unpack is for --image; name one")
	}
	return nil
}

// imageOf reads [LABEL=]REFERENCE. A reference has no =; the path of a file that
// has one needs a label.
func imageOf(arg string) (label, ref string) {
	if label, ref, ok := strings.Cut(arg, "="); ok {
		return label, ref
	}
	return "", arg
}

// measure goes on after what cannot be measured, so that one look shows all of
// it, and the errors come joined.
func (o *sizeOptions) measure(ctx context.Context) (all []collect.Metric, err error) {
	var errs []error
	labels, order := map[string][]string{}, []string{}
	for _, arg := range o.artifacts {
		label, glob, _ := strings.Cut(arg, "=")
		files, err := o.files(glob)
		errs = append(errs, usage(err))
		if labels[label] == nil {
			order = append(order, label)
		}
		labels[label] = append(labels[label], files...)
	}
	add := func(ms []collect.Metric, err error) {
		all, errs = append(all, ms...), append(errs, err)
	}
	if errors.Join(errs...) == nil {
		for _, label := range order {
			add(size.Files(label, unique(labels[label])))
		}
	}
	for _, arg := range o.binaries {
		label, file, _ := strings.Cut(arg, "=")
		add(size.GoBinary(label, file))
	}
	for _, arg := range o.images {
		label, ref := imageOf(arg)
		ref = o.local(ref)
		add(size.Image(ctx, label, ref, size.ImageOptions{Unpack: o.unpack}))
	}
	return all, errors.Join(errs...)
}

func (o *sizeOptions) files(glob string) ([]string, error) {
	if o.step == nil {
		return source{"", glob}.files()
	}
	files, err := o.step.Files(glob)
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("input artifacts: no file matches %q", glob)
	}
	return files, err
}

// local is the full path of an image in the workspace, or the reference itself.
func (o *sizeOptions) local(ref string) string {
	if o.step == nil {
		return ref
	}
	if name, err := o.step.Local(ref); err == nil {
		full := filepath.Join(o.step.Workspace, filepath.FromSlash(name))
		if _, err := os.Stat(full); err == nil {
			return full
		}
	}
	return ref
}

// unique drops what comes again: two globs may name one file.
func unique(files []string) (once []string) {
	seen := map[string]bool{}
	for _, f := range files {
		if !seen[f] {
			seen[f] = true
			once = append(once, f)
		}
	}
	return once
}

// stepSizes measures what the inputs artifacts and images name.
func (j *job) stepSizes(ctx context.Context) ([]collect.Metric, error) {
	o := sizeOptions{artifacts: j.step.Inputs.Artifacts, images: j.step.Inputs.Images, step: j.step}
	if err := o.valid(); err != nil {
		return nil, usage(err)
	}
	ms, err := o.measure(ctx)
	return ms, failure(err)
}
