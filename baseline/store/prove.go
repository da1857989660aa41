package store

import (
	"bytes"
	"hash/crc32"
	"io/fs"
	"time"
)

// headBytes is how much of a line tells whether it is still the same where its
// file has only grown: the origin stands at the begin of a record.
const headBytes = 512

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func headSum(line []byte) uint32 { return crc32.Checksum(line[:min(len(line), headBytes)], castagnoli) }

// lineSum is two checksums that processors have instructions for.
func lineSum(line []byte) uint64 {
	return uint64(crc32.Checksum(line, castagnoli))<<32 | uint64(crc32.ChecksumIEEE(line))
}

// textSum is the lineSum of a text that comes in pieces.
type textSum struct{ a, b uint32 }

func (s *textSum) add(piece []byte) {
	s.a, s.b = crc32.Update(s.a, castagnoli, piece), crc32.Update(s.b, crc32.IEEETable, piece)
}

func (s *textSum) sum() uint64 { return uint64(s.a)<<32 | uint64(s.b) }

// stamp is what tells whether a record file is as it was. A file that is copied
// or restored has another id.
type stamp struct {
	size, time int64 // in bytes, and in nanoseconds
	id         uint64
	// racy says that the file was written to so short before that what was written
	// to it next may have the same time.
	racy bool
}

// raceTime is the longest time in which a file system may give two changes of a
// file the same time.
const raceTime = 2 * time.Second

func stampOf(info fs.FileInfo) stamp {
	return stamp{size: info.Size(), time: info.ModTime().UnixNano(), id: fileID(info)}
}

// demand is what a line must prove that was known of a file with the stamp s,
// where the file is as now. False: there is nothing to prove.
func (s stamp) demand(now stamp) (demand proof, doubt, sound bool) {
	switch {
	case now.size < s.size:
		return 0, false, false
	case now.size > s.size:
		return proofHead, true, true
	case now.time != s.time || s.racy:
		return proofWhole, true, true
	}
	return proofHead, now.id != s.id, true
}

// prove compares a line with the file as far as is demanded. Where it differs all
// that is known of the file is dropped.
func (k *known) prove(t *text, l *knownLine) bool {
	f := k.files[t.path]
	if l.proved >= f.demand {
		return true
	}
	if f.demand == proofWhole && !l.read {
		return false // to read it proves more
	}
	proved := proofHead
	same := t.bounds(l) && t.headIs(l)
	if same && f.demand == proofWhole {
		proved = proofWhole
		same = t.sumIs(l)
		f.fresh += int64(l.size)
	}
	if !same {
		k.forget(t)
		return false
	}
	l.proved = proved
	return true
}

// bounds reports whether a line begins and ends where it is said to, and whether
// all that is between its end and key is blank.
func (t *text) bounds(l *knownLine) bool {
	end := l.at + int64(l.size)
	if l.key >= t.size || l.key-end >= blockBytes {
		return false
	}
	gap := make([]byte, l.key-end+1)
	if t.read(gap, end) != nil || gap[len(gap)-1] != '\n' || gap[0] != '\n' && gap[0] != '\r' || len(bytes.TrimSpace(gap)) > 0 {
		return false
	}
	return l.next < 0 || t.read(gap[:1], l.next) == nil && gap[0] == '\n'
}

func (t *text) headIs(l *knownLine) bool {
	head := make([]byte, min(l.size, headBytes))
	return t.read(head, l.at) == nil && headSum(head) == l.head
}

// sumIs reads all of a line, in pieces.
func (t *text) sumIs(l *knownLine) bool {
	sum, err := t.sumOf(l.at, l.size)
	return err == nil && sum == l.sum
}

// sumOf is the lineSum of a line that is read in pieces.
func (t *text) sumOf(at int64, size int) (uint64, error) {
	sum := textSum{}
	piece := make([]byte, min(size, blockBytes))
	for end := at + int64(size); at < end; at += int64(len(piece)) {
		piece = piece[:min(end-at, int64(len(piece)))]
		if err := t.read(piece, at); err != nil {
			return 0, err
		}
		sum.add(piece)
	}
	return sum.sum(), nil
}
