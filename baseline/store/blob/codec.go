package blob

import (
	"bytes"
	"errors"
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// maxRecord bounds a record: a small object must not become all of the memory.
const maxRecord = 1 << 29

// codec makes objects of records and back. The zero codec is ready: it sets up
// what it needs when it is used first, as most commands open no such store.
type codec struct {
	once sync.Once
	enc  *zstd.Encoder
	dec  *zstd.Decoder
	err  error
}

func (c *codec) ready() error {
	c.once.Do(func() {
		var encErr, decErr error
		c.enc, encErr = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true))
		c.dec, decErr = zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(maxRecord))
		c.err = errors.Join(encErr, decErr)
	})
	return c.err
}

// encode makes an object of a record: a frame with a checksum, of one line.
func (c *codec) encode(line []byte) ([]byte, error) {
	if err := c.ready(); err != nil {
		return nil, err
	}
	return c.enc.EncodeAll(append(bytes.TrimRight(line, "\n"), '\n'), nil), nil
}

// decode gives the record of an object, without the end of the line.
func (c *codec) decode(body []byte) ([]byte, error) {
	if err := c.ready(); err != nil {
		return nil, err
	}
	text, err := c.dec.DecodeAll(body, nil)
	if err != nil {
		return nil, fmt.Errorf("it is damaged: %w", err)
	}
	line, rest, _ := bytes.Cut(text, []byte("\n"))
	if len(line) == 0 || len(bytes.TrimSpace(rest)) > 0 {
		return nil, errors.New("it is no object of one record")
	}
	return line, nil
}
