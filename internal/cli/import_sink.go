package cli

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"sort"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/baseline/store"
	"github.com/plumbline-ci/plumbline/collect"
)

// identity is what the ID of an adopted run is made of beside the run itself.
type identity struct {
	format string
	own    bool // the run's ID is its own
	timed  bool // the file says its time
}

// pastRuns is the name space of the IDs of adopted runs. It must never change: a
// history that is imported again is known by them.
var pastRuns = uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://github.com/plumbline-ci/plumbline/import"))

// importSink takes adopted runs, once each.
type importSink struct {
	store baseline.Store // nil: nothing is stored
	out   io.Writer      // nil: it does not go there
	dry   bool

	there  map[string]bool              // IDs that the store has
	seen   map[string][sha256.Size]byte // IDs of this call, with what was measured
	batch  []collect.Run
	values int // in the batch

	added, known   int
	oldest, newest time.Time
}

func (a *app) openSink(ctx context.Context, o importOptions) (*importSink, error) {
	s := &importSink{dry: o.dry, there: map[string]bool{}, seen: map[string][sha256.Size]byte{}}
	if o.output != "" {
		return s, nil
	}
	if err := a.writable(""); err != nil {
		return nil, err
	}
	path, err := a.storePath()
	if err != nil {
		return nil, err
	}
	if s.store, err = store.OpenNew(path); err != nil {
		return nil, usage(err)
	}
	a.closeLater(s.store)
	entries, err := a.entries(ctx, s.store, 0, func(baseline.Entry) bool { return true })
	for _, e := range entries {
		s.there[e.ID] = true
	}
	return s, err
}

// A batch has at most so many runs, and values in them.
const (
	batchRuns   = 1000
	batchValues = 100_000
)

// put takes a run that is not known yet. Refused says why a store could not keep it.
func (s *importSink) put(ctx context.Context, run collect.Run, id identity) (refused, err error) {
	measured, err := fingerprint(run, id)
	if err != nil {
		return err, nil
	}
	if !id.own || run.ID == "" {
		run.ID = s.identify(run, id, measured)
	}
	other, again := s.seen[run.ID]
	switch {
	case again && other != measured:
		return fmt.Errorf("run %q is there twice, with other content: the first counts", run.ID), nil
	case again || s.there[run.ID]:
		s.known++
		return nil, nil
	}
	s.seen[run.ID] = measured
	s.added++
	if s.oldest.IsZero() || run.Time.Before(s.oldest) {
		s.oldest = run.Time
	}
	if run.Time.After(s.newest) {
		s.newest = run.Time
	}
	s.batch = append(s.batch, run)
	s.values += len(run.Metrics)
	if len(s.batch) < batchRuns && s.values < batchValues {
		return nil, nil
	}
	return nil, s.flush(ctx)
}

// identify makes a run's ID of what stays the same when the history is read again
// and has grown: by which tool, of which suite, commit and time it is. What was
// measured tells runs apart that are the same in that, and those without a time.
func (s *importSink) identify(run collect.Run, id identity, measured [sha256.Size]byte) string {
	parts := []string{id.format, run.Name, run.ID, run.Commit}
	if id.timed {
		parts = append(parts, run.Time.UTC().Format(time.RFC3339Nano))
	}
	if !id.timed || run.Commit == "" {
		parts = append(parts, fmt.Sprintf("%x", measured))
	}
	key := strings.Join(parts, "\x00")
	made := uuid.NewSHA1(pastRuns, []byte(key)).String()
	if other, twice := s.seen[made]; twice && other != measured {
		return uuid.NewSHA1(pastRuns, fmt.Appendf(nil, "%s\x00%x", key, measured)).String()
	}
	return made
}

// fingerprint is the same for runs that measured the same at the same time. It is
// an error where no record can hold what the run says.
func fingerprint(run collect.Run, id identity) (sum [sha256.Size]byte, err error) {
	said := collect.Run{Origin: collect.Origin{ID: "-", Time: run.Time, Duration: run.Duration}, Metrics: run.Metrics, Extra: run.Extra}
	if !id.timed {
		said.Time = time.Unix(0, 0)
	}
	text, err := collect.AppendRecord(nil, said)
	return sha256.Sum256(text), err
}

// flush hands on what is in the batch, oldest first.
func (s *importSink) flush(ctx context.Context) error {
	batch := s.batch
	s.batch, s.values = s.batch[:0], 0
	if s.dry || len(batch) == 0 {
		return nil
	}
	sort.SliceStable(batch, func(i, j int) bool { return batch[i].Time.Before(batch[j].Time) })
	if s.out == nil {
		return baseline.PutAll(ctx, s.store, batch)
	}
	for _, run := range batch {
		if err := collect.Encode(s.out, run); err != nil {
			return err
		}
	}
	return nil
}

// span says from when to when the new runs are.
func (s *importSink) span() string {
	if s.added == 0 {
		return ""
	}
	from, to := s.oldest.UTC().Format(time.DateOnly), s.newest.UTC().Format(time.DateOnly)
	if from == to {
		return ", of " + from
	}
	return ", from " + from + " to " + to
}
