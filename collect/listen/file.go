package listen

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// mostLine bounds a line of the file.
const mostLine = 64 << 10

// readFile reads the file of metrics, whose lines are those of StatsD.
func (l *Listener) readFile() error {
	f, err := os.Open(l.file)
	if errors.Is(err, os.ErrNotExist) {
		l.note("the command removed the file that %s names; what was in it is lost", FileEnv)
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	l.g.mu.Lock()
	defer l.g.mu.Unlock()
	r := bufio.NewReaderSize(f, mostLine)
	for n := 1; ; n++ {
		line, err := r.ReadSlice('\n')
		if err == bufio.ErrBufferFull {
			l.g.lines++
			l.g.junk(line[:80], fmt.Sprintf("line %d of the file of metrics is longer than %d bytes", n, mostLine))
			for err == bufio.ErrBufferFull {
				_, err = r.ReadSlice('\n')
			}
			line = nil
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			l.g.line(line)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the file of metrics: %w", err)
		}
	}
}
