package listen

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// The variables that tell a command where to send to. Those of StatsD and of
// OpenTelemetry are what their libraries read by themselves; they are left as
// they are where the user has set any of them.
const (
	StatsdEnv = "PLUMBLINE_STATSD_ADDRESS" // host:port, UDP
	SocketEnv = "PLUMBLINE_STATSD_SOCKET"  // path of a unix socket of datagrams
	OTLPEnv   = "PLUMBLINE_OTLP_ENDPOINT"  // http://host:port
	FileEnv   = "PLUMBLINE_METRICS_FILE"   // path of a file to append lines to
)

// Options say what to scrape, beside what is sent.
type Options struct {
	// Scrape are the addresses of Prometheus or OpenMetrics pages, each read
	// before the command begins, at intervals, and at the end. What a counter
	// grew by between is the run's.
	Scrape []string
	// Every is the interval between; 0: a second.
	Every time.Duration
}

// Listener takes what one command sends. Close ends it.
type Listener struct {
	g       *gatherer
	dir     string // of the socket and the file
	udp     *net.UDPConn
	unix    *net.UnixConn
	socket  string
	file    string
	otlp    net.Listener
	server  *http.Server
	targets []*target
	every   time.Duration
	token   []byte // ends a socket's stream, see drain
	drained chan struct{}
	readers sync.WaitGroup
	stop    context.CancelFunc
	scrapes sync.WaitGroup
}

// Start opens the sockets, on loopback alone, and begins to read. Where one
// cannot be opened, the rest is: Close tells of it.
func Start(o Options) (*Listener, error) {
	l := &Listener{g: newGatherer(), every: cmp.Or(o.Every, time.Second), token: []byte(rand.Text()), drained: make(chan struct{}, 8)}
	dir, err := os.MkdirTemp("", "plumbline-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for a socket and a file of metrics: %w", err)
	}
	l.dir, l.file = dir, filepath.Join(dir, "metrics")
	if err := os.WriteFile(l.file, nil, 0o600); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	l.listenUDP()
	l.listenUnix()
	l.listenHTTP()
	ctx, stop := context.WithCancel(context.Background())
	l.stop = stop
	for _, url := range o.Scrape {
		t := &target{url: url, client: &http.Client{}}
		l.targets = append(l.targets, t)
		t.scrape(ctx, l.g)
		l.scrapes.Go(func() { l.scraping(ctx, t) })
	}
	return l, nil
}

// note keeps what could not be opened for the end.
func (l *Listener) note(format string, args ...any) {
	l.g.mu.Lock()
	defer l.g.mu.Unlock()
	l.g.notes = append(l.g.notes, fmt.Sprintf(format, args...))
}

const receiveBuffer = 8 << 20 // as much of it as the system allows

func (l *Listener) listenUDP() {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		l.note("no StatsD by UDP: %v", err)
		return
	}
	l.udp = conn
	_ = conn.SetReadBuffer(receiveBuffer) // a smaller one works as well
	l.readers.Go(func() { l.read(conn) })
}

// listenUnix opens a socket in our folder, which nobody else may enter.
func (l *Listener) listenUnix() {
	if runtime.GOOS == "windows" {
		return
	}
	path := filepath.Join(l.dir, "statsd.sock")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		l.note("no StatsD by a unix socket: %v", err)
		return
	}
	l.unix, l.socket = conn, path
	_ = conn.SetReadBuffer(receiveBuffer)
	l.readers.Go(func() { l.read(conn) })
}

func (l *Listener) listenHTTP() {
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		l.note("no OTLP: %v", err)
		return
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/metrics", l.g.serveOTLP)
	l.otlp, l.server = ln, &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute}
	l.readers.Go(func() { _ = l.server.Serve(ln) }) // it ends when it is closed
}

// read takes datagrams until the socket is closed.
func (l *Listener) read(conn net.Conn) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := conn.Read(buffer)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if n == len(l.token) && string(buffer[:n]) == string(l.token) {
			select {
			case l.drained <- struct{}{}:
			default:
			}
			continue
		}
		l.g.statsd(buffer[:n])
	}
}

// Env are the variables for the command, as KEY=VALUE. Get reads those that it
// would have without. A run inside a run takes over what the outer one set.
func (l *Listener) Env(get func(string) string) []string {
	env := []string{FileEnv + "=" + l.file}
	outer := libraries(get(StatsdEnv), get(OTLPEnv))
	var udp, otlp string
	if l.udp != nil {
		udp = l.udp.LocalAddr().String()
		env = append(env, StatsdEnv+"="+udp)
	}
	if l.unix != nil {
		env = append(env, SocketEnv+"="+l.socket)
	}
	if l.otlp != nil {
		otlp = "http://" + l.otlp.Addr().String()
		env = append(env, OTLPEnv+"="+otlp)
	}
	for i, group := range libraries(udp, otlp) {
		free := true
		for _, name := range sameMeaning[i] {
			free = free && (get(name) == "" || get(name) == outer[i][name])
		}
		for _, name := range slices.Sorted(maps.Keys(group)) {
			if free {
				env = append(env, name+"="+group[name])
			}
		}
	}
	return env
}

// libraries are the variables that other libraries read, for what we listen on:
// StatsD, Datadog's clients, OpenTelemetry. What is empty is not listened on.
func libraries(udp, otlp string) (groups [3]map[string]string) {
	if host, port, err := net.SplitHostPort(udp); err == nil {
		groups[0] = map[string]string{"STATSD_HOST": host, "STATSD_PORT": port}
		groups[1] = map[string]string{"DD_DOGSTATSD_URL": "udp://" + udp}
	}
	if otlp != "" {
		groups[2] = map[string]string{"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": otlp + "/v1/metrics", "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL": "http/protobuf"}
	}
	return groups
}

// sameMeaning are the variables of each group of libraries any of which says that
// the user has another place in mind.
var sameMeaning = [3][]string{
	{"STATSD_HOST", "STATSD_PORT"},
	{"DD_DOGSTATSD_URL", "DD_AGENT_HOST", "DD_DOGSTATSD_PORT", "DD_DOGSTATSD_SOCKET"},
	{"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL"},
}

// scraping reads a page at intervals.
func (l *Listener) scraping(ctx context.Context, t *target) {
	tick := time.NewTicker(l.every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			t.scrape(ctx, l.g)
		}
	}
}

// Found is what a command sent.
type Found struct {
	// Metrics are sorted by name.
	Metrics []collect.Metric
	// Notes tell of what was left out and why, a line each.
	Notes []string
	// Err is what was asked for and could not be had: a page that never answered.
	Err error
}

// Close reads what was sent so far, ends all and returns it.
func (l *Listener) Close() Found {
	errs := l.lastPages()
	l.drain()
	l.closeAll()
	if err := l.readFile(); err != nil {
		errs = append(errs, err)
	}
	if err := os.RemoveAll(l.dir); err != nil {
		l.note("remove the folder of metrics: %v", err)
	}
	return Found{Metrics: l.g.metrics(), Notes: l.g.told(), Err: errors.Join(errs...)}
}

// lastPages ends the scraping with one last time.
func (l *Listener) lastPages() (errs []error) {
	l.stop()
	l.scrapes.Wait()
	for _, t := range l.targets {
		t.scrape(context.Background(), l.g)
		if t.good == 0 {
			errs = append(errs, fmt.Errorf("scrape %s: it never answered as it should: %w", t.url, t.err))
		}
	}
	return errs
}

func (l *Listener) closeAll() {
	lost := lostDatagrams(l.udp)
	if l.udp != nil {
		l.udp.Close()
	}
	if l.unix != nil {
		l.unix.Close()
	}
	if l.server != nil {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if l.server.Shutdown(ctx) != nil {
			l.server.Close()
		}
	}
	l.readers.Wait()
	if lost > 0 {
		l.note("the system dropped %d datagrams that came faster than they could be read; a client that packs several lines into one loses less", lost)
	}
}

// drainLimit is how long the end waits for sockets that somebody still fills.
const drainLimit = 2 * time.Second

// drain waits until all that was sent before is read: a datagram of our own stands
// behind it in the queue.
func (l *Listener) drain() {
	for _, to := range []net.Addr{addressOf(l.udp), addressOf(l.unix)} {
		if to == nil {
			continue
		}
		l.drainOne(to)
	}
}

func (l *Listener) drainOne(to net.Addr) {
	conn, err := net.Dial(to.Network(), to.String())
	if err != nil {
		return
	}
	defer conn.Close()
	for end := time.Now().Add(drainLimit); time.Now().Before(end); {
		_ = conn.SetWriteDeadline(end)
		if _, err := conn.Write(l.token); err != nil { // the queue is full
			time.Sleep(time.Millisecond)
			continue
		}
		select {
		case <-l.drained:
			return
		case <-time.After(20 * time.Millisecond): // it was dropped
		}
	}
}

// addressOf is a socket's own address, nil where there is none.
func addressOf[C interface {
	comparable
	LocalAddr() net.Addr
}](c C) net.Addr {
	var none C
	if c == none {
		return nil
	}
	return c.LocalAddr()
}
