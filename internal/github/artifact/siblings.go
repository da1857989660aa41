package artifact

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// Listed is an artifact of the current workflow run.
type Listed struct {
	ID       int64
	Name     string
	Size     int64
	run, job string
}

// List lists the artifacts of the current workflow run that are complete. Of
// several with one name, as the attempts of a run leave them, the newest counts.
func (r *Results) List(ctx context.Context) ([]Listed, error) {
	answer, err := r.call(ctx, "ListArtifacts", map[string]any{})
	if err != nil {
		return nil, err
	}
	members, _ := answer["artifacts"].([]any)
	var all []Listed
	at := map[string]int{}
	for _, m := range members {
		a, ok := m.(map[string]any)
		if !ok {
			continue
		}
		l := Listed{Name: text(a, "name"), run: text(a, "workflow_run_backend_id"), job: text(a, "workflow_job_run_backend_id")}
		l.ID, _ = strconv.ParseInt(text(a, "database_id"), 10, 64)
		l.Size, _ = strconv.ParseInt(text(a, "size"), 10, 64)
		i, known := at[l.Name]
		switch {
		case !known:
			at[l.Name] = len(all)
			all = append(all, l)
		case l.ID > all[i].ID:
			all[i] = l
		}
	}
	return all, nil
}

// Download reads the zip file of an artifact of the current workflow run, of at
// most so many bytes.
func (r *Results) Download(ctx context.Context, l Listed, most int64) ([]byte, error) {
	if l.Size > most {
		return nil, fmt.Errorf("artifact %q: its %d bytes are more than the %d that are read", l.Name, l.Size, most)
	}
	// The service wants the ids of the job that uploaded it.
	of := *r
	if l.run != "" {
		of.run, of.job = l.run, l.job
	}
	answer, err := of.call(ctx, "GetSignedArtifactURL", map[string]any{"name": l.Name})
	if err != nil {
		return nil, fmt.Errorf("artifact %q: %w", l.Name, err)
	}
	at, err := r.blobPlace(text(answer, "signed_url"))
	if err != nil {
		return nil, fmt.Errorf("artifact %q: %w", l.Name, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return nil, plain(err)
	}
	resp, err := r.blobs.Do(req)
	if err != nil {
		return nil, fmt.Errorf("artifact %q: %w", l.Name, plain(err))
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("artifact %q: the blob store answered %s", l.Name, resp.Status)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, most+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("artifact %q: %w", l.Name, plain(err))
	case int64(len(data)) > most:
		return nil, errors.New("artifact " + strconv.Quote(l.Name) + ": it is longer than it says")
	}
	return data, nil
}
