package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/plumbline-ci/plumbline/collect/parse"
)

// coverageOptions are the flags of coverage, for all commands that read it.
type coverageOptions struct {
	changedSince string
	packages     bool
}

func (o *coverageOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.changedSince, "changed-since", "", "coverage of lines changed since this `ref`, too")
	f.BoolVar(&o.packages, "packages", false, "coverage of each folder, too")
}

// sources finds out what of the repository around a folder the coverage is to be
// held against. Without flags, or outside of a repository, that is nothing.
func (o coverageOptions) sources(ctx context.Context, dir string) (parse.Sources, error) {
	src := parse.Sources{Packages: o.packages}
	if o == (coverageOptions{}) {
		return src, nil
	}
	top, err := gitIn(ctx, dir, "rev-parse", "--show-toplevel")
	if err != nil {
		if o.changedSince == "" {
			return src, nil
		}
		return src, fmt.Errorf("--changed-since %s needs a git repository: %w", o.changedSince, err)
	}
	files, err := gitIn(ctx, top, "ls-files", "-z")
	if err != nil {
		return src, err
	}
	src.Root = filepath.ToSlash(top)
	src.Files = strings.FieldsFunc(files, func(r rune) bool { return r == 0 })
	if o.changedSince != "" {
		src.Changed, err = changedLines(ctx, top, o.changedSince)
	}
	return src, err
}

// changedLines asks git which lines were added or altered from the commit at
// which HEAD left ref up to HEAD.
func changedLines(ctx context.Context, top, ref string) (map[string][]parse.LineRange, error) {
	commit, err := gitIn(ctx, top, "rev-parse", "--verify", "--quiet", "--end-of-options", ref+"^{commit}")
	if err != nil {
		return nil, fmt.Errorf("--changed-since %s: no such commit here%s", ref, shallowAdvice(ctx, top))
	}
	base, err := gitIn(ctx, top, "merge-base", commit, "HEAD")
	if err != nil {
		return nil, fmt.Errorf("--changed-since %s: it has no commit in common with HEAD%s", ref, shallowAdvice(ctx, top))
	}
	base, _, _ = strings.Cut(base, "\n")
	// What the user's configuration says of how diffs look must not matter, and
	// nothing that it names may run.
	diff := gitCommand(ctx, top, "-c", "core.quotePath=true", "diff", "--no-ext-diff", "--no-textconv", "--no-color",
		"--no-relative", "--ignore-submodules=all", "--find-renames", "--unified=0", "--inter-hunk-context=0",
		"--src-prefix=a/", "--dst-prefix=b/", "--diff-filter=d", base, "HEAD", "--")
	out, err := diff.StdoutPipe()
	if err != nil {
		return nil, err
	}
	var said bytes.Buffer
	diff.Stderr = &said
	if err := diff.Start(); err != nil {
		return nil, fmt.Errorf("git diff: %w", err)
	}
	changed, readErr := readDiff(out)
	_, drained := io.Copy(io.Discard, out)
	if err := diff.Wait(); err != nil {
		return nil, fmt.Errorf("git diff: %w: %s", err, strings.Join(strings.Fields(said.String()), " "))
	}
	return changed, errors.Join(readErr, drained)
}

func shallowAdvice(ctx context.Context, top string) string {
	if shallow, _ := gitIn(ctx, top, "rev-parse", "--is-shallow-repository"); shallow == "true" {
		return "; this clone is shallow: check out with fetch-depth: 0, or git fetch --unshallow"
	}
	return ""
}
