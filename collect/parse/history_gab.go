package parse

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// gabHistory reads what github-action-benchmark keeps: data.js of its pages, and
// the same without the assignment in its external file. Each commit of each suite
// is a run, whose name is the suite's; its time is that of the benchmark.
var gabHistory = History{
	Name:    "github-action-benchmark",
	Aliases: []string{"gab", "data.js"},
	From:    "github-action-benchmark: dev/bench/data.js, the file of external-data-json-path",
	Match: func(h *Head) bool {
		head := bytes.TrimLeft(h.Bytes, " \t\r\n")
		return bytes.HasPrefix(head, gabAssigned) || h.json().has("lastUpdate", "entries")
	},
	read: readGAB,
}

var gabAssigned = []byte("window.BENCHMARK_DATA")

// gabEntry is one run of one suite. Date is in milliseconds.
type gabEntry struct {
	Commit  struct{ ID, Timestamp, URL string }
	Date    *looseNumber
	Tool    string
	Benches []gabBench
}

type gabBench struct {
	Name  string
	Value *looseNumber
	Unit  looseText
	Range looseText
	Extra looseText
}

// looseText is text for which some tools write a number.
type looseText string

func (t *looseText) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, (*string)(t))
	}
	if string(b) != "null" {
		*t = looseText(b)
	}
	return nil
}

func readGAB(in *pastReader) error {
	r, err := withoutAssignment(in.r)
	if err != nil {
		return err
	}
	j := newJSONReader(r)
	repository, there := "", false
	err = j.object(func(key string) error {
		switch key {
		case "repoUrl":
			var address string
			err := j.read(&address)
			repository = repositoryOf(address)
			return err
		case "entries":
			there = true
			return j.object(func(suite string) error {
				return j.array(func() error { return gabRun(in, j, suite, repository) })
			})
		}
		return nil
	})
	if err == nil && !there {
		return j.errorf(`has no "entries": want what github-action-benchmark writes`)
	}
	return err
}

// withoutAssignment blanks what stands before the object of data.js.
func withoutAssignment(r io.Reader) (io.Reader, error) {
	in := bufio.NewReader(r)
	head, err := in.Peek(in.Size())
	if err != nil && err != io.EOF {
		return nil, err
	}
	n := bytes.IndexByte(head, '{')
	if !bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), gabAssigned) || n < 0 {
		return in, nil
	}
	blank := bytes.Map(func(c rune) rune {
		if c == '\n' {
			return c
		}
		return ' '
	}, head[:n])
	_, err = in.Discard(n)
	return io.MultiReader(bytes.NewReader(blank), in), err
}

// gabRun reads one run. A benchmark without a value is told of, and the others
// count.
func gabRun(in *pastReader, j *jsonReader, suite, repository string) error {
	var e gabEntry
	ok, raw, err := in.entry(j, &e)
	if err != nil || !ok {
		return err
	}
	at, ok := e.time()
	if !ok {
		return in.fault(j.inside(raw, fmt.Errorf(`run of %q has no "date": want milliseconds`, suite)))
	}
	if repository == "" {
		address, _, _ := strings.Cut(e.Commit.URL, "/commit/")
		repository = repositoryOf(address)
	}
	metrics, faults := e.metrics(in.options.Package)
	for _, f := range faults {
		if err := in.fault(j.inside(raw, fmt.Errorf("run of %q at commit %.12s: %w", suite, e.Commit.ID, f))); err != nil {
			return err
		}
	}
	if len(metrics) == 0 {
		if len(faults) > 0 {
			return nil
		}
		return in.fault(j.inside(raw, fmt.Errorf("run of %q at commit %.12s has no benchmark", suite, e.Commit.ID)))
	}
	return in.put(collect.Run{
		Origin:  collect.Origin{Name: suite, Time: at, Commit: e.Commit.ID, Repository: repository},
		Metrics: metrics,
	})
}

// time is when the benchmark ran, or else when its commit was made.
func (e *gabEntry) time() (time.Time, bool) {
	if e.Date != nil {
		if at, ok := sinceEpoch(float64(*e.Date) / 1e3); ok {
			return at, true
		}
	}
	at, err := time.Parse(time.RFC3339Nano, e.Commit.Timestamp)
	return at.UTC(), err == nil
}

// sinceEpoch is the time so many seconds after 1970, for years of four digits.
func sinceEpoch(seconds float64) (time.Time, bool) {
	if !(seconds > 0 && seconds < 2e11) {
		return time.Time{}, false
	}
	return time.UnixMicro(int64(seconds * 1e6)).UTC(), true
}

// repositoryOf is the owner/name of a repository's address, or empty.
func repositoryOf(address string) string {
	address = strings.TrimSuffix(strings.TrimRight(address, "/"), ".git")
	if _, rest, ok := strings.Cut(address, "://"); ok {
		_, address, _ = strings.Cut(rest, "/")
	} else if _, rest, ok := strings.Cut(address, ":"); ok {
		address = rest // git@host:owner/name
	}
	parts := strings.Split(address, "/")
	if len(parts) < 2 {
		return ""
	}
	return strings.Join(parts[len(parts)-2:], "/")
}

var errNoValue = errors.New("has no value: want a number")
