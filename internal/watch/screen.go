package watch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/gdamore/tcell/v3"
	"github.com/gdamore/tcell/v3/color"

	"github.com/plumbline-ci/plumbline/check/report"
)

// Screen shows the view on the terminal until the person or the run ends it, and
// leaves the terminal as it was, whatever happens. Of a run that ended it writes
// the last figures. The first error of a source that never answered is returned.
func Screen(ctx context.Context, o Options) error {
	first, err := o.Source.Status(ctx)
	if err != nil {
		return err
	}
	// No question is asked of the terminal: one that answers late would write into
	// the prompt of the shell.
	terminal, err := tcell.NewTerminfoScreen(tcell.OptNegotiation(false), tcell.OptSanitizeContent(true))
	if err == nil {
		err = terminal.Init()
	}
	if err != nil {
		return fmt.Errorf("show a screen: %w", err)
	}
	s := &screen{Screen: terminal, h: &History{}, v: View{Filter: o.Filter, Every: o.Interval}, plain: terminal.CharacterSet() != "UTF-8"}
	s.h.Add(first)
	end, err := s.show(ctx, o)
	if err != nil || !end.over {
		return err
	}
	return last(o, end, s.h)
}

// screen is a terminal with what is on it.
type screen struct {
	tcell.Screen
	h     *History
	v     View
	plain bool // of ASCII alone
}

// show draws and takes keys until the end, which is over where the run ended.
func (s *screen) show(ctx context.Context, o Options) (end event, err error) {
	told := make(chan os.Signal, 1)
	signal.Notify(told, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	defer signal.Stop(told)
	held := make(chan os.Signal, 1)
	if stoppable() {
		signal.Notify(held, stops...)
		defer signal.Stop(held)
	}
	f := follow(ctx, o)
	defer f.stop()
	defer s.Fini() // before a panic is told
	for {
		s.draw()
		select {
		case <-ctx.Done():
			return end, nil
		case <-told:
			return end, nil
		case <-held:
			if err := s.pause(false); err != nil {
				return end, err
			}
		case e := <-f.events:
			if e.crash != nil {
				s.Fini()
				panic(fmt.Sprintf("%v\n\n%s", e.crash.value, e.crash.stack))
			}
			if s.v.Err = e.err; e.err == nil {
				s.h.Add(e.status)
			}
			if e.over {
				return e, nil
			}
		case e := <-s.EventQ():
			if key, ok := e.(*tcell.EventKey); ok && key.Key() == tcell.KeyCtrlZ && stoppable() {
				if err := s.pause(true); err != nil {
					return end, err
				}
			} else if s.take(e) {
				return end, nil
			}
		}
	}
}

// pause gives the terminal back while the program is stopped, with the rest of its
// job or by itself.
func (s *screen) pause(job bool) error {
	err := s.Suspend()
	if err == nil {
		err = errors.Join(stop(job), s.Resume())
	}
	if err != nil {
		return fmt.Errorf("stop and go on: %w", err)
	}
	s.Sync()
	return nil
}

// take is told of a key or a new size, and reports whether that ends it.
func (s *screen) take(e tcell.Event) (quit bool) {
	switch e := e.(type) {
	case *tcell.EventResize:
		s.Sync()
	case *tcell.EventKey:
		return s.v.Key(keyOf(e))
	case *tcell.EventError: // the terminal is gone
		return true
	}
	return false
}

func keyOf(e *tcell.EventKey) string {
	switch e.Key() {
	case tcell.KeyRune:
		return e.Str()
	case tcell.KeyCtrlC:
		return KeyInterrupt
	case tcell.KeyUp:
		return KeyUp
	case tcell.KeyDown:
		return KeyDown
	case tcell.KeyPgUp:
		return KeyPageUp
	case tcell.KeyPgDn:
		return KeyPageDown
	case tcell.KeyHome:
		return KeyHome
	case tcell.KeyEnd:
		return KeyEnd
	case tcell.KeyEnter:
		return KeyEnter
	case tcell.KeyEscape:
		return KeyEscape
	case tcell.KeyBackspace, tcell.KeyBackspace2:
		return KeyBackspace
	}
	return ""
}

func (s *screen) draw() {
	s.Clear()
	width, height := s.Size()
	for y, line := range s.v.Draw(s.h, width, height) {
		x := 0
		for _, span := range line {
			text := span.Text
			if s.plain {
				text = ascii.Replace(text)
			}
			s.PutStrStyled(x, y, text, looks(span.Style))
			x += report.Columns(text)
		}
	}
	s.Show()
}

// ascii draws with what every terminal has.
var ascii = strings.NewReplacer("▁", "_", "▂", ".", "▃", "-", "▄", ":", "▅", "=", "▆", "+", "▇", "*", "█", "#", "…", "~", "–", "-", "µ", "u")

// looks are the styles by the sixteen colours, which the person chose, and which
// NO_COLOR takes away.
func looks(s Style) tcell.Style {
	plain := tcell.StyleDefault
	switch s {
	case Bold:
		return plain.Bold(true)
	case Dim:
		return plain.Dim(true)
	case Bad:
		return plain.Bold(true).Foreground(color.Maroon)
	case Title:
		return plain.Reverse(true)
	}
	return plain
}
