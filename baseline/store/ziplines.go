package store

import (
	"bytes"
	"compress/gzip"
)

// soundLines counts the lines of a record file of an archive. Of one that is
// compressed it counts hardly further than most, and refuses it where it grows as
// no record does. What cannot be read of it a listing tells, and blames it on its
// place.
func soundLines(name string, text []byte, most int) (lines int, err error) {
	newline := []byte{'\n'}
	if !bytes.HasPrefix(text, []byte("\x1f\x8b")) {
		return bytes.Count(text, newline), nil
	}
	r, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return 0, nil
	}
	block := make([]byte, 64<<10)
	for size := 0; lines <= most && err == nil; {
		var n int
		n, err = r.Read(block)
		lines += bytes.Count(block[:n], newline)
		if size += n; size > smallText && size/maxZipRatio > len(text) {
			return 0, tooDense(name)
		}
	}
	return lines, nil
}
