package config

import (
	"fmt"
	"strings"
)

// Store is where runs are kept, as one writes it: artifact, dir:PATH,
// git:BRANCH, sqlite:FILE or an address such as s3://bucket/prefix.
type Store struct {
	Scheme string // artifact, dir, git, sqlite, s3, gs, azblob, postgres or postgresql
	// Rest is the path of dir, the branch of git, the file of sqlite, and the whole address of the others. It is empty for artifact only.
	Rest string
}

const wantStore = "artifact, dir:PATH, git:BRANCH, sqlite:FILE or an address with s3://, gs://, azblob:// or postgres://"

var addressSchemes = []string{"s3", "gs", "azblob", "postgres", "postgresql"}

// ParseStore reads the name of a store. It knows every scheme there is, whether
// or not this program can open it: a file stays valid under an older program,
// and opening says what is missing.
func ParseStore(spec string) (Store, error) {
	if spec == "artifact" {
		return Store{Scheme: "artifact"}, nil
	}
	scheme, rest, ok := strings.Cut(spec, ":")
	if !ok {
		return Store{}, unknownStore(spec)
	}
	switch scheme {
	case "dir", "git", "sqlite":
		if rest == "" {
			return Store{}, fmt.Errorf("store %q lacks what comes behind the colon; want %s", spec, wantStore)
		}
		return Store{scheme, rest}, nil
	}
	for _, s := range addressSchemes {
		if s != scheme {
			continue
		}
		if place, ok := strings.CutPrefix(rest, "//"); !ok || place == "" {
			return Store{}, fmt.Errorf("store %q is no address; want %s://… with a place", withoutUser(spec), scheme)
		}
		return Store{scheme, spec}, nil
	}
	return Store{}, unknownStore(spec)
}

func unknownStore(spec string) error {
	spec = withoutUser(spec)
	scheme, rest, colon := strings.Cut(spec, ":")
	known := append([]string{"artifact", "dir", "git", "sqlite"}, addressSchemes...)
	near := nearest(scheme, known)
	switch {
	case near != "" && colon:
		return fmt.Errorf("unknown store %q; did you mean %q?", spec, near+":"+rest)
	case near != "":
		return fmt.Errorf("unknown store %q; did you mean %q?", spec, near)
	case strings.ContainsAny(spec, `/\.`) && !strings.Contains(spec, "://"):
		return fmt.Errorf("unknown store %q; for a folder write %q", spec, "dir:"+spec)
	}
	return fmt.Errorf("unknown store %q; want %s", spec, wantStore)
}

// withoutUser is an address without its user and password, for errors.
func withoutUser(spec string) string {
	at := strings.LastIndexByte(spec, '@')
	scheme, _, ok := strings.Cut(spec, ":")
	if !ok || at < 0 {
		return spec
	}
	return scheme + "://…" + spec[at:]
}

// storeSpec checks a store's name and returns it as it was written.
func storeSpec(s string) (string, error) {
	_, err := ParseStore(s)
	return s, err
}
