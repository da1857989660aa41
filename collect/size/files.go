package size

import (
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"github.com/plumbline-ci/plumbline/collect"
)

// Files measures the sum of files, as they are and each compressed by itself:
// artifact.LABEL_mb, _gzip_mb, _brotli_mb and _zstd_mb. Levels are those that
// servers of files use: 9 of gzip, 6 of brotli, 3 of zstd. Of wheels it adds what
// Wheel finds, summed.
func Files(label string, files []string) ([]collect.Metric, error) {
	if err := checkLabel(label); err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("artifact %q has no file", label)
	}
	sum := make([]int64, 1+len(compressors))
	var mu sync.Mutex
	err := parallel(files, func(file string) error {
		sizes, err := compressedSizes(file)
		mu.Lock()
		defer mu.Unlock()
		for i, n := range sizes {
			sum[i] += n
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	prefix := "artifact." + label
	ms := []collect.Metric{megabytes(prefix+"_mb", sum[0])}
	for i, c := range compressors {
		ms = append(ms, megabytes(prefix+"_"+c.name+"_mb", sum[1+i]))
	}
	wheels, err := wheelMetrics(prefix, files)
	return append(ms, wheels...), err
}

// checkLabel keeps a label fit for the middle of a name.
func checkLabel(label string) error {
	bad := strings.ContainsFunc(label, func(r rune) bool { return r <= ' ' || strings.ContainsRune("[]=,", r) })
	if label == "" || bad {
		return fmt.Errorf("label %q: want a word without spaces, brackets, commas and equals signs", label)
	}
	return nil
}

func megabytes(name string, bytes int64) collect.Metric {
	return collect.Metric{Name: name, Unit: "MB", Better: collect.Lower, Value: float64(bytes) / 1e6}
}

// parallel calls do for each file, as many at a time as there are processors. It
// returns the first error.
func parallel(files []string, do func(file string) error) error {
	var wg sync.WaitGroup
	var once sync.Once
	var first error
	places := make(chan struct{}, runtime.GOMAXPROCS(0))
	for _, file := range files {
		places <- struct{}{}
		wg.Go(func() {
			defer func() { <-places }()
			if err := do(file); err != nil {
				once.Do(func() { first = err })
			}
		})
	}
	wg.Wait()
	return first
}

// compressors make the further sizes of a file.
var compressors = []struct {
	name string
	open func(io.Writer) (io.WriteCloser, error)
}{
	{"gzip", func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriterLevel(w, gzip.BestCompression) }},
	{"brotli", func(w io.Writer) (io.WriteCloser, error) { return brotli.NewWriterLevel(w, 6), nil }},
	{"zstd", func(w io.Writer) (io.WriteCloser, error) {
		return zstd.NewWriter(w, zstd.WithEncoderLevel(zstd.SpeedDefault), zstd.WithEncoderConcurrency(1))
	}},
}

// compressedSizes reads a file once: its size, then that by each compressor.
func compressedSizes(name string) ([]int64, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("measure the size: %w", err)
	}
	defer f.Close()
	counts := make([]counter, len(compressors))
	var all []io.Writer
	var closers []io.Closer
	for i, c := range compressors {
		w, err := c.open(&counts[i])
		if err != nil {
			return nil, fmt.Errorf("measure the size of %s with %s: %w", name, c.name, err)
		}
		all, closers = append(all, w), append(closers, w)
	}
	n, err := io.Copy(io.MultiWriter(all...), f)
	for _, c := range closers {
		if cerr := c.Close(); err == nil {
			err = cerr
		}
	}
	if err != nil {
		return nil, fmt.Errorf("measure the size of %s: %w", name, err)
	}
	sizes := []int64{n}
	for _, c := range counts {
		sizes = append(sizes, c.n)
	}
	return sizes, nil
}

// counter counts what is written to it.
type counter struct{ n int64 }

func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}
