package blob

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/baseline/store/storetest"
)

// s3Error answers as S3 does.
func s3Error(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, `<?xml version="1.0"?><Error><Code>%s</Code><Message>told</Message><RequestId>1</RequestId></Error>`, code)
}

// times lets a fault happen to the first requests of a method.
func times(n int64, method string, fault func(w http.ResponseWriter, r *http.Request)) func(http.ResponseWriter, *http.Request) bool {
	var seen atomic.Int64
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != method || seen.Add(1) > n {
			return false
		}
		fault(w, r)
		return true
	}
}

// cutOff answers as the server does, and breaks off in the middle of the body.
func cutOff(s *server) func(w http.ResponseWriter, r *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		whole := httptest.NewRecorder()
		s.Handler.ServeHTTP(whole, r)
		for name, values := range whole.Header() {
			w.Header()[name] = values
		}
		w.Header().Set("Content-Length", fmt.Sprint(whole.Body.Len()))
		_, _ = w.Write(whole.Body.Bytes()[:whole.Body.Len()/2])
		panic(http.ErrAbortHandler)
	}
}

// What passes by itself is waited for, and nobody notices.
func TestFaultsThatPass(t *testing.T) {
	t.Parallel()
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			put := http.MethodPut
			if k.name == "gs" {
				put = http.MethodPost
			}
			for _, row := range []struct {
				name, method string
				fault        func(s *server) func(w http.ResponseWriter, r *http.Request)
			}{
				{"write 500", put, answer(http.StatusInternalServerError, "InternalError")},
				{"read 500", http.MethodGet, answer(http.StatusInternalServerError, "InternalError")},
				{"write slow down", put, answer(http.StatusServiceUnavailable, "SlowDown")},
				{"read slow down", http.MethodGet, answer(http.StatusServiceUnavailable, "SlowDown")},
				{"too many", http.MethodGet, answer(http.StatusTooManyRequests, "TooManyRequests")},
				{"read cut off", http.MethodGet, cutOff},
				{"hung up", put, func(*server) func(http.ResponseWriter, *http.Request) {
					return func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
				}},
				{"written, and hung up", put, func(s *server) func(http.ResponseWriter, *http.Request) {
					return func(_ http.ResponseWriter, r *http.Request) {
						s.Handler.ServeHTTP(httptest.NewRecorder(), r)
						panic(http.ErrAbortHandler)
					}
				}},
			} {
				t.Run(row.name, func(t *testing.T) {
					t.Parallel()
					s := k.server(t)
					s.fails(times(2, row.method, row.fault(s)))
					storetest.Fill(t, open(t, s, k.address, k.env), storetest.Run("a", 0, storetest.Value("m", 1)))
					other := open(t, s, k.address, k.env)
					storetest.WantIDs(t, other, "a")
				})
			}
		})
	}
}

func answer(status int, code string) func(*server) func(http.ResponseWriter, *http.Request) {
	return func(*server) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, _ *http.Request) { s3Error(w, status, code) }
	}
}

// A server that asks to wait is given the time.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	s := s3Server(t)
	s.fails(times(1, http.MethodPut, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "2")
		s3Error(w, http.StatusServiceUnavailable, "SlowDown")
	}))
	begin := time.Now()
	storetest.Fill(t, open(t, s, kinds[0].address, kinds[0].env), storetest.Run("a", 0))
	if took := time.Since(begin); took < 2*time.Second {
		t.Errorf("the next try came after %s, want 2 s at the least", took)
	}
	for text, want := range map[string]time.Duration{"": 0, "7": 7 * time.Second, "-1": 0, "soon": 0, "Fri, 30 May 2025 12:00:09 GMT": 9 * time.Second} {
		h := http.Header{"Retry-After": {text}, "Date": {"Fri, 30 May 2025 12:00:00 GMT"}}
		if got := retryAfter(h); got != want {
			t.Errorf("Retry-After: %q means %s, want %s", text, got, want)
		}
	}
}

// A server that answers slowly is waited for, as long as the caller is willing.
func TestSlow(t *testing.T) {
	t.Parallel()
	s := s3Server(t)
	held := make(chan struct{})
	s.fails(func(_ http.ResponseWriter, r *http.Request) bool {
		select {
		case <-held:
		case <-r.Context().Done():
		}
		return false
	})
	store := open(t, s, kinds[0].address, kinds[0].env)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := store.Put(ctx, storetest.Run("a", 0)); err == nil || ctx.Err() == nil {
		t.Errorf("Put to a server that hangs = %v, want that the context ends it", err)
	}
	close(held)
	storetest.Fill(t, store, storetest.Run("a", 0))
	storetest.WantIDs(t, store, "a")
}

// What does not pass is said once: where, what, and what to do.
func TestFaultsThatStay(t *testing.T) {
	t.Parallel()
	k := kinds[0]
	for _, row := range []struct {
		name   string
		status int
		code   string
		header http.Header
		want   string
	}{
		{"denied", 403, "AccessDenied", nil, `write v1/part/_/_/_/_/main/run-8251393599999999-20250530T120000-a.jsonl.zst of store "s3://bucket": 403 AccessDenied told; the credentials may not write here; what they need is s3:PutObject`},
		{"wrong key", 403, "InvalidAccessKeyId", nil, "the credentials are wrong; they come from AWS_ACCESS_KEY_ID"},
		{"wrong secret", 403, "SignatureDoesNotMatch", nil, "the credentials are wrong"},
		{"expired", 400, "ExpiredToken", nil, "no longer valid: get new ones"},
		{"region", 301, "PermanentRedirect", http.Header{"X-Amz-Bucket-Region": {"eu-west-3"}}, "the bucket is in another region (eu-west-3): name it, as in s3://bucket/?region=NAME"},
		{"no bucket", 404, "NoSuchBucket", nil, `there is no bucket "bucket": make it, or correct the address`},
		{"skewed", 403, "RequestTimeTooSkewed", http.Header{"Date": {time.Now().Add(3 * time.Hour).UTC().Format(http.TimeFormat)}}, "the clock of this machine and that of the server differ by "},
		{"skewed, other words", 403, "AccessDenied", http.Header{"Date": {time.Now().Add(-3 * time.Hour).UTC().Format(http.TimeFormat)}}, "differ by 3h0m"},
		{"no conditions", 501, "NotImplemented", nil, "the server has no conditional writes: give s3://bucket/?conditional=off"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := s3Server(t)
			s.fails(func(w http.ResponseWriter, _ *http.Request) bool {
				for name, values := range row.header {
					w.Header()[name] = values
				}
				s3Error(w, row.status, row.code)
				return true
			})
			err := open(t, s, "s3://bucket?region=eu-test-1&endpoint=", k.env).Put(t.Context(), storetest.Run("a", 0))
			if err == nil || !strings.Contains(err.Error(), row.want) || strings.Contains(err.Error(), "hush") {
				t.Errorf("Put = %v, want %s", err, row.want)
			}
			if n := s.requests.Load(); n != 1 {
				t.Errorf("%d requests were sent, want one", n)
			}
		})
	}
}

// A server without conditional writes can be used when one says so.
func TestUnconditional(t *testing.T) {
	t.Parallel()
	s := s3Server(t)
	s.fails(func(w http.ResponseWriter, r *http.Request) bool {
		conditional := r.Header.Get("If-None-Match") != ""
		if conditional {
			s3Error(w, http.StatusNotImplemented, "NotImplemented")
		}
		return conditional
	})
	store := open(t, s, "s3://bucket?conditional=off&endpoint=", kinds[0].env)
	r := storetest.Run("a", 0)
	storetest.Fill(t, store, r, r)
	storetest.WantIDs(t, store, "a")
}

// A server that stays away is told about after some tries.
func TestGone(t *testing.T) {
	t.Parallel()
	for _, k := range kinds {
		s := k.server(t)
		store := open(t, s, k.address, k.env)
		store.bucket.first = time.Millisecond
		s.fails(func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) })
		for _, err := range store.List(t.Context(), baseline.Filter{}) {
			if err == nil || !strings.Contains(err.Error(), "(6 tries in ") || !strings.Contains(err.Error(), "look whether it runs") {
				t.Errorf("%s: List = %v, want that it tells of the tries", k.name, err)
			}
		}
		if n := s.requests.Load(); n < 6 {
			t.Errorf("%s: %d requests came, want 6 or more", k.name, n)
		}
	}
}

// Who may only read leaves no bundles, and does not try again and again.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	k := kinds[0]
	s := k.server(t)
	fill(t, open(t, s, k.address, k.env), 20, 1)
	var writes atomic.Int64
	s.fails(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodGet {
			return false
		}
		writes.Add(1)
		s3Error(w, http.StatusForbidden, "AccessDenied")
		return true
	})
	store := open(t, s, k.address, k.env)
	for range 3 {
		if ids, bad := storetest.Listing(t, store, baseline.Filter{}); len(ids) != 20 || len(bad) > 0 {
			t.Errorf("List = %q, %v, want 20 runs", ids, bad)
		}
	}
	if n := writes.Load(); n != 1 {
		t.Errorf("%d writes were tried, want one", n)
	}
	if err := store.Delete(t.Context(), "run-0001"); err == nil || !strings.Contains(err.Error(), "what they need is s3:DeleteObject") {
		t.Errorf("Delete = %v", err)
	}
}

// No error and no line of a log has a key, a token or a signature in it.
func TestAzureSecrets(t *testing.T) {
	t.Parallel()
	k := kinds[2]
	s := k.server(t)
	vars := map[string]string{"AZURE_STORAGE_SAS_TOKEN": "?sv=2024&sig=hush"}
	store := open(t, s, k.address, vars)
	storetest.Fill(t, store, storetest.Run("a", 0))
	storetest.WantIDs(t, store, "a")
	s.fails(func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) })
	store.bucket.first = time.Millisecond
	err := store.Put(t.Context(), storetest.Run("b", 0))
	if err == nil || strings.Contains(err.Error(), "hush") || strings.Contains(err.Error(), "sig=") {
		t.Errorf("Put = %v, want an error without the signature", err)
	}
	vars["AZURE_STORAGE_SAS_TOKEN"] = "sig=wrong"
	s.fails(nil)
	err = open(t, s, k.address, vars).Put(t.Context(), storetest.Run("b", 0))
	if err == nil || !strings.Contains(err.Error(), "the credentials are wrong; they come from AZURE_STORAGE_CONNECTION_STRING") || strings.Contains(err.Error(), "sig=") {
		t.Errorf("Put = %v, want that the credentials are wrong", err)
	}
}

// A connection string is what Azure's portal shows.
func TestAzureConnectionString(t *testing.T) {
	t.Parallel()
	s := azureServer(t)
	text := "DefaultEndpointsProtocol=http;AccountName=acct;AccountKey=" + azureKey + ";BlobEndpoint=" + s.url + ";"
	store, err := Open("azblob://bucket/p", env(map[string]string{"AZURE_STORAGE_CONNECTION_STRING": text}))
	if err != nil {
		t.Fatal(err)
	}
	storetest.Fill(t, store, storetest.Run("a", 0))
	storetest.WantIDs(t, store, "a")
	_, err = Open("azblob://bucket/p", env(map[string]string{"AZURE_STORAGE_CONNECTION_STRING": "hush"}))
	if err == nil || strings.Contains(err.Error(), "hush") {
		t.Errorf("Open with a wrong connection string = %v", err)
	}
}

// Microsoft Entra gives a token for what a job can show: a secret, a file, or what
// GitHub says of it.
func TestAzureTokens(t *testing.T) {
	t.Parallel()
	var asked url.Values
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path == "/github" {
			if r.Header.Get("Authorization") != "Bearer ask" || r.URL.Query().Get("audience") != "api://AzureADTokenExchange" {
				w.WriteHeader(http.StatusForbidden)
			}
			fmt.Fprint(w, `{"value":"from-github"}`)
			return
		}
		_ = r.ParseForm()
		if asked = r.PostForm; asked.Get("client_assertion") == "from-nobody" {
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, `{"error":"invalid_client","error_description":"AADSTS70021: no match"}`)
			return
		}
		fmt.Fprint(w, `{"access_token":"yes","expires_in":3600,"token_type":"Bearer"}`)
	}))
	defer web.Close()
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("from-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	base := map[string]string{"AZURE_TENANT_ID": "tenant", "AZURE_CLIENT_ID": "app", "AZURE_AUTHORITY_HOST": web.URL + "/"}
	for _, row := range []struct {
		vars      map[string]string
		key, want string
	}{
		{map[string]string{"AZURE_CLIENT_SECRET": "hush"}, "client_secret", "hush"},
		{map[string]string{"AZURE_FEDERATED_TOKEN_FILE": file}, "client_assertion", "from-file"},
		{map[string]string{"ACTIONS_ID_TOKEN_REQUEST_URL": web.URL + "/github?x=1", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "ask"}, "client_assertion", "from-github"},
	} {
		getenv := func(name string) string { return row.vars[name] + base[name] }
		token, err := (&azureTokens{getenv: getenv}).GetToken(t.Context(), policyFor("https://storage.azure.com/.default"))
		if err != nil || token.Token != "yes" || asked.Get(row.key) != row.want || asked.Get("client_id") != "app" || asked.Get("scope") != "https://storage.azure.com/.default" {
			t.Errorf("with %v: GetToken = %v after asking for %v", row.vars, err, asked)
		}
	}
	if err := os.WriteFile(file, []byte("from-nobody"), 0o600); err != nil {
		t.Fatal(err)
	}
	base["AZURE_FEDERATED_TOKEN_FILE"] = file
	_, err := (&azureTokens{getenv: env(base)}).GetToken(t.Context(), policyFor("s"))
	if err == nil || !strings.Contains(err.Error(), "AADSTS70021: no match") {
		t.Errorf("a token that nobody trusts gives %v", err)
	}
	store, err := Open("azblob://bucket?account=acct", env(nil))
	if err != nil {
		t.Fatal(err)
	}
	err = store.Put(t.Context(), storetest.Run("a", 0))
	if err == nil || !strings.Contains(err.Error(), "no credentials: AZURE_TENANT_ID and AZURE_CLIENT_ID are not both set") || strings.Contains(err.Error(), "tries") {
		t.Errorf("Put without credentials = %v", err)
	}
}

func TestGoogleWithoutCredentials(t *testing.T) {
	t.Parallel()
	store, err := Open("gs://bucket", env(map[string]string{"GOOGLE_APPLICATION_CREDENTIALS": filepath.Join(t.TempDir(), "none.json")}))
	if err != nil {
		t.Fatal(err)
	}
	err = store.Put(t.Context(), storetest.Run("a", 0))
	if err == nil || !strings.Contains(err.Error(), "no credentials: GOOGLE_APPLICATION_CREDENTIALS: ") || strings.Contains(err.Error(), "tries") {
		t.Errorf("Put without credentials = %v", err)
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"s3://":                    "it names no bucket; want s3://BUCKET/PREFIX",
		"s3:bucket":                "it names no bucket",
		"s3://b?regoin=x":          `unknown option "regoin"; want region, endpoint, insecure, path-style, conditional`,
		"s3://b?region=x&region=y": "is there 2 times",
		"s3://id:hush@b":           "an address has no credentials in it; want them from AWS_ACCESS_KEY_ID",
		"s3://b?endpoint=http://minio.example:9000":      "is not encrypted; want https, or s3://b/?insecure=on",
		"s3://b?endpoint=minio":                          "the endpoint is no address of a server; want https://",
		"s3://b?path-style=yes":                          `option path-style="yes"; want on or off`,
		"gs://":                                          "it names no bucket; want gs://BUCKET/PREFIX",
		"azblob://c/p":                                   "no storage account; want azblob://CONTAINER/PREFIX?account=NAME or AZURE_STORAGE_ACCOUNT",
		"azblob://c?account=a&sig=hush":                  `unknown option "sig"; want account`,
		"s3://b?endpoint=http://minio:9000&insecure=on":  "",
		"s3://b?endpoint=http://127.0.0.1:9000":          "",
		"s3://b/a/b/?endpoint=https://acct.r2.test":      "",
		"azblob://c?account=a":                           "",
		"gs://b/p":                                       "",
		"s3://b?endpoint=http://localhost:1&region=auto": "",
	} {
		_, err := Open(address, env(nil))
		if (err == nil) != (want == "") || err != nil && (!strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush")) {
			t.Errorf("Open(%s) = %v, want %q", address, err, want)
		}
	}
	p, err := parsePlace("s3://b", env(map[string]string{"AWS_ENDPOINT_URL": "https://all.test/", "AWS_REGION": "r"}))
	if err != nil || p.endpoint() != "https://all.test" || p.region() != "r" {
		t.Errorf("the environment gives %q, %q, %v", p.endpoint(), p.region(), err)
	}
	p, err = parsePlace("gs://b", env(map[string]string{"STORAGE_EMULATOR_HOST": "localhost:4443"}))
	if err != nil || p.endpoint() != "http://localhost:4443" {
		t.Errorf("the environment gives %q, %v", p.endpoint(), err)
	}
}

// Keys stay within what all servers take, and tell runs apart.
func TestKeys(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä/", 400)
	r := suiteRun(0, 0)
	r.ID, r.Branch, r.Repository, r.Job, r.Type = long+"1", long, long, long, long
	other := r.Origin
	other.ID = long + "2"
	a, b := "v1/"+folder(r.Origin)+runName(r.Origin), "v1/"+folder(other)+runName(other)
	if len(a) > 900 || a == b {
		t.Errorf("keys of %d bytes: %s and %s", len(a), a, b)
	}
	for i := range len(a) {
		if c := a[i]; !bytes.ContainsRune([]byte("/-._=ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"), rune(c)) {
			t.Fatalf("key %s has a %q", a, c)
		}
	}
	for _, text := range []string{"", "_", ".", "..", "a.b", "o/r", "=41", "a b%20é\x00"} {
		if back, ok := unescape(escape(text)); !ok || back != text || strings.HasPrefix(escape(text), ".") {
			t.Errorf("escape(%q) = %q, and back %q", text, escape(text), back)
		}
	}
}
