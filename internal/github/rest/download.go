package rest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// ErrGone is why an artifact cannot be had: it has expired or was deleted.
var ErrGone = errors.New("it has expired or was deleted")

// Download reads an artifact's zip file, which may not be longer than most
// bytes, and checks its digest where GitHub knows one.
func (r *Repo) Download(ctx context.Context, a Artifact, most int64) ([]byte, error) {
	switch {
	case a.Expired:
		return nil, ErrGone
	case a.Size > most:
		return nil, fmt.Errorf("its %d bytes are more than the %d that are read", a.Size, most)
	}
	at, err := r.location(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	data, err := r.blob(ctx, at, most)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	if want, ok := strings.CutPrefix(a.Digest, "sha256:"); ok && want != hex.EncodeToString(sum[:]) {
		return nil, errors.New("its bytes do not have the digest that GitHub tells: it is damaged")
	}
	return data, nil
}

// location asks where the zip lies. That address needs no token, holds a
// signature, and is good for a minute.
func (r *Repo) location(ctx context.Context, id int64) (*url.URL, error) {
	req, err := r.gh.NewRequest("GET", fmt.Sprintf("repos/%s/%s/actions/artifacts/%d/zip", r.owner, r.name, id), nil)
	if err != nil {
		return nil, err
	}
	resp, err := r.gh.Client().Transport.RoundTrip(req.WithContext(ctx))
	if err != nil {
		return nil, wrap("download artifact", "", err)
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusFound, http.StatusTemporaryRedirect:
	case http.StatusGone, http.StatusNotFound:
		return nil, ErrGone
	default:
		return nil, wrap("download artifact", "actions: read", &statusError{resp.StatusCode, "GitHub answered " + resp.Status})
	}
	at, err := resp.Location()
	if err != nil {
		return nil, errors.New("download artifact: GitHub's answer names no place")
	}
	return at, r.allowed(at)
}

// allowed refuses places that are no https, but where the interface itself is
// none, as in tests and behind a proxy on the same machine.
func (r *Repo) allowed(at *url.URL) error {
	if at.Scheme == "https" || at.Scheme == "http" && r.gh.BaseURL.Scheme == "http" {
		return nil
	}
	return fmt.Errorf("download artifact: GitHub names a place on %s that is no https", at.Host)
}

func (r *Repo) blob(ctx context.Context, at *url.URL, most int64) ([]byte, error) {
	var data []byte
	var err error
	for try := range 3 {
		if data, err = r.blobOnce(ctx, at, most); err == nil || ctx.Err() != nil || Status(err)/100 == 4 {
			return data, err
		}
		r.limits.log(fmt.Sprintf("the artifact could not be downloaded (%v); trying again", err))
		if err := pause(ctx, r.limits.wait(try, nil)); err != nil {
			return nil, err
		}
	}
	return nil, err
}

func (r *Repo) blobOnce(ctx context.Context, at *url.URL, most int64) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, "GET", at.String(), nil)
	if err != nil {
		return nil, Plain(err)
	}
	resp, err := r.blobs.Do(req)
	if err != nil {
		return nil, fmt.Errorf("download artifact: %w", Plain(err))
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, &statusError{resp.StatusCode, "download artifact: the store answered " + resp.Status}
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, most+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("download artifact: %w", Plain(err))
	case int64(len(data)) > most:
		return nil, fmt.Errorf("download artifact: it is longer than the %d bytes that are read", most)
	}
	return data, nil
}
