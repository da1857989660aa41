package artifact

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
)

// The files of an archive. Others that it may have are for people.
const (
	RunFile     = "run.jsonl"     // the run of the job, then its re-runs
	HistoryFile = "history.jsonl" // earlier runs of the baseline branch
	IndexFile   = "index.json"    // which workflow run each of them is from
	VerdictFile = "verdict.json"
	SectionFile = "section.json" // the job's part of the comment
	PageFile    = "report.html"  // for people; no job reads it
	// BaselineFile are the runs that a change was compared with, for people who
	// ask why. No later job reads it: a change has no say in baselines.
	BaselineFile = "baseline.jsonl"
)

// read are the files that Unpack reads.
var read = []string{RunFile, HistoryFile, IndexFile, VerdictFile, SectionFile}

// MostZip is how many bytes of a zip file are read.
const MostZip = 128 << 20

// Bounds of what a zip file may hold. The sizes are those that really come out:
// what a zip file says of itself may be a lie.
const (
	mostFiles = 64
	mostBytes = 256 << 20 // of all files that are read
	mostLines = 250_000   // of a file of runs; each takes memory, however short it is
)

// File is a file of an archive.
type File struct {
	Name string
	Data []byte
}

// Pack makes a zip file.
func Pack(files []File) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		w, err := z.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Deflate})
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(f.Data); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Unpack reads the known files of a zip file into memory. What it is given may
// have been made to do harm: nothing is written to the disk, no link followed,
// and what is larger than anything useful is refused.
func Unpack(data []byte) (map[string][]byte, error) { return unpackOnly(data, read, mostBytes) }

// unpackOnly reads the files of some names, of so many bytes in all.
func unpackOnly(data []byte, names []string, most int64) (map[string][]byte, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("it is no zip file: %w", err)
	}
	if len(z.File) > mostFiles {
		return nil, fmt.Errorf("it has %d files, more than the %d that it may have", len(z.File), mostFiles)
	}
	files := map[string][]byte{}
	seen := map[string]bool{}
	left := most
	for _, f := range z.File {
		if err := acceptable(f, seen); err != nil {
			return nil, err
		}
		seen[f.Name] = true
		if !slices.Contains(names, f.Name) {
			continue
		}
		text, err := unpack(f, left)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		if n := bytes.Count(text, []byte{'\n'}); n > mostLines && strings.HasSuffix(f.Name, ".jsonl") {
			return nil, fmt.Errorf("%s: it has %d lines, more than the %d that are read", f.Name, n, mostLines)
		}
		left -= int64(len(text))
		files[f.Name] = text
	}
	return files, nil
}

// encrypted is the bit of a file's flags that says so (APPNOTE.TXT, 4.4.4).
const encrypted = 1

func acceptable(f *zip.File, seen map[string]bool) error {
	switch {
	case !filepath.IsLocal(f.Name) || strings.Contains(f.Name, `\`):
		return fmt.Errorf("it has a file %q, whose name leads out of it", f.Name)
	case f.Mode()&fs.ModeType != 0 && !f.Mode().IsDir():
		return fmt.Errorf("%q in it is no regular file", f.Name)
	case f.Flags&encrypted != 0:
		return fmt.Errorf("%q in it is encrypted", f.Name)
	case seen[f.Name]:
		return fmt.Errorf("it has %q twice", f.Name)
	}
	return nil
}

func unpack(f *zip.File, most int64) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	text, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(text)) > most {
		return nil, errors.New("unpacked it is larger than anything that plumbline stores")
	}
	return text, nil
}
