package githubtest

import (
	"bytes"
	"crypto/subtle"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// blobPath is below where the blob store lies. In life it is another host, one
// that refuses a request with an Authorization header.
const blobPath = "/blob/"

// blob is one object of the store with the signature that opens it.
type blob struct {
	name, sig string
	until     time.Time
	blocks    map[string][]byte // staged, by id
	data      []byte
	committed bool
}

func (f *Fake) newBlob(data []byte, valid time.Duration) *blob {
	n := f.next()
	b := &blob{
		name: fmt.Sprintf("%x-%d", n*2654435761%4294967296, n), sig: base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "signature+of/%d==", n)),
		until: f.Now().Add(valid), blocks: map[string][]byte{}, data: data, committed: data != nil,
	}
	f.blobs[b.name] = b
	return b
}

// url is the blob's signed address, for reading or writing.
func (b *blob) url(r *http.Request, permission string) string {
	q := url.Values{"sig": {b.sig}, "se": {b.until.UTC().Format(time.RFC3339)}, "sp": {permission}, "sv": {"2025-11-05"}}
	return base(r) + blobPath + b.name + "?" + q.Encode()
}

// serveBlob checks the signature (Azure docs, SAS) and hands on by method.
func (f *Fake) serveBlob(w http.ResponseWriter, r *http.Request, body []byte) {
	b, q := f.blobs[strings.TrimPrefix(r.URL.Path, blobPath)], r.URL.Query()
	may := map[string]string{http.MethodGet: "r", http.MethodHead: "r", http.MethodPut: "w"}[r.Method]
	switch {
	case r.Header.Get("Authorization") != "":
		f.violate(r, "an Authorization header on its way to the blob store")
		blobError(w, http.StatusBadRequest, "InvalidAuthenticationInfo", "Authentication information is not given in the correct format. Check the value of Authorization header.")
	case b == nil:
		f.violate(r, "no such blob")
		blobError(w, http.StatusNotFound, "BlobNotFound", "The specified blob does not exist.")
	case subtle.ConstantTimeCompare([]byte(q.Get("sig")), []byte(b.sig)) == 0 || may == "" || q.Get("sp") != may:
		f.violate(r, "a signature that is not the blob's, or not for this")
		blobError(w, http.StatusForbidden, "AuthenticationFailed", "Server failed to authenticate the request.")
	case !f.Now().Before(b.until):
		blobError(w, http.StatusForbidden, "AuthenticationFailed", "Signature not valid in the specified time frame")
	case r.Method == http.MethodPut:
		f.putBlob(w, r, b, body)
	case !b.committed:
		blobError(w, http.StatusNotFound, "BlobNotFound", "The specified blob does not exist.")
	default:
		w.Header().Set("Content-Type", "application/zip")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b.data))
	}
}

func (f *Fake) putBlob(w http.ResponseWriter, r *http.Request, b *blob, body []byte) {
	switch r.URL.Query().Get("comp") {
	case "block":
		f.putBlock(w, r, b, body)
	case "blocklist":
		f.putList(w, r, b, body)
	case "":
		if r.Header.Get("X-Ms-Blob-Type") != "BlockBlob" {
			f.violate(r, "Put Blob without x-ms-blob-type: BlockBlob")
			blobError(w, http.StatusBadRequest, "MissingRequiredHeader", "An HTTP header that's mandatory for this request is not specified.")
			return
		}
		if !f.IgnorePutBlob {
			b.data, b.committed = body, true
		}
		w.WriteHeader(http.StatusCreated)
	default:
		f.violate(r, "comp=%s, want block or blocklist", r.URL.Query().Get("comp"))
		blobError(w, http.StatusBadRequest, "InvalidQueryParameterValue", "Value for one of the query parameters specified in the request URI is invalid.")
	}
}

// putBlock stages a block (Azure docs, Put Block: ids are base64, at most 64
// bytes, and of one length within a blob; an empty block is refused).
func (f *Fake) putBlock(w http.ResponseWriter, r *http.Request, b *blob, body []byte) {
	id := r.URL.Query().Get("blockid")
	plain, err := base64.StdEncoding.DecodeString(id)
	odd := err != nil || len(plain) == 0 || len(plain) > 64
	for other := range b.blocks {
		odd = odd || len(other) != len(id)
	}
	switch {
	case odd:
		f.violate(r, "blockid %q, want base64 of at most 64 bytes, as long as the others", id)
		blobError(w, http.StatusBadRequest, "InvalidBlobOrBlock", "The specified blob or block content is invalid.")
	case len(body) == 0:
		f.violate(r, "an empty block")
		blobError(w, http.StatusBadRequest, "InvalidHeaderValue", "The value for one of the HTTP headers is not in the correct format.")
	default:
		b.blocks[id] = body
		w.WriteHeader(http.StatusCreated)
	}
}

// putList commits blocks in the order of the list, not of their arrival.
func (f *Fake) putList(w http.ResponseWriter, r *http.Request, b *blob, body []byte) {
	var list struct {
		XMLName xml.Name `xml:"BlockList"`
		Items   []struct {
			XMLName xml.Name
			ID      string `xml:",chardata"`
		} `xml:",any"`
	}
	if err := xml.Unmarshal(body, &list); err != nil {
		f.violate(r, "block list: %v", err)
		blobError(w, http.StatusBadRequest, "InvalidXmlDocument", "XML specified is not syntactically valid.")
		return
	}
	var data []byte
	for _, item := range list.Items {
		block, ok := b.blocks[strings.TrimSpace(item.ID)]
		if !ok || !slices.Contains([]string{"Latest", "Uncommitted"}, item.XMLName.Local) {
			f.violate(r, "block list: no block %q as %s", item.ID, item.XMLName.Local)
			blobError(w, http.StatusBadRequest, "InvalidBlockList", "The specified block list is invalid.")
			return
		}
		data = append(data, block...)
	}
	b.data, b.committed, b.blocks = data, true, map[string][]byte{}
	w.WriteHeader(http.StatusCreated)
}

func blobError(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/xml")
	w.Header().Set("X-Ms-Error-Code", code)
	w.WriteHeader(status)
	fmt.Fprintf(w, `<?xml version="1.0" encoding="utf-8"?><Error><Code>%s</Code><Message>%s</Message></Error>`, code, message)
}
