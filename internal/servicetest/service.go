package servicetest

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"sync"
	"testing"
	"time"
)

const (
	patience = 90 * time.Second // for a server to begin, on a machine that is busy
	attempts = 3                // a free port may be taken before the server has it
)

// Pushgateway starts a Prometheus Pushgateway and returns its address.
func Pushgateway(t testing.TB, args ...string) string {
	t.Helper()
	program, err := exec.LookPath("prometheus-pushgateway")
	if err != nil {
		t.Skip("needs a real Pushgateway: prometheus-pushgateway is not installed")
	}
	for range attempts {
		address := FreeAddress(t)
		cmd := exec.Command(program, append([]string{"--web.listen-address=" + address, "--persistence.file="}, args...)...)
		p := start(t, cmd)
		if p.answers("http://" + address + "/-/ready") {
			return "http://" + address
		}
	}
	t.Fatal("the Pushgateway does not begin")
	return ""
}

// FreeAddress is an address of this machine that nobody listens on.
func FreeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// process is a server that the test ends.
type process struct {
	cmd  *exec.Cmd
	out  *output
	done chan struct{} // closed when it ended
	t    testing.TB
}

// output keeps what a server printed, for a test that fails.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

func start(t testing.TB, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{cmd: cmd, out: new(output), done: make(chan struct{}), t: t}
	cmd.Stdout, cmd.Stderr = p.out, p.out
	own(cmd)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = cmd.Wait()
		close(p.done)
	}()
	t.Cleanup(func() {
		end(cmd)
		<-p.done
		if t.Failed() {
			t.Logf("%s printed:\n%s", cmd.Path, p.out)
		}
	})
	return p
}

// until asks again and again, as long as the server lives and there is time.
func (p *process) until(ready func() error) bool {
	deadline := time.Now().Add(patience)
	err := fmt.Errorf("it was not asked")
	for time.Now().Before(deadline) {
		if err = ready(); err == nil {
			return true
		}
		select {
		case <-p.done:
			p.t.Logf("%s ended: %v\n%s", p.cmd.Path, err, p.out)
			return false
		case <-time.After(50 * time.Millisecond):
		}
	}
	p.t.Logf("%s does not answer: %v\n%s", p.cmd.Path, err, p.out)
	return false
}

func (p *process) answers(url string) bool {
	return p.until(func() error {
		resp, err := http.Get(url)
		if err != nil {
			return err
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return fmt.Errorf("%s", resp.Status)
		}
		return nil
	})
}
