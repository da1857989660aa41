package live

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// stale is the age from which on a socket that nobody answers at is one that a
// killed run has left. A younger one may be about to be listened at.
const stale = time.Minute

// Run is a run under way.
type Run struct {
	PID    int
	Socket string
	Status collect.Status
}

// Runs are the runs under way whose sockets are in a folder, the one that began
// last first. What killed runs left there is removed.
func Runs(ctx context.Context, folder string) ([]Run, error) {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err == nil {
		err = own(folder)
	}
	if err != nil {
		return nil, fmt.Errorf("look for runs under way: %w", err)
	}
	var all []Run
	for _, e := range entries {
		pid, err := strconv.Atoi(strings.TrimSuffix(e.Name(), extension))
		if err != nil || !strings.HasSuffix(e.Name(), extension) {
			continue
		}
		r := Run{PID: pid, Socket: filepath.Join(folder, e.Name())}
		source := AtSocket(r.Socket)
		r.Status, err = source.Status(ctx)
		source.Close()
		if err == nil {
			all = append(all, r)
		} else if info, infoErr := e.Info(); infoErr == nil && gone(err) && time.Since(info.ModTime()) > stale {
			_ = os.Remove(r.Socket)
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[j].Status.Started.Before(all[i].Status.Started) })
	return all, nil
}
