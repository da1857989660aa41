package blob

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/fsouza/fake-gcs-server/fakestorage"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/baseline/store/storetest"
)

// server is object storage of a test.
type server struct {
	http.Handler
	requests atomic.Int64
	fault    atomic.Pointer[answering]
	url      string
}

// answering may answer a request in the server's place.
type answering func(w http.ResponseWriter, r *http.Request) (done bool)

// fails sets what may answer requests in the server's place; nil: nothing does.
func (s *server) fails(f answering) { s.fault.Store(&f) }

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.requests.Add(1)
	if f := s.fault.Load(); f == nil || *f == nil || !(*f)(w, r) {
		s.Handler.ServeHTTP(w, r)
	}
}

// serve starts object storage that has a bucket named bucket.
func serve(t testing.TB, h http.Handler) *server {
	s := &server{Handler: h}
	web := httptest.NewUnstartedServer(s)
	web.Config.ErrorLog = log.New(io.Discard, "", 0)
	web.Start()
	t.Cleanup(web.Close)
	s.url = web.URL
	return s
}

func s3Server(t testing.TB) *server {
	memory := s3mem.New()
	if err := memory.CreateBucket("bucket"); err != nil {
		t.Fatal(err)
	}
	return serve(t, gofakes3.New(memory, gofakes3.WithLogger(gofakes3.DiscardLog())).Server())
}

func gcsServer(t testing.TB) *server {
	fake, err := fakestorage.NewServerWithOptions(fakestorage.Options{NoListener: true, Writer: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(fake.Stop)
	fake.CreateBucketWithOpts(fakestorage.CreateBucketOpts{Name: "bucket"})
	return serve(t, fake.HTTPHandler())
}

// kinds are all kinds of object storage.
var kinds = []struct {
	name    string
	server  func(t testing.TB) *server
	address string
	env     map[string]string
}{
	{"s3", s3Server, "s3://bucket/some/prefix?region=eu-test-1&endpoint=", map[string]string{"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "hush"}},
	{"gs", gcsServer, "gs://bucket/some/prefix?endpoint=", nil},
	{"azblob", azureServer, "azblob://bucket/some/prefix?account=acct&endpoint=", map[string]string{"AZURE_STORAGE_KEY": azureKey}},
}

func env(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

// open opens the store of a server.
func open(t testing.TB, s *server, address string, vars map[string]string) *Store {
	t.Helper()
	store, err := Open(address+url.QueryEscape(s.url), env(vars))
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func TestStores(t *testing.T) {
	t.Parallel()
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			storetest.Suite(t, func(t *testing.T) baseline.Store { return open(t, k.server(t), k.address, k.env) })
		})
		t.Run(k.name+" by two", func(t *testing.T) { // who reads is another process than who writes
			t.Parallel()
			storetest.Suite(t, func(t *testing.T) baseline.Store {
				s := k.server(t)
				return others{func() *Store { return open(t, s, k.address, k.env) }}
			})
		})
	}
}

// others is a store of which each call is one of another process.
type others struct{ open func() *Store }

func (o others) Put(ctx context.Context, r run) error { return o.open().Put(ctx, r) }

func (o others) List(ctx context.Context, f baseline.Filter) entries { return o.open().List(ctx, f) }

func (o others) Get(ctx context.Context, e baseline.Entry) (run, error) { return o.open().Get(ctx, e) }

func (o others) Delete(ctx context.Context, ids ...string) error { return o.open().Delete(ctx, ids...) }

func (o others) View(ctx context.Context, e baseline.Entry, read func([]byte) error) error {
	return o.open().View(ctx, e, read)
}

// fill puts runs of a suite, an hour apart, with many metrics.
func fill(t testing.TB, s baseline.Store, runs, metrics int) {
	t.Helper()
	for i := range runs {
		storetest.Fill(t, s, suiteRun(i, metrics))
	}
}

func suiteRun(i, metrics int) run {
	r := storetest.Run(fmt.Sprintf("run-%04d", i), 60*i)
	r.Repository, r.Job, r.Type, r.Commit = "o/r", "unit", "results", fmt.Sprintf("%040x", i)
	for m := range metrics {
		r.Metrics = append(r.Metrics, storetest.Value(fmt.Sprintf("bench/Some.Name%d.ns_per_op", m), float64(m)+float64(i%7)/100))
	}
	return r
}

// A baseline is a listing for the suite, one for the runs that do not say theirs,
// and one read.
func TestRequestsOfABaseline(t *testing.T) {
	t.Parallel()
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			s := k.server(t)
			fill(t, open(t, s, k.address, k.env), 50, 1000)
			q := baseline.Query{Head: suiteRun(50, 0).Origin, Branch: "main", Runs: 50}
			for i, most := range []int64{1000, 3, 3} {
				before := s.requests.Load()
				b, err := baseline.Fetch(t.Context(), open(t, s, k.address, k.env), q)
				if err != nil || len(b.Runs) != 50 || len(b.Metrics) != 1000 || len(b.Unreadable) > 0 {
					t.Fatalf("Fetch = %d runs of %d metrics, %v, %v", len(b.Runs), len(b.Metrics), b.Unreadable, err)
				}
				if n := s.requests.Load() - before; n > most {
					t.Errorf("reading %d took %d requests, want at most %d", i, n, most)
				}
			}
		})
	}
}

// Runs that do not say their suite, as those of a desk, take one request less; so
// does a command that has looked for the newest run before.
func TestRequestsOfACommand(t *testing.T) {
	t.Parallel()
	k := kinds[0]
	s := k.server(t)
	writer := open(t, s, k.address, k.env)
	for i := range 20 {
		storetest.Fill(t, writer, storetest.Run(fmt.Sprint("run-", i), i, storetest.Value("m", 1)))
	}
	storetest.Listing(t, open(t, s, k.address, k.env), baseline.Filter{})
	before := s.requests.Load()
	reader := open(t, s, k.address, k.env)
	head, _, err := baseline.FindLooks(t.Context(), reader, baseline.Latest)
	if err != nil || head.ID != "run-19" {
		t.Fatalf("FindLooks = %q, %v", head.ID, err)
	}
	b, err := baseline.Fetch(t.Context(), reader, baseline.Query{Head: head.Origin, Branch: "main"})
	if err != nil || len(b.Runs) != 19 {
		t.Fatalf("Fetch = %d runs, %v", len(b.Runs), err)
	}
	if n := s.requests.Load() - before; n != 2 {
		t.Errorf("to find the head and its baseline took %d requests, want a listing and a read", n)
	}
}

func TestOpenConnectsToNothing(t *testing.T) {
	t.Parallel()
	for _, k := range kinds {
		s := k.server(t)
		open(t, s, k.address, k.env)
		if n := s.requests.Load(); n > 0 {
			t.Errorf("%s: Open sent %d requests, want none", k.name, n)
		}
	}
}
