package dash

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/collect"
)

// What a request to store runs may have.
const (
	mostBody    = 32 << 20
	mostRecords = 1000
)

// putResult is what became of a record.
type putResult struct {
	ID     string `json:"run_id"`
	Status string `json:"status"`
}

// What becomes of a record.
const (
	stored   = "stored"
	isKnown  = "known"
	conflict = "conflict"
)

// put stores the runs of a request.
func (s *Server) put(w http.ResponseWriter, r *http.Request) {
	label(r, "POST /api/v1/runs")
	runs, err := s.sent(w, r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience[heavy])
	defer cancel()
	results, err := s.store(ctx, runs)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	status := http.StatusOK
	for _, one := range results {
		if one.Status == stored {
			status = http.StatusCreated
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	sendJSON(w, r, status, struct {
		Results []putResult `json:"results"`
	}{results})
}

// sent reads the runs of a request.
func (s *Server) sent(w http.ResponseWriter, r *http.Request) ([]collect.Run, error) {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case !s.o.Write:
		return nil, notAllowed("this server is read-only; plumbline serve --write takes runs")
	case len(r.URL.RawQuery) > 0:
		return nil, problemf(http.StatusBadRequest, "the query %q has no meaning here; want none", r.URL.RawQuery)
	case err != nil || media != "application/json" && media != "application/x-ndjson":
		return nil, problemf(http.StatusUnsupportedMediaType, "Content-Type %q: want application/json for a record, or application/x-ndjson for one a line", r.Header.Get("Content-Type"))
	case r.Header.Get("Content-Encoding") != "":
		return nil, problemf(http.StatusUnsupportedMediaType, "Content-Encoding %q: want none", r.Header.Get("Content-Encoding"))
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostBody))
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		return nil, problemf(http.StatusRequestEntityTooLarge, "the body has more than %d bytes; send fewer records at once", mostBody)
	}
	if err != nil {
		return nil, problemf(http.StatusRequestTimeout, "the body cannot be read to its end: %v", err)
	}
	if media == "application/json" {
		var one bytes.Buffer
		for _, c := range body { // a record may stand on several lines, of which no text has the end
			if c == '\n' || c == '\r' {
				c = ' '
			}
			one.WriteByte(c)
		}
		body = one.Bytes()
	}
	return s.records(append(body, '\n')) // a line without an end counts as torn
}

// records are the runs of a body.
func (s *Server) records(body []byte) (runs []collect.Run, err error) {
	mine := baseline.Filter{Repositories: s.o.Repositories}
	for r, err := range collect.NewReader(bytes.NewReader(body), "body").Runs() {
		switch {
		case err != nil:
			return nil, problemf(http.StatusBadRequest, "%v; want a record, as in a .jsonl file of a store", err)
		case !mine.Fits(r.Origin):
			return nil, notAllowed("run %q is of the repository %q; this server takes runs of %v", r.ID, r.Repository, s.o.Repositories)
		case len(runs) == mostRecords:
			return nil, problemf(http.StatusRequestEntityTooLarge, "the body has more than %d records; send fewer at once", mostRecords)
		}
		runs = append(runs, r)
	}
	if len(runs) == 0 {
		return nil, problemf(http.StatusBadRequest, "the body holds no record; want one, as in a .jsonl file of a store")
	}
	return runs, nil
}

// store stores the runs that are not there yet, or none where an id has another run.
func (s *Server) store(ctx context.Context, runs []collect.Run) ([]putResult, error) {
	select {
	case s.puts <- struct{}{}: // of two that send the same id, one comes first
		defer func() { <-s.puts }()
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(mostWaited):
		return nil, problemf(http.StatusTooManyRequests, "others store runs; send them again in a moment")
	}
	results, fresh, clash := make([]putResult, len(runs)), []collect.Run(nil), false
	seen := map[string]collect.Run{}
	for i, r := range runs {
		old, ok := seen[r.ID]
		if !ok {
			var err error
			if old, ok, err = s.stored(ctx, r); err != nil {
				return nil, err
			}
		}
		results[i] = putResult{r.ID, stored}
		switch {
		case !ok:
			fresh = append(fresh, r)
			seen[r.ID] = r
		case same(old, r):
			results[i].Status = isKnown
		default:
			results[i].Status, clash = conflict, true
		}
	}
	if clash {
		p := problemf(http.StatusConflict, "another run has the same run_id, and nothing was stored; want an id of its own for each run")
		p.Results = results
		return nil, p
	}
	if len(fresh) == 0 {
		return results, nil
	}
	if err := baseline.PutAll(ctx, s.o.Store, fresh); err != nil {
		return nil, problemf(http.StatusBadGateway, "the runs cannot be stored: %v; send them again: what is there already stays as it is", err)
	}
	s.arrived(fresh)
	return results, nil
}

// stored is the run that has the id of another.
func (s *Server) stored(ctx context.Context, r collect.Run) (old collect.Run, ok bool, err error) {
	var there *baseline.Entry
	err = s.each(ctx, baseline.Filter{ID: r.ID}, func(e baseline.Entry) bool {
		if e.ID == r.ID {
			there = &e
		}
		return there == nil
	})
	if err != nil || there == nil {
		return old, false, err
	}
	old, err = s.o.Store.Get(ctx, *there)
	return old, err == nil, err
}

// same reports whether two runs are one, as their records say.
func same(a, b collect.Run) bool {
	x, errA := collect.AppendRecord(nil, a)
	y, errB := collect.AppendRecord(nil, b)
	return errA == nil && errB == nil && bytes.Equal(x, y)
}
