package live

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// lastAnswer is how long a run that has ended waits until those who watch it have
// taken the news.
const lastAnswer = 250 * time.Millisecond

// Server answers for one run.
type Server struct {
	path   string
	server *http.Server
	status func() collect.Status
	ended  chan struct{}
	done   sync.WaitGroup

	mu   sync.Mutex
	last collect.Status // once ended is closed
}

// Serve lets the run of this process be watched. Status is called for each who
// asks, from any number of goroutines. Close ends it.
func Serve(folder string, status func() collect.Status) (*Server, error) {
	if err := makeOwn(folder); err != nil {
		return nil, err
	}
	path := filepath.Join(folder, strconv.Itoa(os.Getpid())+extension)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) { // of an earlier process of this number
		return nil, fmt.Errorf("make a socket for who watches: %w", err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("make a socket for who watches: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("make a socket for who watches: %w", err), l.Close())
	}
	s := &Server{path: path, status: status, ended: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, _ *http.Request) { answer(w, s.status()) })
	mux.HandleFunc("GET /end", s.end)
	s.server = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	s.done.Go(func() { _ = s.server.Serve(l) }) // it ends when it is closed
	return s, nil
}

// end answers when the run has ended.
func (s *Server) end(w http.ResponseWriter, r *http.Request) {
	select {
	case <-r.Context().Done():
	case <-s.ended:
		s.mu.Lock()
		defer s.mu.Unlock()
		answer(w, s.last)
	}
}

func answer(w http.ResponseWriter, s collect.Status) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(s) // an error is of the connection
}

// Close tells those who watch that the run has ended, and removes the socket. A nil
// Server has nothing to close.
func (s *Server) Close(exit int) {
	if s == nil {
		return
	}
	s.mu.Lock()
	s.last = s.status()
	s.last.Ended, s.last.Exit = true, exit
	s.mu.Unlock()
	close(s.ended)
	ctx, cancel := context.WithTimeout(context.Background(), lastAnswer)
	defer cancel()
	if s.server.Shutdown(ctx) != nil {
		_ = s.server.Close() // who has not taken the answer sees the connection end
	}
	s.done.Wait()
	_ = os.Remove(s.path) // mostly the listener has done it
}
