package collect

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// FuzzScan holds the scanner against encoding/json: both take the same texts.
func FuzzScan(f *testing.F) {
	for _, text := range []string{
		`{"a":[1,-0.5e+7,"x\u00e9\n",true,false,null,{}],"b":[]}`, ` [ ] `, `"`, `"\ud800"`, `01`, `1.`, `-`, `[1,]`, `{"a"}`, `tru`, "\"\x00\"", "\"\xff\"",
		strings.Repeat("[", 10000) + strings.Repeat("]", 10000), `"` + strings.Repeat("x", 20) + `\"`, `{"a":1 "b":2}`, `1e5 `, `nul`, `"\x"`, `"\u12"`, ``,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s := scanner{data: text}
		s.skip(0)
		s.space()
		ok := s.err == nil && s.pos == len(text)
		if want := json.Valid(text); ok != want {
			t.Errorf("the scanner takes %q: %v (%v), want %v", text, ok, s.err, want)
		}
	})
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(encode(f, fullRun())))
	for _, more := range []string{
		``, `,"x":[1,{"y":null}]`, `,"samples":{"m":[1,2],"n":[3]}`, `,"samples":{"":[1],"":[]}`, `,"tags":{"m":{"better":"larger","n":1}}`, `,"runner":{"gpu":1}`,
		`,"better":{"m":"none"}`, `,"success":false,"attempt":3,"duration":1e3`, `,"units":null,"branch":null`,
	} {
		f.Add([]byte(withMetrics(`{"m":1.5e3,"\u006d\"":-0.25,"é":12345678901234567890}`, more)))
		f.Add([]byte(withMetrics(`{"m":1,"m":2}`, more)))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		r, err := Decode(line)
		origin, originErr := DecodeOrigin(line)
		if err != nil {
			return
		}
		if originErr != nil || origin != r.Origin {
			t.Fatalf("DecodeOrigin = %+v, %v, want %+v", origin, originErr, r.Origin)
		}
		if id := DecodeID(line); id != r.ID {
			t.Fatalf("DecodeID = %q, want %q", id, r.ID)
		}
		likeEncodingJSON(t, line, r)
		if y := r.Time.Year(); y < 1 || y > 9999 {
			return // RFC 3339 with an offset can go past these, and Encode says so
		}
		var b bytes.Buffer
		if err := Encode(&b, r); err != nil {
			if bytes.ContainsRune(line, '\n') {
				return // an unknown key whose value is on several lines
			}
			t.Fatalf("Encode: %v", err)
		}
		again, err := Decode(b.Bytes())
		r.Time = r.Time.Truncate(1000)
		if diff := cmp.Diff(r, again, cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Fatalf("Decode(Encode(r)) = %v and differs (-want +got):\n%s", err, diff)
		}
	})
}

// FuzzOutline holds what is decoded behind other records against what is decoded
// alone: what was remembered of them must not show.
func FuzzOutline(f *testing.F) {
	whole := encode(f, fullRun())
	for _, line := range outlined(f) {
		f.Add([]byte(whole), []byte(line))
		f.Add([]byte(line), []byte(whole))
	}
	f.Fuzz(func(t *testing.T, before, line []byte) {
		var origins OriginDecoder
		var rows Decoder
		for range 3 {
			_, _ = origins.Decode(before)
			_, _, _ = rows.Row(before)
		}
		for range 2 {
			sameAsAlone(t, &origins, &rows, line)
		}
	})
}

// likeEncodingJSON compares what both decoders make of a line.
func likeEncodingJSON(t *testing.T, line []byte, r Run) {
	var want struct {
		keys    map[string]json.RawMessage
		metrics map[string]float64
		samples map[string][]float64
	}
	if err := json.Unmarshal(line, &want.keys); err != nil {
		t.Fatalf("Decode took what encoding/json does not: %v", err)
	}
	if err := json.Unmarshal(want.keys["metrics"], &want.metrics); err != nil {
		t.Fatalf("metrics: %v", err)
	}
	if text := want.keys["samples"]; text != nil {
		if err := json.Unmarshal(text, &want.samples); err != nil {
			t.Fatalf("samples: %v", err)
		}
	}
	for name, x := range want.metrics {
		if m, ok := r.Metric(name); !ok || math.Float64bits(m.Value) != math.Float64bits(x) {
			t.Errorf("metric %q = %v, %v, want %v", name, m.Value, ok, x)
		}
	}
	for _, m := range r.Metrics {
		if _, ok := want.metrics[m.Name]; !ok && len(want.samples[m.Name]) == 0 {
			t.Errorf("metric %q is not in the record", m.Name)
		}
		if diff := cmp.Diff(want.samples[m.Name], m.Samples, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("samples of metric %q differ (-want +got):\n%s", m.Name, diff)
		}
	}
	for key, value := range r.Extra {
		if string(want.keys[key]) != string(value) {
			t.Errorf("extra key %q = %s, want %s", key, value, want.keys[key])
		}
	}
}

// FuzzReader holds the reader against cutting the text at its newlines.
func FuzzReader(f *testing.F) {
	for _, text := range []string{"", "a\nb", "\xef\xbb\xbfa\r\n\n", "\r\n\r", "a\x00\n \n", strings.Repeat("x", 100)} {
		f.Add([]byte(text), 10)
	}
	f.Fuzz(func(t *testing.T, text []byte, limit int) {
		if bytes.HasPrefix(text, []byte("\x1f\x8b")) || limit < 1 {
			return
		}
		var want []string
		for _, line := range bytes.Split(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")), []byte("\n")) {
			long := len(line) > limit
			line = bytes.TrimSuffix(line, []byte("\r"))
			switch {
			case long:
				want = append(want, "too long")
			case len(bytes.TrimSpace(line)) > 0:
				want = append(want, string(line))
			}
		}
		r := NewReader(iotest.HalfReader(bytes.NewReader(text)), "f")
		r.limit = limit
		var got []string
		for line, err := range r.Lines() {
			if err != nil {
				got = append(got, "too long")
				continue
			}
			got = append(got, string(line.Text))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("lines of %q differ (-want +got):\n%s", text, diff)
		}
	})
}
