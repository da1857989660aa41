package statsd_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/collect/export"
	"github.com/plumbline-ci/plumbline/collect/export/statsd"
)

// listen returns a server's address and what it gets, a line each, sorted.
func listen(t *testing.T, network string) (address string, lines func(n int) []string) {
	t.Helper()
	address = "127.0.0.1:0"
	if network == "unixgram" {
		if runtime.GOOS == "windows" {
			t.Skip("Windows has no unix sockets of datagrams")
		}
		dir, err := os.MkdirTemp("", "sd") // short enough for a socket
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.RemoveAll(dir) })
		address = filepath.Join(dir, "s")
	}
	c, err := net.ListenPacket(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c.LocalAddr().String(), func(n int) []string {
		var all []string
		buf := make([]byte, 1<<16)
		for len(all) < n {
			_ = c.SetReadDeadline(time.Now().Add(30 * time.Second))
			k, _, err := c.ReadFrom(buf)
			if err != nil {
				t.Fatalf("%v after %q, want %d lines", err, all, n)
			}
			if k > 8192 || network == "udp" && k > 1432 {
				t.Errorf("a datagram has %d bytes", k)
			}
			all = append(all, strings.Split(string(buf[:k]), "\n")...)
		}
		slices.Sort(all)
		return all
	}
}

func sender(t *testing.T, url string) *statsd.Sender {
	t.Helper()
	to, err := statsd.New(statsd.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { to.Close() })
	return to
}

func sendRecorder(t *testing.T, to *statsd.Sender, rec *collect.Recorder) {
	t.Helper()
	s, err := export.OfRecorder(rec)
	if err == nil {
		err = to.Send(t.Context(), s)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestRecorder(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ network, url, requests string }{
		{"udp", "dogstatsd://%s?prefix=svc.", "svc.http.requests:%s|c|#code:200,route:/a b"},
		{"unixgram", "unix://%s?prefix=svc.", "svc.http.requests:%s|c|#code:200,route:/a b"},
		{"udp", "statsd://%s?prefix=svc.", "svc.http.requests.code.200.route._a_b:%s|c"},
		{"unixgram", "statsd+unix://%s?prefix=svc.&tags=graphite", "svc.http.requests;code=200;route=_a_b:%s|c"},
		{"udp", "statsd://%s?prefix=svc.&tags=influx", "svc.http.requests,code=200,route=_a_b:%s|c"},
	} {
		t.Run(row.url, func(t *testing.T) {
			t.Parallel()
			address, lines := listen(t, row.network)
			to := sender(t, fmt.Sprintf(row.url, address))
			rec := collect.NewRecorder(collect.Options{})
			requests := rec.Counter("http.requests", collect.Tags{"route": "/a b", "code": "200"})
			requests.Add(3)
			rec.Gauge("depth", nil).Set(-2.5)
			rec.UpDownCounter("conns", nil).Inc()
			rec.Histogram("size", nil).Observe(8)
			sendRecorder(t, to, rec)
			want := []string{
				fmt.Sprintf(row.requests, "3"), "svc.depth:0|g", "svc.depth:-2.5|g", "svc.conns:1|g",
				"svc.size.count:1|c", "svc.size.mean:8|g", "svc.size.p50:8|g", "svc.size.p90:8|g", "svc.size.p95:8|g", "svc.size.p99:8|g", "svc.size.max:8|g",
			}
			slices.Sort(want)
			if got := lines(len(want)); !slices.Equal(got, want) {
				t.Errorf("the server gets %q\nwant %q", got, want)
			}

			// The next time a counter is what it grew by, and one that did not is not sent.
			requests.Add(2.5)
			sendRecorder(t, to, rec)
			got := lines(len(want) - 1)
			if !slices.Contains(got, fmt.Sprintf(row.requests, "2.5")) || strings.Contains(strings.Join(got, " "), "size.count") {
				t.Errorf("the server gets %q the second time", got)
			}
		})
	}
}

// Many values are many datagrams, and none is lost on a socket.
func TestManyValues(t *testing.T) {
	t.Parallel()
	address, lines := listen(t, "unixgram")
	run := collect.Run{Origin: collect.Origin{ID: "r", Branch: "main", Time: time.Unix(1772600767, 0), Duration: 2}}
	const n = 3000
	for i := range n {
		run.Metrics = append(run.Metrics, collect.Metric{Name: fmt.Sprintf("m%d[case=a|b:c,\n]", i), Value: float64(i)})
	}
	failed := make(chan error, 1)
	to := sender(t, "unix://"+address)
	go func() { failed <- to.Send(t.Context(), export.OfRun(run)) }()
	got := lines(n + 2)
	if err := <-failed; err != nil {
		t.Error(err)
	}
	if !slices.Contains(got, "m17:17|g|#branch:main,case:a_b_c__") || !slices.Contains(got, "plumbline.run_duration_seconds:2|g|#branch:main") {
		t.Errorf("the server gets %q ...", got[:10])
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	s := export.OfRun(collect.Run{Origin: collect.Origin{ID: "r"}, Metrics: []collect.Metric{{Name: "a", Value: 1}}})
	if err := sender(t, "unix:///nowhere/none.sock").Send(ctx, s); err == nil || !strings.Contains(err.Error(), "send to unix:///nowhere/none.sock") {
		t.Errorf("to no socket Send returns %v", err)
	}
	if err := sender(t, "statsd://host.invalid:8125").Send(ctx, s); err == nil || !strings.Contains(err.Error(), "host.invalid") {
		t.Errorf("to no host Send returns %v", err)
	}
	if err := sender(t, "statsd://127.0.0.1").Send(ctx, export.Set{}); err == nil {
		t.Error("Send of nothing returns nil")
	}
	for _, row := range []struct{ url, want string }{
		{"statsd://h", ""}, {"dogstatsd+unix:///a/b", ""}, {"statsd://[::1]", ""}, {"statsd://", "want the address"}, {"unix://host/path", "want the path of a socket"},
		{"unix:///?tags=name", ""}, {"unix://", "want the path"}, {"udp://h:1", "want the address"}, {"statsd://h?tags=xml", `tags="xml": want name`}, {"", "cannot be read"},
	} {
		_, err := statsd.New(statsd.Options{URL: row.url})
		if row.want == "" && err != nil || row.want != "" && (err == nil || !strings.Contains(err.Error(), row.want)) {
			t.Errorf("%s: %v, want %q", row.url, err, row.want)
		}
	}
}

// A socket that nobody reads holds nobody up for longer than the context says.
func TestNobodyReads(t *testing.T) {
	t.Parallel()
	address, _ := listen(t, "unixgram")
	run := collect.Run{Origin: collect.Origin{ID: "r"}}
	for i := range 20000 {
		run.Metrics = append(run.Metrics, collect.Metric{Name: fmt.Sprintf("metric.with.a.long.name.%d", i), Value: float64(i)})
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := sender(t, "unix://"+address).Send(ctx, export.OfRun(run)); err == nil {
		t.Error("Send returns nil though nobody reads")
	}
}
