package probe

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
)

func itoa(n int) string { return strconv.Itoa(n) }

// collector reads all that is written to w.
type collector struct {
	w    *os.File
	once sync.Once
	done chan struct{}

	mu    sync.Mutex
	got   bytes.Buffer
	limit int
	do    func()
}

func collectPipe(t *testing.T) *collector {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	c := &collector{w: w, done: make(chan struct{})}
	go func() {
		defer close(c.done)
		defer r.Close()
		b := make([]byte, 32<<10)
		for {
			n, err := r.Read(b)
			c.take(b[:n])
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() { c.bytes() })
	return c
}

func (c *collector) take(b []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.got.Write(b)
	if c.do != nil && c.got.Len() >= c.limit {
		c.do()
		c.do = nil
	}
}

// at calls f when so many bytes have come.
func (c *collector) at(limit int, f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.limit, c.do = limit, f
}

// bytes closes the pipe on our side and gives all that came.
func (c *collector) bytes() []byte {
	c.once.Do(func() { _ = c.w.Close() })
	<-c.done
	return c.got.Bytes()
}

// trigger is a Tee that does something when a word has come, once.
type trigger struct {
	word string
	do   func()
	seen strings.Builder
}

func (x *trigger) Write(b []byte) (int, error) {
	x.seen.Write(b)
	if x.do != nil && strings.Contains(x.seen.String(), x.word) {
		do := x.do
		x.do = nil
		do()
	}
	return len(b), nil
}
