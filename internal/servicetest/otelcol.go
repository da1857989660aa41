package servicetest

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// Collector starts an OpenTelemetry collector, which receives OTLP over HTTP and
// prints it in words. It returns its address and what it printed so far.
//
// The program is that of $OTELCOL, which .ci/run sets, or else it is built, with
// modules that are here already.
func Collector(t testing.TB) (address string, printed func() string) {
	t.Helper()
	program := os.Getenv("OTELCOL")
	if program == "" {
		program = buildCollector(t)
	}
	for range attempts {
		listen := FreeAddress(t)
		p := start(t, exec.Command(program, "--config=yaml:"+fmt.Sprintf(collectorConfig, listen)))
		ready := p.until(func() error {
			c, err := net.DialTimeout("tcp", listen, time.Second)
			if err != nil {
				return err
			}
			return c.Close()
		})
		if ready {
			return "http://" + listen, p.out.String
		}
	}
	t.Fatal("the OpenTelemetry collector does not begin")
	return "", nil
}

const collectorConfig = `{
	receivers: {otlp: {protocols: {http: {endpoint: "%s"}}}},
	exporters: {debug: {verbosity: detailed, use_internal_logger: false}},
	service: {pipelines: {metrics: {receivers: [otlp], exporters: [debug]}}}}`

// buildCollector builds the program of testdata/otelcol, but downloads nothing:
// that is 400 MB.
func buildCollector(t testing.TB) string {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	program := filepath.Join(t.TempDir(), "otelcol")
	cmd := exec.Command("go", "build", "-o", program, ".")
	cmd.Dir = filepath.Join(filepath.Dir(here), "testdata", "otelcol")
	cmd.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=-buildvcs=false", "GOWORK=off")
	text, err := cmd.CombinedOutput()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && !strings.Contains(string(text), "GOPROXY=off") {
		t.Fatalf("the OpenTelemetry collector cannot be built: %v\n%s", err, text)
	}
	if err != nil {
		t.Skip("needs a real OpenTelemetry collector: its modules are not here, which .ci/run gets")
	}
	return program
}
