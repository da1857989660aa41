package git

import (
	"crypto/sha1" // the name that git gives a file
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// A run is kept in OWNER/NAME/2026-03-01.jsonl, by its repository and its day in
// UTC, or in 2026-03-01.jsonl where it names no repository. A file that is full
// is followed by 2026-03-01.2.jsonl.

const dayForm = "2006-01-02"

// fileName is the path of the nth file for a run, counted from 1.
func fileName(r collect.Origin, nth int) string {
	name := r.Time.UTC().Format(dayForm)
	if nth > 1 {
		name += fmt.Sprintf(".%d", nth)
	}
	return path.Join(folder(r.Repository), name+".jsonl")
}

// longestPart bounds a folder's name: file systems take 255 bytes.
const longestPart = 100

// folder is that of a repository. A name may be anything, and becomes no path
// that leads elsewhere. One that is too long is cut, and the folder then does
// not tell what it is for.
func folder(repository string) string {
	if repository == "" {
		return ""
	}
	parts := strings.SplitN(repository, "/", 2)
	for i, p := range parts {
		if p = escape(p); len(p) > longestPart {
			sum := sha256.Sum256([]byte(p))
			p = fmt.Sprintf("%%%%%x", sum[:16]) // two signs, which unescape to nothing
		}
		parts[i] = p
	}
	return strings.Join(parts, "/")
}

// escape keeps letters, digits, dash, underscore and inner dots, and writes every
// other byte as %XX.
func escape(part string) string {
	var b strings.Builder
	for i := range len(part) {
		c := part[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '.' && i > 0 && i < len(part)-1:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	if b.Len() == 0 {
		return "%"
	}
	return b.String()
}

// repositoryOf is the repository that a folder is for; known: it is for one.
func repositoryOf(dir string) (repository string, known bool) {
	if dir == "." {
		return "", false
	}
	parts := strings.Split(dir, "/")
	for i, p := range parts {
		text, err := url.PathUnescape(p)
		if p == "%" {
			text, err = "", nil
		}
		if err != nil {
			return "", false
		}
		parts[i] = text
	}
	repository = strings.Join(parts, "/")
	return repository, folder(repository) == dir
}

// dayOf is the day of a file's runs by its name; zero: it says none.
func dayOf(base string) time.Time {
	if len(base) < len(dayForm) || !strings.HasSuffix(base, ".jsonl") {
		return time.Time{}
	}
	rest := strings.TrimSuffix(base[len(dayForm):], ".jsonl")
	if rest != "" && (rest[0] != '.' || strings.Trim(rest[1:], "0123456789") != "" || rest == ".") {
		return time.Time{}
	}
	day, err := time.Parse(dayForm, base[:len(dayForm)])
	if err != nil {
		return time.Time{}
	}
	return day
}

// blobID is the name that git gives a file's text.
func blobID(format string, text []byte) string {
	var h hash.Hash = sha1.New()
	if format == "sha256" {
		h = sha256.New()
	}
	fmt.Fprintf(h, "blob %d\x00", len(text))
	h.Write(text)
	return fmt.Sprintf("%x", h.Sum(nil))
}

// fileFault is what is wrong with a whole file. It counts as that of a line, so
// that a listing goes on behind it.
type fileFault struct {
	name string
	err  error
}

func (f *fileFault) Error() string { return fmt.Sprintf("%s: %v", f.name, f.err) }

// Unwrap makes it a *collect.LineError for those who decide by that.
func (f *fileFault) Unwrap() []error {
	return []error{f.err, &collect.LineError{File: f.name, Err: f.err}}
}

func fault(branch, name string, err error) error {
	return &fileFault{showName(branch, name), err}
}

// showName is a file on a branch as git show takes it.
func showName(branch, name string) string {
	if quoted := fmt.Sprintf("%q", name); strings.Trim(quoted, `"`) != name {
		name = quoted
	}
	return branch + ":" + name
}

// What keeps a file from being read.
var (
	errTooLarge = errors.New("it is larger than 128 MiB, which no record file of plumbline is")
	errZipped   = errors.New("it is compressed; git does that by itself, so put it there as it was before")
)
