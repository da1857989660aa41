//go:build !linux

package probe

import (
	"os"
	"time"
)

// inboxLook is the time between two looks at the folder.
const inboxLook = 20 * time.Millisecond

// inboxWatch looks at the folder again and again. Who still writes to a file that
// was taken goes on writing to it; where the system forbids to move an open file it
// is taken at a later look.
type inboxWatch struct{ end, done chan struct{} }

func (i *Inbox) watch() (*inboxWatch, error) {
	w := &inboxWatch{end: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(w.done)
		sizes := map[string]int64{}
		tick := time.NewTicker(inboxLook)
		defer tick.Stop()
		for {
			select {
			case <-w.end:
				return
			case <-tick.C:
				i.look(sizes)
			}
		}
	}()
	return w, nil
}

// look takes the files that have the size that they had at the last look.
func (i *Inbox) look(sizes map[string]int64) {
	names, _ := os.ReadDir(i.Dir())
	for _, e := range names {
		info, err := e.Info()
		if err != nil {
			continue
		}
		if was, seen := sizes[e.Name()]; seen && was == info.Size() && was > 0 {
			delete(sizes, e.Name())
			i.take(e.Name())
			continue
		}
		sizes[e.Name()] = info.Size()
	}
}

// stop returns 0: nobody counts here.
func (w *inboxWatch) stop() int {
	close(w.end)
	<-w.done
	return 0
}
