package parse

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/plumbline-ci/plumbline/collect"
)

// History is one kind of file in which a tool keeps the results of many runs. To
// add one, write a file history_NAME.go with its two functions and list it in
// histories. Metrics are named as Format names them for the tool's own output, so
// that what is measured from now on continues what was.
type History struct {
	// Name is what users type: import NAME FILE.
	Name string
	// Aliases are other names that it is known by.
	Aliases []string
	// From says who writes it, for the list of formats.
	From string
	// OwnIDs says that a run's ID is its run_id wherever the run is kept. Other
	// tools' IDs are their own, and empty where they have none.
	OwnIDs bool

	// Match reports whether a file is of this kind, by its first bytes.
	Match func(h *Head) bool

	read func(in *pastReader) error
}

// HistoryOptions say what a file cannot.
type HistoryOptions struct {
	// Package is Go's package of benchmarks, where the file names none:
	// github-action-benchmark leaves it out where there is only one.
	Package string
}

// Histories returns all kinds of history. The first that matches a file is its.
func Histories() []History {
	return []History{gabHistory, gobenchdataHistory, octocovHistory, asvHistory, bencherPerf, conbenchHistory, bmfHistory, gobenchHistory, recordHistory, csvHistory}
}

// LookupHistory returns the kind of history that users call name. Every other
// format of result files is one too: of one run a file.
func LookupHistory(name string) (History, bool) {
	for _, h := range Histories() {
		if h.Name == name || slices.Contains(h.Aliases, name) {
			return h, true
		}
	}
	f, ok := Lookup(name)
	return oneRun(f.Name, nil, f, nil), ok
}

// DetectHistory returns the kind of a file by its first bytes, decompressed, of
// which HeadBytes are enough.
func DetectHistory(name string, head []byte) (History, bool) {
	h := &Head{Name: name, Bytes: head}
	for _, kind := range Histories() {
		if kind.Match(h) {
			return kind, true
		}
	}
	return History{}, false
}

// Fits reports whether a file is of this kind, by its first bytes, decompressed.
func (h History) Fits(name string, head []byte) bool { return h.Match(&Head{Name: name, Bytes: head}) }

// OpenHistory finds out what kind of history a file is, which may be compressed
// with gzip: that of the given name, or where it is empty that of its content.
func OpenHistory(r io.Reader, name, kind string) (History, *bufio.Reader, error) {
	in, err := historyText(r)
	if err != nil {
		return History{}, nil, locate(err, name)
	}
	head, err := in.Peek(HeadBytes)
	if err != nil && err != io.EOF {
		return History{}, nil, locate(err, name)
	}
	if len(head) == 0 {
		return History{}, nil, locate(errors.New("file is empty"), name)
	}
	var h History
	var ok bool
	if kind == "" {
		if h, ok = DetectHistory(name, head); !ok {
			err = fmt.Errorf("no known history: it is %s; want %s, or the format said", looks(head), historyNames())
		}
	} else if h, ok = LookupHistory(kind); !ok {
		err = fmt.Errorf("unknown format %q: want auto, %s, or a format that collect reads", kind, historyNames())
	}
	if !ok {
		return h, nil, locate(err, name)
	}
	return h, in, nil
}

// historyText decompresses and decodes a file.
func historyText(r io.Reader) (*bufio.Reader, error) {
	in := bufio.NewReaderSize(r, HeadBytes)
	if magic, _ := in.Peek(2); string(magic) == "\x1f\x8b" {
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, err
		}
		in = bufio.NewReaderSize(z, HeadBytes)
	}
	return decode(in)
}

func historyNames() string {
	var all []string
	for _, h := range Histories() {
		all = append(all, h.Name)
	}
	return strings.Join(all[:len(all)-1], ", ") + " or " + all[len(all)-1]
}

// Runs reads a file of this kind as a stream and yields its runs in the order of
// the file, or by time where the file goes by metric. What the file does not say of
// a run is empty, its time too. An error is of one entry, and names file and place;
// the sequence goes on where it can. A file of another kind gives errors alone.
func (h History) Runs(r io.Reader, name string, o HistoryOptions) iter.Seq2[collect.Run, error] {
	return func(yield func(collect.Run, error) bool) {
		in := &pastReader{r: r, name: name, options: o, yield: yield}
		err := h.read(in)
		if err == nil && in.runs+in.faults == 0 {
			err = errors.New("no run in it")
		}
		if err != nil && !errors.Is(err, errStopped) {
			yield(collect.Run{}, locate(err, name))
		}
	}
}

// errStopped says that the caller of a sequence wants no more of it.
var errStopped = errors.New("stopped")

// pastReader is what the reader of a history reads from and hands its runs to.
type pastReader struct {
	r            io.Reader
	name         string // of the file, for errors
	options      HistoryOptions
	yield        func(collect.Run, error) bool
	runs, faults int
}

// put hands out a run. Its error ends the reading.
func (in *pastReader) put(run collect.Run) error {
	in.runs++
	if !in.yield(run, nil) {
		return errStopped
	}
	return nil
}

// fault hands out what is wrong with one entry. Its error ends the reading.
func (in *pastReader) fault(err error) error {
	in.faults++
	if !in.yield(collect.Run{}, locate(err, in.name)) {
		return errStopped
	}
	return nil
}

// entry reads one value whole into to. What is wrong with it alone is handed out,
// and ok is false; an error ends the reading.
func (in *pastReader) entry(j *jsonReader, to any) (ok bool, raw json.RawMessage, err error) {
	if err := j.read(&raw); err != nil {
		return false, nil, err
	}
	if err := json.Unmarshal(raw, to); err != nil {
		return false, raw, in.fault(j.inside(raw, err))
	}
	return true, raw, nil
}

// inside gives an error about a value that was just read its place.
func (j *jsonReader) inside(raw json.RawMessage, err error) *Error {
	at := j.dec.InputOffset() - int64(len(raw))
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		if kind.Field != "" && kind.Offset <= int64(len(raw)) {
			at += kind.Offset
		}
		err = fmt.Errorf("%q is %s: want %s", kind.Field, kind.Value, wanted(kind))
	}
	line, column := j.src.place(max(at, 0))
	return &Error{Line: line, Column: column, Err: err}
}
