package export

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/plumbline-ci/plumbline/collect"
)

// StatusType is the media type of a collect.Status as JSON.
const StatusType = "application/vnd.plumbline.status+json"

// Handler answers scrapes with what a recorder holds: in the text format, in
// OpenMetrics or as protobuf, whatever the scraper likes best, compressed where it
// takes that. Labels that all metrics have in common are the scraper's to add.
// Who asks for StatusType, as plumbline watch does, gets the recorder's Status.
//
//	http.Handle("/metrics", export.Handler(rec))
func Handler(rec *collect.Recorder) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "want GET", http.StatusMethodNotAllowed)
			return
		}
		if strings.Contains(r.Header.Get("Accept"), StatusType) {
			answer(w, r, StatusType, func(body io.Writer) error { return json.NewEncoder(body).Encode(rec.Status()) })
			return
		}
		format := expfmt.NegotiateAccept(r.Header, expfmt.DefaultOpenMetricsAcceptedFormats()...)
		answer(w, r, string(format), func(body io.Writer) error {
			return encodeAll(body, format, Gathered(Set{Families: rec.Families()}, nil))
		})
	})
}

// answer sends a body, compressed where that is taken.
func answer(w http.ResponseWriter, r *http.Request, format string, write func(io.Writer) error) {
	h := w.Header()
	h.Set("Content-Type", format)
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "Accept, Accept-Encoding")
	zip := takesGzip(r.Header.Get("Accept-Encoding"))
	if zip {
		h.Set("Content-Encoding", "gzip")
	}
	if r.Method == http.MethodHead {
		return
	}
	body, end := io.Writer(w), func() error { return nil }
	if zip {
		z := gzip.NewWriter(w)
		body, end = z, z.Close
	}
	// An error here is of the connection: nobody is there to be told.
	if err := write(body); err == nil {
		_ = end()
	}
}

func encodeAll(w io.Writer, format expfmt.Format, families []*dto.MetricFamily) error {
	enc := expfmt.NewEncoder(w, format)
	for _, f := range families {
		if err := enc.Encode(f); err != nil {
			return err
		}
	}
	return enc.(expfmt.Closer).Close() // all of expfmt's are
}

// takesGzip reads an Accept-Encoding (RFC 9110, 12.5.3). What is refused with a
// weight of 0 is not taken.
func takesGzip(accept string) bool {
	any := false
	for one := range strings.SplitSeq(accept, ",") {
		name, parameters, _ := strings.Cut(one, ";")
		weight := 1.0
		if q, ok := strings.CutPrefix(strings.ReplaceAll(parameters, " ", ""), "q="); ok {
			weight, _ = strconv.ParseFloat(q, 64)
		}
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "gzip", "x-gzip":
			return weight > 0
		case "*":
			any = weight > 0
		}
	}
	return any
}
