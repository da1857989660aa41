package tables

import (
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"

	"github.com/plumbline-ci/plumbline/collect"
)

// The packer and the unpacker are made when they are first needed: that takes
// memory, which most commands have no use for. Both serve any number of goroutines.
var (
	packer = sync.OnceValue(func() *zstd.Encoder {
		e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(2), zstd.WithEncoderLevel(zstd.SpeedDefault))
		if err != nil {
			panic(err) // the options are wrong
		}
		return e
	})
	unpacker = sync.OnceValue(func() *zstd.Decoder {
		d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(2), zstd.WithDecoderMaxMemory(collect.MaxLine))
		if err != nil {
			panic(err)
		}
		return d
	})
)

// pack compresses a record. What it gives has a checksum of the record.
func pack(line []byte) []byte { return packer().EncodeAll(line, nil) }

// unpack appends the record that was packed to buf.
func unpack(buf, packed []byte) ([]byte, error) {
	line, err := unpacker().DecodeAll(packed, buf)
	if err != nil {
		return nil, fmt.Errorf("the stored record is damaged: %w", err)
	}
	return line, nil
}
