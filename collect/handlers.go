package collect

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"os"
	"slices"
)

// ToStream is a handler that writes messages to w as JSON, one a line. What a
// failed write cut off is written again on a line of its own.
func ToStream(w io.Writer) Handler { return &toStream{w: w} }

type toStream struct {
	w    io.Writer
	torn bool // the last line has no end
}

func (s *toStream) Handle(_ context.Context, batch []Message) (taken int, err error) {
	var text []byte
	if s.torn {
		text = append(text, '\n')
	}
	lead := len(text)
	ends := make([]int, 0, len(batch))
	var wrong error
	for _, m := range batch {
		start := len(text)
		if text, err = m.AppendJSON(text); err != nil {
			// It will never be JSON: it counts as taken, and is told of.
			text, wrong = text[:start], errors.Join(wrong, err)
		} else {
			text = append(text, '\n')
		}
		ends = append(ends, len(text))
	}
	if len(text) == lead {
		return len(batch), wrong
	}
	n, err := s.w.Write(text)
	for taken < len(ends) && ends[taken] <= n {
		taken++
	}
	if n > 0 {
		s.torn = text[min(n, len(text))-1] != '\n'
	}
	if err == nil && n < len(text) {
		err = io.ErrShortWrite
	}
	return taken, errors.Join(err, wrong)
}

// ToFile is a handler that appends messages to a file as JSON, one a line. The
// file is made where it is missing, opened when there is something to write, and
// opened anew when it was moved away or could not be written.
func ToFile(name string) Handler { return &toFile{name: name} }

type toFile struct {
	name string
	f    *os.File
	to   *toStream
}

func (h *toFile) Handle(ctx context.Context, batch []Message) (int, error) {
	if h.f != nil && !h.there() {
		h.Close()
	}
	if h.f == nil {
		if err := h.open(); err != nil {
			return 0, err
		}
	}
	taken, err := h.to.Handle(ctx, batch)
	if taken < len(batch) {
		h.Close()
	}
	return taken, err
}

// there reports whether the open file still has its name.
func (h *toFile) there() bool {
	open, err := h.f.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(h.name)
	return err == nil && os.SameFile(open, named)
}

func (h *toFile) open() error {
	f, err := os.OpenFile(h.name, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o666)
	if err != nil {
		return err
	}
	h.f, h.to = f, &toStream{w: f}
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() && info.Size() > 0 {
		var last [1]byte
		_, err := f.ReadAt(last[:], info.Size()-1)
		h.to.torn = err == nil && last[0] != '\n'
	}
	return nil
}

// Close closes the file.
func (h *toFile) Close() error {
	if h.f == nil {
		return nil
	}
	err := h.f.Close()
	h.f = nil
	return err
}

// ToLog is a handler that logs each message with l: an event under its type, with
// seconds, pid and attributes; a run as "run", with its id, type and number of
// metrics.
func ToLog(l *slog.Logger, level slog.Level) Handler {
	return HandlerFunc(func(ctx context.Context, batch []Message) (int, error) {
		for i, m := range batch {
			if !l.Enabled(ctx, level) {
				return len(batch), nil
			}
			var err error
			switch {
			case m.Run != nil:
				r := slog.NewRecord(m.Run.Time, level, "run", 0)
				r.AddAttrs(slog.String("run_id", m.Run.ID), slog.String("type", m.Run.Type), slog.Int("metrics", len(m.Run.Metrics)))
				if text := m.Run.Extra["attributes"]; text != nil {
					r.AddAttrs(slog.String("attributes", string(bytes.TrimSpace(text))))
				}
				err = l.Handler().Handle(ctx, r)
			case m.Event != nil:
				r := slog.NewRecord(m.Event.Time, level, m.Event.Type, 0)
				r.AddAttrs(slog.Float64("seconds", m.Event.Duration.Seconds()), slog.Int("pid", m.Event.PID))
				for _, k := range slices.Sorted(maps.Keys(m.Event.Attributes)) {
					r.AddAttrs(slog.String(k, m.Event.Attributes[k]))
				}
				err = l.Handler().Handle(ctx, r)
			}
			if err != nil {
				return i, err
			}
		}
		return len(batch), nil
	})
}
