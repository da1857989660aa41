package postgres

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/puddle/v2"
)

// unproven is how long a connection may be idle and still is taken for alive.
const unproven = time.Second

// pool is connections that are used again.
type pool struct {
	*puddle.Pool[*pgconn.PgConn]
	limits limits
	sweeps *time.Timer
	armed  atomic.Bool // the timer runs
}

// newPool makes a pool, and connects to nothing.
func newPool(config *pgconn.Config, l limits) (*pool, error) {
	made, err := puddle.NewPool(&puddle.Config[*pgconn.PgConn]{
		Constructor: func(ctx context.Context) (*pgconn.PgConn, error) { return pgconn.ConnectConfig(ctx, config.Copy()) },
		Destructor:  destroy,
		MaxSize:     l.conns,
	})
	if err != nil {
		return nil, err
	}
	p := &pool{Pool: made, limits: l}
	p.sweeps = time.AfterFunc(time.Hour, p.sweep)
	p.sweeps.Stop()
	return p, nil
}

// destroy tells the server goodbye, if it still listens.
func destroy(c *pgconn.PgConn) {
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	_ = c.Close(ctx) // it is of no more use, whatever the server says
	select {
	case <-c.CleanupDone():
	case <-ctx.Done():
	}
}

// Close ends all connections, when they are not used any more.
func (p *pool) Close() {
	p.sweeps.Stop()
	p.Pool.Close()
}

// with calls work with a connection. One that broke, or is in the middle of
// something after work, is not used again.
func (p *pool) with(ctx context.Context, work func(c *pgconn.PgConn) error) error {
	r, err := p.alive(ctx)
	if err != nil {
		return err
	}
	c := r.Value()
	done := false
	defer func() {
		if !done || c.IsClosed() || c.IsBusy() || c.TxStatus() != 'I' {
			r.Destroy()
			return
		}
		r.Release()
		if p.armed.CompareAndSwap(false, true) {
			p.sweeps.Reset(max(p.limits.idle, unproven))
		}
	}()
	err = work(c)
	done = true
	return err
}

// alive takes a connection that answers. All that are idle may be broken, after the
// server was started anew: then a fresh one is made.
func (p *pool) alive(ctx context.Context) (*puddle.Resource[*pgconn.PgConn], error) {
	for {
		r, err := p.Acquire(ctx)
		if err != nil {
			return nil, err
		}
		fresh := r.IdleDuration() < unproven
		if !p.old(r) && (fresh || p.answers(ctx, r.Value())) {
			return r, nil
		}
		r.Destroy()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
}

func (p *pool) old(r *puddle.Resource[*pgconn.PgConn]) bool {
	return p.limits.lifetime > 0 && time.Since(r.CreationTime()) > p.limits.lifetime
}

func (p *pool) answers(ctx context.Context, c *pgconn.PgConn) bool {
	if p.limits.ping > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, p.limits.ping)
		defer cancel()
	}
	return c.Ping(ctx) == nil
}

// sweep closes the connections that nobody used for long.
func (p *pool) sweep() {
	for _, r := range p.AcquireAllIdle() {
		if r.IdleDuration() >= p.limits.idle || p.old(r) {
			r.Destroy()
			continue
		}
		r.ReleaseUnused()
	}
	p.armed.Store(false) // the next that is given back begins anew
	if p.Stat().IdleResources() > 0 && p.armed.CompareAndSwap(false, true) {
		p.sweeps.Reset(max(p.limits.idle, unproven))
	}
}
