package blob

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// azureKey is the key of the account of the tests, which is named acct.
var azureKey = base64.StdEncoding.EncodeToString([]byte("a key that is no secret"))

// azureFake speaks the part of Azure's Blob service that a store needs, as Microsoft
// documents it: Put Blob, Get Blob, Delete Blob, List Blobs, and the authorization
// by Shared Key. No emulator can be had as a Go module.
type azureFake struct {
	mu    sync.Mutex
	blobs map[string][]byte // by name
	tags  map[string]int
	count int
}

func azureServer(t testing.TB) *server {
	return serve(t, &azureFake{blobs: map[string][]byte{}, tags: map[string]int{}})
}

func (a *azureFake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	container, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch {
	case r.Header.Get("Authorization") == "" && r.URL.Query().Get("sig") != "hush":
		azureError(w, http.StatusUnauthorized, "NoAuthenticationInformation")
	case r.URL.Query().Get("sig") == "" && r.Header.Get("Authorization") != "SharedKey acct:"+azureSignature(r):
		azureError(w, http.StatusForbidden, "AuthenticationFailed")
	case container != "bucket":
		azureError(w, http.StatusNotFound, "ContainerNotFound")
	case r.URL.Query().Get("comp") == "list":
		a.list(w, r.URL.Query())
	default:
		a.object(w, r, name)
	}
}

func azureError(w http.ResponseWriter, status int, code string) {
	w.Header().Set("x-ms-error-code", code)
	w.WriteHeader(status)
	fmt.Fprintf(w, `<?xml version="1.0"?><Error><Code>%s</Code><Message>sig=hush</Message></Error>`, code)
}

// azureSignature is what Shared Key wants of a request.
func azureSignature(r *http.Request) string {
	length := r.Header.Get("Content-Length")
	if r.ContentLength > 0 {
		length = strconv.FormatInt(r.ContentLength, 10)
	}
	h := r.Header.Get
	text := strings.Join([]string{
		r.Method, h("Content-Encoding"), h("Content-Language"), strings.TrimPrefix(length, "0"), h("Content-MD5"), h("Content-Type"), "",
		h("If-Modified-Since"), h("If-Match"), h("If-None-Match"), h("If-Unmodified-Since"), h("Range"),
	}, "\n") + "\n"
	var names []string
	for name := range r.Header {
		if n := strings.ToLower(name); strings.HasPrefix(n, "x-ms-") {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	for _, n := range names {
		text += n + ":" + h(n) + "\n"
	}
	text += "/acct" + r.URL.EscapedPath()
	query := r.URL.Query()
	names = names[:0]
	for name := range query {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, n := range names {
		text += "\n" + n + ":" + strings.Join(query[n], ",")
	}
	key, _ := base64.StdEncoding.DecodeString(azureKey)
	sum := hmac.New(sha256.New, key)
	sum.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(sum.Sum(nil))
}

func (a *azureFake) object(w http.ResponseWriter, r *http.Request, name string) {
	body, there := a.blobs[name]
	switch {
	case r.Method == http.MethodPut && there && r.Header.Get("If-None-Match") == "*":
		azureError(w, http.StatusConflict, "BlobAlreadyExists")
	case r.Method == http.MethodPut:
		text, err := io.ReadAll(r.Body)
		if err != nil || r.Header.Get("x-ms-blob-type") != "BlockBlob" {
			azureError(w, http.StatusBadRequest, "InvalidHeaderValue")
			return
		}
		a.count++
		a.blobs[name], a.tags[name] = text, a.count
		w.WriteHeader(http.StatusCreated)
	case !there:
		azureError(w, http.StatusNotFound, "BlobNotFound")
	case r.Method == http.MethodDelete:
		delete(a.blobs, name)
		w.WriteHeader(http.StatusAccepted)
	default:
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body)
	}
}

// list gives pages of 100, as a service may give fewer than it was asked for.
func (a *azureFake) list(w http.ResponseWriter, query url.Values) {
	var names []string
	for name := range a.blobs {
		if strings.HasPrefix(name, query.Get("prefix")) && name >= query.Get("marker") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	next := ""
	if len(names) > 100 {
		names, next = names[:100], names[100]
	}
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="utf-8"?><EnumerationResults><Blobs>`)
	for _, name := range names {
		b.WriteString("<Blob><Name>")
		_ = xml.EscapeText(&b, []byte(name))
		fmt.Fprintf(&b, "</Name><Properties><Etag>0x%d</Etag><Content-Length>%d</Content-Length></Properties></Blob>", a.tags[name], len(a.blobs[name]))
	}
	fmt.Fprintf(&b, "</Blobs><NextMarker>%s</NextMarker></EnumerationResults>", next)
	w.Header().Set("Content-Type", "application/xml")
	_, _ = w.Write(b.Bytes())
}
