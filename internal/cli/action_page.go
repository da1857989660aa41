package cli

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/check/report"
	"github.com/plumbline-ci/plumbline/internal/github/artifact"
)

// keptPage is how large a page may be that is kept with the run: later jobs fetch
// its artifact. A page of ten thousand metrics has half of that.
const keptPage = 16 << 20

// keptPages is how large the pages of a report on several suites may be together:
// what is in them is up to a stranger.
const keptPages = 64 << 20

// links are the addresses that the report of this run points to.
func (j *job) links() report.Links {
	l := report.Links{Run: j.step.RunURL(), Commits: commitsAt(j.Getenv("GITHUB_SERVER_URL"), j.step.Event.Origin.Repository)}
	if j.kept && j.hub.Results != nil && l.Run != "" {
		l.Page = l.Run + "#artifacts"
	}
	return l
}

// webPage is the page of a result.
func webPage(page report.Page, all check.Explained) ([]byte, error) {
	var web bytes.Buffer
	err := report.HTML(&web, page, all)
	return web.Bytes(), err
}

// writePage writes a page, and says where it is.
func writePage(file string, web []byte) (string, error) {
	file, err := filepath.Abs(file)
	return file, errors.Join(err, replaceFile(file, func(f *os.File) error {
		if _, err := f.Write(web); err != nil {
			return fmt.Errorf("write the page: %w", err)
		}
		return nil
	}))
}

// keepPages writes the pages of what another workflow run measured, uploads them,
// and lets the suites point to them. The path is that of the page, or of the folder
// of several.
func (j *job) keepPages(suites []*reported) (path string, problems []error) {
	files := j.pageFiles(suites)
	if len(files) == 0 {
		return "", nil
	}
	path, err := j.writePages(files, len(suites) > 1)
	problems = append(problems, err)
	net, cancel := j.budget.stage(keeping)
	defer cancel()
	switch err := j.hub.Keep(net, files); {
	case errors.Is(err, artifact.ErrUnsupported): // they are in the workspace
	case err != nil:
		problems = append(problems, fmt.Errorf("keep the pages as an artifact: %w", reason(net, err)))
	default:
		for _, s := range suites {
			if len(s.web) > 0 {
				s.page.Links.Page = j.step.RunURL() + "#artifacts"
			}
		}
	}
	return path, problems
}

// pageFiles are the pages of the suites, named as the suites' artifacts are: what
// a suite is called may be a stranger's choice.
func (j *job) pageFiles(suites []*reported) (files []artifact.File) {
	room := keptPages
	for _, s := range suites {
		if len(s.web) > room {
			j.step.Warn(s.job.step.Suite() + " has no page here: it would be too large")
			s.web = nil
		}
		if room -= len(s.web); len(s.web) > 0 {
			files = append(files, artifact.File{Name: artifact.Label(artifact.Name(s.job.step.Suite(), 1)) + ".html", Data: s.web})
		}
	}
	if len(suites) == 1 && len(files) == 1 {
		files[0].Name = artifact.PageFile
	}
	return files
}

// writePages writes pages to the workspace, several into a folder of their own. Who
// made that workspace is not known.
func (j *job) writePages(files []artifact.File, several bool) (path string, err error) {
	top := folder(j.settings.path)
	dir := top
	if several {
		dir = filepath.Join(top, "pages")
	}
	if err := errors.Join(j.step.Inside(top), j.step.Inside(dir)); err != nil {
		return "", fmt.Errorf("write the page: %w", err)
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", fmt.Errorf("write the page: %w", err)
	}
	var errs []error
	for _, f := range files {
		path, err = writePage(filepath.Join(dir, f.Name), f.Data)
		errs = append(errs, err)
	}
	if several {
		path = filepath.Dir(path)
	}
	return path, errors.Join(append(errs, j.step.GiveBack(top))...)
}
