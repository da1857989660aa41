package store

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-ci/plumbline/collect"
)

// inMemory is a file that is not on the disk.
type inMemory struct{ *bytes.Reader }

func (inMemory) Close() error               { return nil }
func (inMemory) Stat() (fs.FileInfo, error) { return nil, fs.ErrInvalid }

// FuzzBackward holds reading from the end against reading from the begin.
func FuzzBackward(f *testing.F) {
	for _, text := range []string{"", "\n", "a\nb\r\n\r\nc", "\xef\xbb\xbfa\n", "\xef\xbb\xbf\n\xef\xbb\xbf"} {
		f.Add([]byte(text), uint16(0))
		f.Add([]byte(text), uint16(blockBytes-2))
	}
	f.Fuzz(func(t *testing.T, content []byte, more uint16) {
		if bytes.HasPrefix(content, []byte("\x1f\x8b")) {
			return
		}
		content = append(content, bytes.Repeat([]byte("x"), int(more))...) // past the first block
		var want, got []string
		for l, err := range collect.NewReader(bytes.NewReader(content), "f").Lines() {
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, fmt.Sprintf("%d %v %s", l.Offset, l.Torn, l.Text))
		}
		slices.Reverse(want)
		text := &text{at: inMemory{bytes.NewReader(content)}}
		b := backward{text: text, end: int64(len(content)), limit: collect.MaxLine}
		for {
			l, err := b.next()
			if err == io.EOF {
				break
			}
			got = append(got, lineText(t, text, l, err))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%.100q backward differs (-want +got):\n%.400s", content, diff)
		}
	})
}
