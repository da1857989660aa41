package github

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/plumbline-ci/plumbline/check"
)

// Outputs are the outputs of the step. Counts are always set; an empty Verdict,
// RunID or Report is not.
type Outputs struct {
	Verdict                                    check.Verdict
	Regressed, Suspect, Improved, New, Missing int
	BaselineRuns                               int
	RunID                                      string
	// Report is the path of the JSON verdict. A path in the workspace is given to
	// later steps relative to it: they see it under another name than we do.
	Report string
	// HTML is the path of the page, given alike.
	HTML string
}

var runIDPattern = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z._-]{0,127}$`)

// pairs are the outputs as names and values, in the order of action.yml. A
// value that is no number, fixed word, id or path is refused: users write
// outputs into scripts.
func (s *Step) pairs(o Outputs) ([][2]string, error) {
	var all [][2]string
	switch o.Verdict {
	case "":
	case check.Pass, check.Regression, check.SuspectRun, check.InconclusiveRun:
		all = append(all, [2]string{"verdict", string(o.Verdict)})
	default:
		return nil, fmt.Errorf("output verdict: unknown verdict %q", o.Verdict)
	}
	for _, c := range []struct {
		name  string
		count int
	}{
		{"regressed", o.Regressed}, {"suspect", o.Suspect}, {"improved", o.Improved},
		{"new", o.New}, {"missing", o.Missing}, {"baseline-runs", o.BaselineRuns},
	} {
		all = append(all, [2]string{c.name, strconv.Itoa(c.count)})
	}
	if o.RunID != "" {
		if !runIDPattern.MatchString(o.RunID) {
			return nil, fmt.Errorf("output run-id: %q is no id", o.RunID)
		}
		all = append(all, [2]string{"run-id", o.RunID})
	}
	for _, file := range [][2]string{{"report", o.Report}, {"html", o.HTML}} {
		if file[1] == "" {
			continue
		}
		p := s.relative(file[1])
		if !plainPath(p) {
			return nil, fmt.Errorf("output %s: %q has a character that is not safe in a script", file[0], p)
		}
		all = append(all, [2]string{file[0], p})
	}
	return all, nil
}

// plainPath reports whether a path is harmless wherever a user writes it.
func plainPath(p string) bool {
	for _, r := range p {
		if !strings.ContainsRune("/._-+@=, ", r) && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return false
		}
	}
	return true
}

// SetOutputs writes the outputs, all of them or none.
func (s *Step) SetOutputs(o Outputs) error {
	all, err := s.pairs(o)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	for _, p := range all {
		b.WriteString(p[0] + "=" + p[1] + "\n")
	}
	_, err = s.appendTo("GITHUB_OUTPUT", b.Bytes(), math.MaxInt64)
	return err
}

// maxSummary is where GitHub shows nothing of a step's summary instead of a
// part.
const maxSummary = 1 << 20

// Summary adds Markdown to the step's summary. What does not fit is cut at the
// end of a line, and the cut is said.
func (s *Step) Summary(md []byte) error {
	if len(md) > 0 && md[len(md)-1] != '\n' {
		md = append(md[:len(md):len(md)], '\n')
	}
	cut, err := s.appendTo("GITHUB_STEP_SUMMARY", md, maxSummary)
	if err == nil && cut {
		s.Warn("the summary is longer than the 1 MiB that GitHub shows: its end was cut")
	}
	return err
}

// appendTo adds data to the file that a variable names, in one write. It never
// makes the file: GitHub does, and a name that leads nowhere is a mistake.
func (s *Step) appendTo(variable string, data []byte, limit int64) (cut bool, err error) {
	name := s.getenv(variable)
	if name == "" {
		return false, fmt.Errorf("write %s: the variable is not set; it is by GitHub Actions", variable)
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return false, fmt.Errorf("write %s: %w", variable, err)
	}
	info, err := f.Stat()
	if err == nil {
		kept := cutMarkdown(data, limit-info.Size())
		cut = len(kept) < len(data)
		_, err = f.Write(kept)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return cut, fmt.Errorf("write %s: %w", variable, err)
	}
	return cut, nil
}

const cutNote = "\n_The rest does not fit into a summary and was left out._\n"

// cutMarkdown returns as many whole lines as fit, with what closes an open code
// block or fold, and a note.
func cutMarkdown(md []byte, room int64) []byte {
	if int64(len(md)) <= room {
		return md
	}
	const closing = 256 // for the note and what is left open
	end := bytes.LastIndexByte(md[:max(room-closing, 0)], '\n') + 1
	if end == 0 {
		return nil
	}
	md = bytes.Clone(md[:end])
	fence, folds := false, 0
	for line := range bytes.Lines(md) {
		if bytes.HasPrefix(line, []byte("```")) {
			fence = !fence
		}
		folds += bytes.Count(line, []byte("<details>")) - bytes.Count(line, []byte("</details>"))
	}
	if fence {
		md = append(md, "```\n"...)
	}
	for range min(max(folds, 0), 10) {
		md = append(md, "\n</details>\n"...)
	}
	return append(md, cutNote...)
}

// relative is a path as later steps find it from their workspace.
func (s *Step) relative(path string) string {
	if rel, err := filepath.Rel(s.Workspace, path); err == nil && filepath.IsLocal(rel) {
		path = rel
	}
	return filepath.ToSlash(path)
}
