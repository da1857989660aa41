package parse

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"runtime"
	"testing"
	"time"
)

// manyCases gives a JUnit file of n cases, as Surefire and its like write them,
// without ever holding it.
type manyCases struct {
	n, next int
	left    []byte
	buf     bytes.Buffer
}

const casesOfSuite = 1000

func (m *manyCases) Read(p []byte) (int, error) {
	if len(m.left) == 0 {
		if m.next > m.n {
			return 0, io.EOF
		}
		m.buf.Reset()
		m.write(&m.buf)
		m.left = m.buf.Bytes()
	}
	n := copy(p, m.left)
	m.left = m.left[n:]
	return n, nil
}

// write gives the next suite, or the end.
func (m *manyCases) write(w *bytes.Buffer) {
	if m.next == 0 {
		w.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"acme\">\n")
	}
	if m.next >= m.n {
		w.WriteString("</testsuites>\n")
		m.next = m.n + 1
		return
	}
	suite := m.next / casesOfSuite
	fmt.Fprintf(w, "  <testsuite name=\"com.acme.service.mod%04d.SuiteTest\" tests=\"%d\" timestamp=\"2026-11-01T08:00:00Z\" hostname=\"runner-7\">\n"+
		"    <properties>\n      <property name=\"os.name\" value=\"Linux &amp; friends\"/>\n    </properties>\n", suite, casesOfSuite)
	for range min(casesOfSuite, m.n-m.next) {
		m.writeCase(w, suite, m.next)
		m.next++
	}
	w.WriteString("  </testsuite>\n")
}

func (m *manyCases) writeCase(w *bytes.Buffer, suite, i int) {
	fmt.Fprintf(w, "    <testcase classname=\"com.acme.service.mod%04d.ParserServiceImplementationTest\" name=\"shouldParseMergeWhenParallel [%d] &lt;case %d&gt;\" "+
		"file=\"src/test/java/com/acme/service/mod%04d/ParserServiceImplementationTest.java\" time=\"0.%03d\"", suite, i%casesOfSuite, i, suite, i%1000)
	switch {
	case i%100 == 17:
		fmt.Fprintf(w, ">\n      <failure message=\"expected: &lt;%d&gt; but was: &lt;%d&gt;\" type=\"org.opentest4j.AssertionFailedError\"><![CDATA[expected: <%d> but was: <%d>\n"+
			"\tat com.acme.Foo.bar(Foo.java:%d)\n\tat com.acme.Foo.baz(Foo.java:99)\n]]></failure>\n    </testcase>\n", i, i+1, i, i+1, i)
	case i%200 == 33:
		w.WriteString(">\n      <skipped message=\"not on CI\"/>\n    </testcase>\n")
	case i%20 == 4:
		fmt.Fprintf(w, ">\n      <system-out>request id=%d took %d ms &amp; ok</system-out>\n    </testcase>\n", i, i)
	default:
		w.WriteString("/>\n")
	}
}

func tokenize(r io.Reader) (starts int, err error) {
	x := newXMLReader(r)
	for {
		switch event, err := x.next(); {
		case err != nil || event == xmlEOF:
			return starts, err
		case event == xmlStart:
			starts++
		}
	}
}

func tokenizeStd(r io.Reader) (starts int, err error) {
	d := xml.NewDecoder(r)
	for {
		switch token, err := d.Token(); {
		case err == io.EOF:
			return starts, nil
		case err != nil:
			return starts, err
		default:
			if _, ok := token.(xml.StartElement); ok {
				starts++
			}
		}
	}
}

// BenchmarkXML reports how much faster our tokenizer is than encoding/xml's on
// the same bytes, the fastest of each: that is what other work on the machine
// disturbs least.
func BenchmarkXML(b *testing.B) {
	data, err := io.ReadAll(&manyCases{n: 50_000})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	want := 0
	std := fastest(b, 5, func() error { want, err = tokenizeStd(bytes.NewReader(data)); return err })
	ours := fastest(b, 50, func() error {
		n, err := tokenize(bytes.NewReader(data))
		if err == nil && n != want {
			err = fmt.Errorf("%d start tags, want %d", n, want)
		}
		return err
	})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := tokenize(bytes.NewReader(data)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(std.Seconds()/ours.Seconds(), "x-encoding/xml")
}

// fastest is the shortest of n runs of f.
func fastest(b *testing.B, n int, f func() error) time.Duration {
	b.Helper()
	best := time.Duration(math.MaxInt64)
	for range n {
		began := time.Now()
		if err := f(); err != nil {
			b.Fatal(err)
		}
		best = min(best, time.Since(began))
	}
	return best
}

// BenchmarkJUnit parses a file of a million cases and reports the heap that its
// sheet needs at the end, with the metrics of the cases and without.
func BenchmarkJUnit(b *testing.B) {
	const n = 1_000_000
	for _, totalsOnly := range []bool{true, false} {
		b.Run(fmt.Sprintf("totalsOnly=%v", totalsOnly), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sheet := NewSheet("")
				sheet.TotalsOnly = totalsOnly
				if _, err := File(&manyCases{n: n}, "junit.xml", "", sheet); err != nil {
					b.Fatal(err)
				}
				reportHeap(b)
				if got := sheet.fileTests().count; got[Passed]+got[Failed]+got[Skipped] != n {
					b.Fatalf("counted %v, want %d in all", got, n)
				}
			}
		})
	}
}

func reportHeap(b *testing.B) {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.HeapAlloc)/(1<<20), "MiB-live")
	b.ReportMetric(float64(m.Sys)/(1<<20), "MiB-sys")
}
