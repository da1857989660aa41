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

// writePage writes the page beside the verdict.
func writePage(dir string, web []byte) (file string, err error) {
	file, err = filepath.Abs(filepath.Join(dir, artifact.PageFile))
	return file, errors.Join(err, replaceFile(file, func(f *os.File) error {
		if _, err := f.Write(web); err != nil {
			return fmt.Errorf("write the page: %w", err)
		}
		return nil
	}))
}
