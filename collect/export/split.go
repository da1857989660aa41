package export

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"hash/fnv"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/plumbline-ci/plumbline/collect"
)

// SplitCSV writes runs as CSV does, into one file for each metric. The series that
// tags tell apart are in the file of their metric. The folder is made where there
// is none; files of other metrics stay in it, and a file is replaced only when
// all are written.
//
// A file is called as its metric, with %XX for what not every file system takes.
func SplitCSV(dir string, runs iter.Seq2[collect.Run, error]) (err error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	s := splitter{files: map[string]*splitFile{}, taken: map[string]bool{}, series: map[string]*splitFile{}}
	if s.dir, err = os.MkdirTemp(dir, ".new-*"); err != nil {
		return err
	}
	defer os.RemoveAll(s.dir)
	row := make(csvRow, len(csvHead))
	for r, err := range runs {
		if err != nil {
			return err
		}
		row.run(r.Origin)
		for i := range r.Metrics {
			m := &r.Metrics[i]
			row.metric(m)
			if err := s.add(m.Name, row); err != nil {
				return err
			}
		}
	}
	if err := s.flush(); err != nil {
		return err
	}
	for _, f := range s.files {
		if err := os.Rename(filepath.Join(s.dir, f.name), filepath.Join(dir, f.name)); err != nil {
			return err
		}
	}
	return nil
}

// splitter keeps what is not written yet: so many files could not all be open.
type splitter struct {
	dir    string
	files  map[string]*splitFile // by the base of the metrics' names
	series map[string]*splitFile // by their whole names
	taken  map[string]bool       // names of files, in lower case
	kept   int                   // bytes
}

type splitFile struct {
	name string
	text bytes.Buffer
	rows *csv.Writer
}

const mostKept = 16 << 20 // bytes

func (s *splitter) add(metric string, row csvRow) error {
	f := s.series[metric]
	if f == nil {
		base, _ := collect.SplitName(metric)
		if f = s.files[base]; f == nil {
			f = &splitFile{name: s.fileName(base)}
			f.rows = csv.NewWriter(&f.text)
			s.files[base] = f
			if err := f.rows.Write(csvHead); err != nil {
				return err
			}
		}
		s.series[metric] = f
	}
	if err := f.rows.Write(row); err != nil {
		return err
	}
	for _, cell := range row {
		s.kept += len(cell) + 1
	}
	if s.kept >= mostKept {
		return s.flush()
	}
	return nil
}

func (s *splitter) flush() error {
	s.kept = 0
	for _, f := range s.files {
		f.rows.Flush()
		if err := errors.Join(f.rows.Error(), f.append(s.dir)); err != nil {
			return err
		}
	}
	return nil
}

func (f *splitFile) append(dir string) error {
	to, err := os.OpenFile(filepath.Join(dir, f.name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	_, err = f.text.WriteTo(to)
	return errors.Join(err, to.Close())
}

// fileName is a name that every file system takes and that no other metric has,
// also where letters of either case are one.
func (s *splitter) fileName(metric string) string {
	var b strings.Builder
	for i := range len(metric) {
		c := metric[i]
		plain := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-' || c == '.' && i > 0
		if plain {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	name := b.String()
	const most = 200 // of 255 bytes that file systems take
	if len(name) > most {
		h := fnv.New64a()
		_, _ = h.Write([]byte(metric))
		name = fmt.Sprintf("%s~%016x", name[:most-20], h.Sum64())
	}
	device, _, _ := strings.Cut(strings.ToLower(name), ".")
	if name == "" || slices.Contains(devices, device) {
		name = "%" + name // on Windows no file is called so
	}
	unique := name
	for i := 2; s.taken[strings.ToLower(unique)]; i++ {
		unique = fmt.Sprintf("%s~%d", name, i)
	}
	s.taken[strings.ToLower(unique)] = true
	return unique + ".csv"
}

var devices = strings.Fields("con prn aux nul com1 com2 com3 com4 com5 com6 com7 com8 com9 lpt1 lpt2 lpt3 lpt4 lpt5 lpt6 lpt7 lpt8 lpt9")
