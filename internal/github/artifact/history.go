package artifact

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// Source says which workflow run a stored run is from.
type Source struct {
	Run int64 `json:"ci_run"` // the workflow run's id
}

// Index has the source of each run of an archive, by the run's id.
type Index map[string]Source

// History is a set of stored runs, as their records, each once.
type History struct {
	Index Index
	lines []line
	known map[string]bool
}

type line struct {
	id   string
	time time.Time
	text []byte
}

// NewHistory returns a history without runs.
func NewHistory() *History {
	return &History{Index: Index{}, known: map[string]bool{}}
}

// Runs is how many runs there are.
func (h *History) Runs() int { return len(h.lines) }

// Has reports whether a run of that workflow run is there.
func (h *History) Has(workflowRun int64) bool {
	for _, s := range h.Index {
		if s.Run == workflowRun {
			return true
		}
	}
	return false
}

// AddArchive adds the runs of an archive's files that are not there yet. From
// is the workflow run that the archive is of. It returns how many lines were no
// records, which are left out.
func (h *History) AddArchive(files map[string][]byte, from int64) (bad int, err error) {
	index := Index{}
	if text := files[IndexFile]; text != nil {
		if err := json.Unmarshal(text, &index); err != nil {
			return 0, fmt.Errorf("%s: %w", IndexFile, err)
		}
	}
	for _, name := range []string{RunFile, HistoryFile} {
		for text := range bytes.Lines(files[name]) {
			source := index[collect.DecodeID(text)]
			if name == RunFile {
				source.Run = from
			}
			if !h.Add(text, source) {
				bad++
			}
		}
	}
	return bad, nil
}

// Add adds a run's record, and reports whether it is one. It is not copied.
func (h *History) Add(record []byte, s Source) bool {
	record = bytes.TrimSpace(record)
	origin, err := collect.DecodeOrigin(record)
	if err != nil {
		return len(record) == 0
	}
	if !h.known[origin.ID] {
		h.known[origin.ID] = true
		h.lines = append(h.lines, line{origin.ID, origin.Time, record})
		h.Index[origin.ID] = s
	}
	return true
}

// Find is the newest stored run of a workflow run; false where there is none.
func (h *History) Find(workflowRun int64) (run collect.Run, ok bool) {
	if i := h.find(workflowRun); i >= 0 {
		run, err := collect.Decode(h.lines[i].text)
		return run, err == nil
	}
	return collect.Run{}, false
}

func (h *History) find(workflowRun int64) int {
	h.sort()
	for i, l := range slices.Backward(h.lines) {
		if h.Index[l.id].Run == workflowRun {
			return i
		}
	}
	return -1
}

// Put stores a run of a workflow run, in place of that which has its id.
func (h *History) Put(run collect.Run, workflowRun int64) error {
	var b bytes.Buffer
	if err := collect.Encode(&b, run); err != nil {
		return err
	}
	text := bytes.TrimSpace(b.Bytes())
	for i := range h.lines {
		if h.lines[i].id == run.ID {
			h.lines[i].text = text
			return nil
		}
	}
	h.Add(text, Source{Run: workflowRun})
	return nil
}

// Last is the origin of the newest run; false where there is none.
func (h *History) Last() (collect.Origin, bool) {
	if len(h.lines) == 0 {
		return collect.Origin{}, false
	}
	h.sort()
	origin, err := collect.DecodeOrigin(h.lines[len(h.lines)-1].text)
	return origin, err == nil
}

// Newest keeps the newest runs, so many and of so many bytes in all.
func (h *History) Newest(runs, most int) *History {
	h.sort()
	kept := NewHistory()
	for _, l := range slices.Backward(h.lines) {
		if most -= len(l.text) + 1; runs == 0 || most < 0 {
			break
		}
		runs--
		kept.Add(l.text, h.Index[l.id])
	}
	return kept
}

// Without keeps the runs for which refuse gives no reason.
func (h *History) Without(refuse func(collect.Origin) string) *History {
	kept := NewHistory()
	for _, l := range h.lines {
		if origin, err := collect.DecodeOrigin(l.text); err == nil && refuse(origin) == "" {
			kept.Add(l.text, h.Index[l.id])
		}
	}
	return kept
}

// JSONL is all records, oldest first, one a line.
func (h *History) JSONL() []byte {
	h.sort()
	var b bytes.Buffer
	for _, l := range h.lines {
		b.Write(l.text)
		b.WriteByte('\n')
	}
	return b.Bytes()
}

func (h *History) sort() {
	sort.SliceStable(h.lines, func(i, j int) bool { return h.lines[i].time.Before(h.lines[j].time) })
}
