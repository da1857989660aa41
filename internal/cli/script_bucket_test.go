package cli

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/rogpeppe/go-internal/testscript"
)

// buckets is the object storage of a script.
type buckets struct {
	http.Handler
	keys     *s3mem.Backend
	requests atomic.Int64
	deny     atomic.Bool
}

func (b *buckets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.requests.Add(1)
	if b.deny.Load() {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>")
		return
	}
	b.Handler.ServeHTTP(w, r)
}

type bucketsKey struct{}

// cmdBucket is a server that speaks the protocol of S3, with a bucket named bucket:
//
//	bucket start        the program finds it by AWS_ENDPOINT_URL
//	bucket most N       of the requests since the last such line there were N at most
//	bucket deny         from now on no access is granted
//	bucket keys FILE    writes the names of all objects
func cmdBucket(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: bucket start|most|deny|keys ...")
	}
	b, _ := ts.Value(bucketsKey{}).(*buckets)
	switch what := args[0]; {
	case what == "start":
		startBucket(ts)
	case what == "deny":
		b.deny.Store(true)
	case what == "most" && len(args) == 2:
		if n := b.requests.Swap(0); n == 0 || !noMoreThan(n, args[1]) {
			ts.Fatalf("%d requests came, want some and at most %s", n, args[1])
		}
	case what == "keys" && len(args) == 2:
		found, err := b.keys.ListBucket("bucket", &gofakes3.Prefix{}, gofakes3.ListBucketPage{})
		ts.Check(err)
		var names strings.Builder
		for _, o := range found.Contents {
			fmt.Fprintln(&names, o.Key)
		}
		ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(names.String()), 0o644))
	default:
		ts.Fatalf("bucket: unknown %q", args)
	}
}

func noMoreThan(n int64, text string) bool {
	var most int64
	_, err := fmt.Sscan(text, &most)
	return err == nil && n <= most
}

func startBucket(ts *testscript.TestScript) {
	b := ts.Value(bucketsKey{}).(*buckets)
	b.keys = s3mem.New()
	ts.Check(b.keys.CreateBucket("bucket"))
	b.Handler = gofakes3.New(b.keys, gofakes3.WithLogger(gofakes3.DiscardLog())).Server()
	server := httptest.NewServer(b)
	ts.Defer(server.Close)
	ts.Setenv("AWS_ENDPOINT_URL", server.URL)
	ts.Setenv("AWS_ACCESS_KEY_ID", "id")
	ts.Setenv("AWS_SECRET_ACCESS_KEY", "hush")
}
