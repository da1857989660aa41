package postgres

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// defaultIdle is how long an idle connection is kept: of a server's few, one that
// nobody uses is one that somebody else waits for, and to connect takes milliseconds.
const defaultIdle = 2 * time.Second

// limits are those of a pool of connections.
type limits struct {
	conns    int32
	lifetime time.Duration // of a connection
	idle     time.Duration // after which one that is not used is closed
	ping     time.Duration // that an answer may take
}

// defaultConns is how many connections a store opens at most. A server has 100 for
// all, and who writes needs one for some milliseconds.
const defaultConns = 8

// modes are ways to run statements that other programs have; an address may name
// one. Here each statement is sent as in the mode exec, which poolers know.
var modes = []string{"cache_statement", "cache_describe", "describe_exec", "exec", "simple_protocol"}

// newLimits reads the limits from the parameters of an address, and takes out all
// that are not for the server. Those for what this pool does not do are taken too:
// an address may be one that other programs use.
func newLimits(params map[string]string) (limits, error) {
	l := limits{conns: defaultConns, lifetime: time.Hour, idle: defaultIdle}
	s := &settings{params: params}
	s.whole("pool_max_conns", 1, &l.conns)
	s.span("pool_max_conn_lifetime", &l.lifetime)
	s.span("pool_max_conn_idle_time", &l.idle)
	s.span("pool_ping_timeout", &l.ping)
	for _, name := range []string{"pool_min_conns", "pool_min_idle_conns", "statement_cache_capacity", "description_cache_capacity"} {
		s.whole(name, 0, new(int32))
	}
	for _, name := range []string{"pool_health_check_period", "pool_max_conn_lifetime_jitter"} {
		s.span(name, new(time.Duration))
	}
	if mode := s.take("default_query_exec_mode"); mode != "" && !slices.Contains(modes, mode) {
		s.wrong("default_query_exec_mode", mode, fmt.Sprint("one of ", modes))
	}
	return l, s.err
}

// settings are the parameters of an address, of which this program takes its own.
type settings struct {
	params map[string]string
	err    error // the first
}

func (s *settings) take(name string) string {
	text := s.params[name]
	delete(s.params, name)
	return text
}

func (s *settings) wrong(name, text, want string) {
	if s.err == nil {
		s.err = fmt.Errorf("%s=%q: want %s", name, text, want)
	}
}

// whole sets n to a number, if there is one.
func (s *settings) whole(name string, least int64, n *int32) {
	text := s.take(name)
	if text == "" {
		return
	}
	v, err := strconv.ParseInt(text, 10, 32)
	if err != nil || v < least {
		s.wrong(name, text, fmt.Sprintf("a whole number from %d", least))
	}
	*n = int32(v)
}

// span sets d to a duration, if there is one.
func (s *settings) span(name string, d *time.Duration) {
	text := s.take(name)
	if text == "" {
		return
	}
	v, err := time.ParseDuration(text)
	if err != nil {
		s.wrong(name, text, "a duration such as 30s")
	}
	*d = v
}
