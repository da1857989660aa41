package parse

import (
	"io"
	"runtime"
)

// A Source is one of several files. Name is for errors; Format is as File takes
// it. Open is called once, from another goroutine.
type Source struct {
	Name, Format string
	Open         func() (io.ReadCloser, error)
}

// Read is what became of a source: the format that it was read as, or why it
// could not be read.
type Read struct {
	Format string
	Err    error
}

// Files reads several files at a time, as File does each of them, and adds them
// to the sheet in their order, so that the result does not depend on which was
// faster. A file that cannot be read adds nothing and does not stop the others.
func Files(sources []Source, s *Sheet) []Read {
	type parsed struct {
		sheet *Sheet
		Read
	}
	// A place is taken by each file from its opening until its sheet is merged,
	// which bounds the sheets that wait for a slow file before them.
	places := make(chan struct{}, 2*runtime.GOMAXPROCS(0))
	done := make([]chan parsed, len(sources))
	for i := range done {
		done[i] = make(chan parsed, 1)
	}
	go func() {
		for i, src := range sources {
			places <- struct{}{}
			go func() {
				var p parsed
				p.sheet, p.Format, p.Err = src.read(s)
				done[i] <- p
			}()
		}
	}()
	all := make([]Read, len(sources))
	for i := range sources {
		p := <-done[i]
		if p.Err == nil {
			s.Merge(p.sheet)
		}
		all[i] = p.Read
		<-places
	}
	return all
}

func (src Source) read(s *Sheet) (*Sheet, string, error) {
	f, err := src.Open()
	if err != nil {
		return nil, src.Format, err
	}
	defer f.Close()
	return readOne(f, src.Name, src.Format, s)
}
