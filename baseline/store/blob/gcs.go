package blob

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"sync"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"
)

// gcs is a bucket of Google Cloud Storage. Its JSON API is spoken here, in the four
// requests that a store needs: Google's client takes 27.8 MB of the program, with
// all of gRPC. What signs the requests is Google's own.
type gcs struct {
	place  place
	base   string // of all addresses
	client *http.Client

	mu     sync.Mutex
	tokens oauth2.TokenSource // nil: nobody has asked for one yet
}

const gcsScope = "https://www.googleapis.com/auth/devstorage.read_write"

// openGCS connects to nothing.
func openGCS(p place, via http.RoundTripper) (bucket, error) {
	return &gcs{place: p, base: cmp.Or(p.endpoint(), "https://storage.googleapis.com"), client: &http.Client{Transport: via}}, nil
}

// sign adds what Google's libraries find as credentials. An endpoint of the
// address or of STORAGE_EMULATOR_HOST is no place to send them to.
func (g *gcs) sign(req *http.Request) error {
	if g.place.endpoint() != "" {
		return nil
	}
	tokens, err := g.source()
	if err != nil {
		return noAccess("no credentials: %s; they come from %s", plain(err.Error()), g.place.kind().credentials)
	}
	token, err := tokens.Token()
	if err != nil {
		return noAccess("the credentials give no token: %s; they come from %s", plain(err.Error()), g.place.kind().credentials)
	}
	token.SetAuthHeader(req)
	return nil
}

func (g *gcs) source() (oauth2.TokenSource, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.tokens != nil {
		return g.tokens, nil
	}
	// Tokens outlive the call that needs the first one.
	ctx := context.WithValue(context.Background(), oauth2.HTTPClient, &http.Client{Timeout: tokenTimeout})
	if file := g.place.getenv("GOOGLE_APPLICATION_CREDENTIALS"); file != "" {
		if _, err := os.Stat(file); err != nil {
			return nil, fmt.Errorf("GOOGLE_APPLICATION_CREDENTIALS: %w", err)
		}
	}
	found, err := google.FindDefaultCredentials(ctx, gcsScope)
	if err != nil {
		return nil, err
	}
	g.tokens = found.TokenSource
	return g.tokens, nil
}

// do sends a request and returns the body of the answer.
func (g *gcs) do(ctx context.Context, method, path string, query url.Values, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, g.base+path+"?"+query.Encode(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if err := g.sign(req); err != nil {
		return nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/zstd")
	}
	resp, err := g.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	text, err := readAll(resp.Body)
	if resp.StatusCode >= 300 {
		return nil, gcsFault(resp.StatusCode, text)
	}
	return text, err
}

func gcsFault(status int, text []byte) error {
	if status == http.StatusPreconditionFailed {
		return errExists
	}
	var answer struct {
		Error struct {
			Message string
			Errors  []struct{ Reason string }
		}
	}
	_ = json.Unmarshal(text, &answer) // another answer than JSON has the status alone
	f := &fault{code: http.StatusText(status), message: answer.Error.Message}
	if len(answer.Error.Errors) > 0 && answer.Error.Errors[0].Reason != "" {
		f.code = answer.Error.Errors[0].Reason
	}
	return f
}

func (g *gcs) object(key string) string {
	return "/storage/v1/b/" + url.PathEscape(g.place.bucket) + "/o/" + url.PathEscape(key)
}

func (g *gcs) get(ctx context.Context, key string) ([]byte, error) {
	body, err := g.do(ctx, http.MethodGet, g.object(key), url.Values{"alt": {"media"}}, nil)
	return body, missing(ctx, err)
}

// missing tells an object that is not there from other errors.
func missing(ctx context.Context, err error) error {
	if r, ok := ctx.Value(replyKey{}).(*reply); ok && err != nil && r.status == http.StatusNotFound {
		return errMissing
	}
	return err
}

func (g *gcs) put(ctx context.Context, key string, body []byte) error {
	query := url.Values{"uploadType": {"media"}, "name": {key}, "ifGenerationMatch": {"0"}}
	_, err := g.do(ctx, http.MethodPost, "/upload/storage/v1/b/"+url.PathEscape(g.place.bucket)+"/o", query, body)
	return err
}

func (g *gcs) list(ctx context.Context, prefix, token string) (page, error) {
	query := url.Values{"prefix": {prefix}, "maxResults": {strconv.Itoa(pageKeys)}, "fields": {"nextPageToken,items(name,size,etag)"}}
	if token != "" {
		query.Set("pageToken", token)
	}
	text, err := g.do(ctx, http.MethodGet, "/storage/v1/b/"+url.PathEscape(g.place.bucket)+"/o", query, nil)
	if err != nil {
		return page{}, err
	}
	var answer struct {
		NextPageToken string
		Items         []struct {
			Name, ETag string
			Size       int64 `json:",string"`
		}
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return page{}, fmt.Errorf("read the listing: %w", err)
	}
	found := page{next: answer.NextPageToken}
	for _, o := range answer.Items {
		found.objects = append(found.objects, listed{o.Name, o.Size, o.ETag})
	}
	return found, nil
}

func (g *gcs) remove(ctx context.Context, key string) error {
	_, err := g.do(ctx, http.MethodDelete, g.object(key), nil, nil)
	if missing(ctx, err) == errMissing {
		return nil
	}
	return err
}
