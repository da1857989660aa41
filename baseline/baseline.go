package baseline

import (
	"context"
	"iter"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// Store keeps runs. Each of its implementations lives in baseline/store and
// passes the same conformance suite.
type Store interface {
	// Put stores a run for good: when it returns nil the run has reached the disk. To
	// put a run again changes nothing. Another one under the same id is an error where
	// the store can tell; else both are there, each listing has an error that tells of
	// them, and the newest counts.
	Put(ctx context.Context, r collect.Run) error
	// List yields the stored runs that fit the filter, newest first, reading no
	// further than the caller does. It may yield others too, where leaving them out
	// would spare it nothing: who must have none asks Filter.Fits. An error about one run (an unreadable line) is a
	// *collect.LineError with a zero Entry; the listing goes on. Any other error
	// ends it.
	List(ctx context.Context, f Filter) iter.Seq2[Entry, error]
	// Get reads the run of an entry that List yielded.
	Get(ctx context.Context, e Entry) (collect.Run, error)
	// Delete removes the runs of the given ids and leaves all others, unreadable
	// lines included, as they are.
	Delete(ctx context.Context, ids ...string) error
}

// LineStore is a Store that can hand out a run as it is stored. That spares
// making a collect.Run where its values are all that is wanted.
type LineStore interface {
	Store
	// View calls read with the record of an entry that List yielded, without the
	// end of the line. It is good until read returns, whose error View returns.
	View(ctx context.Context, e Entry, read func(line []byte) error) error
}

// LongStore is a LineStore that can hand out records that are too long to be held
// in memory.
type LongStore interface {
	LineStore
	// ViewLong calls read with such a record of an entry that List yielded. It is good
	// until read returns, whose error it returns. False: read was not called, and View
	// is to be asked, because the record is no longer than others or cannot be read
	// piece by piece.
	ViewLong(ctx context.Context, e Entry, read func(line collect.LongLine) error) (bool, error)
}

// ViewLong asks a store that may be a LongStore.
func ViewLong(ctx context.Context, s Store, e Entry, read func(line collect.LongLine) error) (bool, error) {
	if long, ok := s.(LongStore); ok {
		return long.ViewLong(ctx, e, read)
	}
	return false, nil
}

// Entry is a stored run without its metrics.
type Entry struct {
	collect.Origin
	// Ref finds the run again in its store, and only there.
	Ref string
	// Where is the place for people: file and line, or an address.
	Where string
}

// Query says which stored runs make a baseline.
type Query struct {
	Head collect.Origin
	// Metrics are the names of the head's metrics. A run must have half of them
	// to be compared with it; empty: any run is comparable.
	Metrics []string
	// Described are the same metrics as the head describes them, in that order. The
	// baseline then has them so, in the same memory, whatever its runs say; empty:
	// it has them as its runs do.
	Described []collect.Metric
	Branch    string        // the branch that counts; empty: any
	Commit    string        // the commit that counts, or its beginning; empty: any
	Runs      int           // at most so many, the newest; 0: 50
	MaxAge    time.Duration // counted back from the head's time; 0: any
	// Refuse gives the reason why a run is no baseline, for what the stored runs
	// themselves do not tell, such as the order of commits. Nil: it refuses none.
	Refuse  func(run collect.Origin) (reason string)
	Runner  RunnerRule // how the kind of machine counts; empty: PreferRunner
	Alike   int        // so many runs on the head's kind of machine are enough under PreferRunner; 0: 10
	MinRuns int        // so many runs a verdict needs: PreferRunner searches for no fewer, where that is more than Alike
}

// Baseline is a window of earlier runs, oldest first, as columns.
type Baseline struct {
	Runs []collect.Origin
	// Metrics describe each column: name, unit, direction and tags of the newest
	// run that has the metric. Value and Samples are those of that run too. What
	// Query.Described has is as it is there.
	Metrics []collect.Metric
	// Values has one column a metric, with one value a run: NaN where that run
	// did not measure it.
	Values [][]float64
	// Scatter says how far the samples inside each run lie apart, by column as
	// Values. A column is nil where no run has two samples, and so is all of it
	// where no metric has such a run.
	Scatter [][]collect.Scatter
	// SameCommit says that the runs are of the head's own commit, because the
	// store has none of another that qualifies: they show noise, not change.
	SameCommit bool
	// Alike is not 0 where Runs are of several kinds of machine and not to be
	// compared across in what depends on it: that takes so many runs on the head's
	// kind. Runs may then be more than were asked for, by older ones of that kind.
	Alike int
	// Left counts the runs that were left out, by reason, for people: of those
	// that are as new as the oldest one in Runs, or of all where Runs are fewer
	// than were asked for. Of a long history it counts the newest of those.
	Left []LeftOut
	// Unreadable are the errors about stored runs that could not be read; they
	// name file and line.
	Unreadable []error
}

// LeftOut says how many stored runs a rule kept out of the baseline.
type LeftOut struct {
	Reason string
	Runs   int
}
