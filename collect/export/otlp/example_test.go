package otlp_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/collect/export"
	"github.com/plumbline-ci/plumbline/collect/export/otlp"
)

func Example() {
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		fmt.Println(r.Method, r.URL.Path, r.Header.Get("Content-Type"))
	}))
	defer receiver.Close()
	rec := collect.NewRecorder(collect.Options{})
	rec.Counter("jobs.done", nil).Inc()

	to, err := otlp.New(otlp.Options{URL: receiver.URL})
	if err != nil {
		panic(err)
	}
	defer to.Close()
	set, err := export.OfRecorder(rec)
	if err == nil {
		err = to.Send(context.Background(), set)
	}
	if err != nil {
		panic(err)
	}
	// Output: POST /v1/metrics application/x-protobuf
}
