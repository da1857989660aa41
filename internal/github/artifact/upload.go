package artifact

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// blockSize is what is sent in one request, as in GitHub's toolkit.
const blockSize = 8 << 20

// Upload stores a zip file as an artifact of the current workflow run and
// returns its id. Days is how long it is kept; 0: as the repository says. Where
// the run has one of that name the error is ErrExists.
func (r *Results) Upload(ctx context.Context, name string, zip []byte, days int) (int64, error) {
	ask := map[string]any{"name": name, "version": 4}
	if days > 0 {
		ask["expires_at"] = time.Now().UTC().AddDate(0, 0, days).Format(time.RFC3339)
	}
	answer, err := r.call(ctx, "CreateArtifact", ask)
	if err != nil {
		return 0, r.exists(err)
	}
	at := text(answer, "signed_upload_url")
	if at == "" {
		return 0, errors.New("the artifact service made the artifact and named no place for it")
	}
	if err := r.putBlob(ctx, at, zip); err != nil {
		return 0, err
	}
	return r.finalize(ctx, name, zip)
}

// finalize makes an upload an artifact. Where the answer is lost it may be one
// already, and a second request would be refused: so it looks before it asks
// again.
func (r *Results) finalize(ctx context.Context, name string, zip []byte) (int64, error) {
	sum := sha256.Sum256(zip)
	ask := map[string]any{"name": name, "size": strconv.Itoa(len(zip)), "hash": "sha256:" + hex.EncodeToString(sum[:])}
	for try := 0; ; try++ {
		answer, err := r.callTries(ctx, "FinalizeArtifact", ask, 1)
		if err == nil {
			id, err := strconv.ParseInt(text(answer, "artifact_id"), 10, 64)
			if err != nil {
				return 0, errors.New("the artifact service did not confirm the upload")
			}
			return id, nil
		}
		var bad *serviceError
		if errors.As(err, &bad) && !bad.again() || try+1 >= mostTries || !r.wait(ctx, try, err) {
			return 0, err
		}
		if all, listErr := r.List(ctx); listErr == nil {
			if i := slices.IndexFunc(all, func(l Listed) bool { return l.Name == name }); i >= 0 {
				return all[i].ID, nil
			}
		}
	}
}

func (r *Results) exists(err error) error {
	if bad := (*serviceError)(nil); errors.As(err, &bad) && bad.status == http.StatusConflict {
		return ErrExists
	}
	return err
}

// blockList is the body of Put Block List.
type blockList struct {
	XMLName xml.Name `xml:"BlockList"`
	Latest  []string `xml:"Latest"`
}

// putBlob sends the blocks and then their list, which makes them the blob. Only
// this way is known to every server that imitates GitHub's.
func (r *Results) putBlob(ctx context.Context, at string, data []byte) error {
	u, err := r.blobPlace(at)
	if err != nil {
		return err
	}
	var list blockList
	for start := 0; start < len(data) || start == 0; start += blockSize {
		id := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "plumbline-%08d", len(list.Latest)))
		list.Latest = append(list.Latest, id)
		block := data[start:min(start+blockSize, len(data))]
		if err := r.put(ctx, u, "comp=block&blockid="+url.QueryEscape(id), "application/octet-stream", block); err != nil {
			return err
		}
	}
	body, err := xml.Marshal(list)
	if err != nil {
		return err
	}
	return r.put(ctx, u, "comp=blocklist", "application/zip", append([]byte(xml.Header), body...))
}

// blobPlace reads a signed address. Http is good enough only where the service
// itself is reached by it.
func (r *Results) blobPlace(at string) (*url.URL, error) {
	u, err := url.Parse(at)
	if err != nil || u.Host == "" {
		return nil, errors.New("the artifact service names a place that is no address")
	}
	own, err := url.Parse(r.origin)
	if err != nil || u.Scheme != "https" && !(u.Scheme == "http" && own.Scheme == "http") {
		return nil, fmt.Errorf("the artifact service names a place on %s that is no https", u.Host)
	}
	return u, nil
}

// put sends one request to the blob store: no token, and the signature that is
// in the address stays as it is, byte for byte.
func (r *Results) put(ctx context.Context, at *url.URL, query, kind string, body []byte) error {
	to := *at
	if to.RawQuery != "" {
		query = to.RawQuery + "&" + query
	}
	to.RawQuery = query
	for try := 0; ; try++ {
		err := r.putOnce(ctx, &to, kind, body)
		var bad *serviceError
		if err == nil || ctx.Err() != nil || errors.As(err, &bad) && !bad.again() || try+1 >= mostTries {
			return err
		}
		if !r.wait(ctx, try, err) {
			return err
		}
	}
}

func (r *Results) putOnce(ctx context.Context, to *url.URL, kind string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, to.String(), bytes.NewReader(body))
	if err != nil {
		return plain(err)
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("X-Ms-Blob-Content-Type", "application/zip")
	resp, err := r.blobs.Do(req)
	if err != nil {
		return fmt.Errorf("upload artifact: %w", plain(err))
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(resp.Body, mostAnswer)); err != nil {
		return fmt.Errorf("upload artifact: %w", plain(err))
	}
	if resp.StatusCode != http.StatusCreated {
		return &serviceError{resp.StatusCode, "", "the blob store did not take the artifact"}
	}
	return nil
}
