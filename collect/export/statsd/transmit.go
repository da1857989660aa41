package statsd

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	client "github.com/smira/go-statsd"
)

const (
	udpPacket  = 1432 // bytes; what an Ethernet takes in one piece
	unixPacket = 8192 // what Datadog's agent reads
)

// transmit hands values to the client and waits until it has written them. The
// client connects behind our back, and closing it ends that too: then it did not
// write anything, and is given more time.
func (s *Sender) transmit(ctx context.Context, stats []stat) error {
	for wait := time.Millisecond; ; wait *= 4 {
		var log failures
		c := client.NewClient(s.address, client.Network(s.network), client.Logger(&log), client.TagStyle(s.style),
			client.MaxPacketSize(s.packet()), client.SendQueueCapacity(2*len(stats)+1), client.ReconnectInterval(0), client.ReportInterval(0))
		for _, one := range stats {
			switch {
			case one.counter && one.value == math.Trunc(one.value) && one.value < 1<<53:
				c.Incr(one.name, int64(one.value), one.tags...)
			case one.counter:
				c.FIncr(one.name, one.value, one.tags...)
			default:
				c.FGauge(one.name, one.value, one.tags...)
			}
		}
		pause(ctx, wait)
		if err := shut(ctx, c); err != nil {
			return err
		}
		err := log.first()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil || !errors.Is(err, context.Canceled) {
			return errors.Join(err, ctx.Err())
		}
	}
}

func (s *Sender) packet() int {
	if s.network == "unixgram" {
		return unixPacket
	}
	return udpPacket
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// shut closes a client, which writes what it has. A socket that nobody reads may
// block that: then its goroutine lives until the server reads or goes away.
func shut(ctx context.Context, c *client.Client) error {
	done := make(chan struct{})
	go func() {
		_ = c.Close() // it has no errors
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("nobody reads: %w", ctx.Err())
	}
}

// failures is the client's log, where it tells errors.
type failures struct {
	mu  sync.Mutex
	err error
}

// Printf implements the client's logger.
func (f *failures) Printf(_ string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range args {
		if err, ok := a.(error); ok && f.err == nil {
			f.err = err
		}
	}
}

func (f *failures) first() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}
