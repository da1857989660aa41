package sqlite

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/baseline/store/storetest"
)

// filled is the file of a store with runs, closed.
func filled(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "runs.db")
	s := open(t, path)
	for i := range 40 {
		r := storetest.Run(fmt.Sprintf("r%02d", i), i)
		for m := range 50 {
			r.Metrics = append(r.Metrics, storetest.Value(fmt.Sprint("metric ", m), float64(i*m)/7))
		}
		storetest.Fill(t, s, r)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// What is damaged, or is no database, is told with what to do, and stays as it is.
func TestDamaged(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(text []byte) []byte{
		"text":      func([]byte) []byte { return []byte(strings.Repeat("{\"run_id\":\"a\"}\n", 200)) },
		"truncated": func(text []byte) []byte { return text[:len(text)/2] },
		"head":      func(text []byte) []byte { return append(make([]byte, 100), text[100:]...) },
		"bent": func(text []byte) []byte {
			for i := 4096; i < len(text); i += 64 {
				text[i] ^= 0xff
			}
			return text
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filled(t)
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			text = damage(text)
			if err := os.WriteFile(path, text, 0o666); err != nil {
				t.Fatal(err)
			}
			stays(t, path, text)
		})
	}
}

// stays holds that a damaged file is told by whatever is done with it, and stays.
func stays(t *testing.T, path string, text []byte) {
	t.Helper()
	s, err := Open(Prefix + path)
	if err != nil {
		t.Fatal(err)
	}
	var listed error
	for _, err := range s.List(t.Context(), baseline.Filter{}) {
		if listed = err; err != nil {
			break
		}
	}
	put, del := s.Put(t.Context(), storetest.Run("x", 0)), s.Delete(t.Context(), "r01")
	for what, err := range map[string]error{"List": listed, "Put": put, "Delete": del} {
		if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "is left as it is: restore a copy") {
			t.Errorf("%s = %v, want that the file is damaged, and what to do", what, err)
		}
	}
	s.Close()
	if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, text) {
		t.Errorf("the file has changed, from %d to %d bytes (%v)", len(text), len(now), err)
	}
}

// Tables of a newer program are left alone.
func TestNewer(t *testing.T) {
	t.Parallel()
	path := filled(t)
	d := &database{path: path, name: path, turn: make(chan struct{}, 1)}
	defer d.Close()
	db, err := d.writing(t.Context())
	if err == nil {
		_, err = db.Exec("INSERT INTO plumbline_schema VALUES (99, 0)")
	}
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, path)
	if err := s.Put(t.Context(), storetest.Run("x", 0)); err == nil || !strings.Contains(err.Error(), "of version 99, and this program knows them up to") {
		t.Errorf("Put into newer tables = %v", err)
	}
	for _, err := range s.List(t.Context(), baseline.Filter{}) {
		if err == nil || !strings.Contains(err.Error(), "use a newer plumbline") {
			t.Errorf("List of newer tables = %v", err)
		}
	}
}

// A missing file is an empty store, which reading does not make.
func TestOpen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := Open(Prefix + dir); err == nil || !strings.Contains(err.Error(), "it is a folder; want a file") {
		t.Errorf("Open of a folder = %v", err)
	}
	if _, err := Open(Prefix); err == nil || !strings.Contains(err.Error(), "want sqlite:FILE") {
		t.Errorf("Open of nothing = %v", err)
	}
	missing := filepath.Join(dir, "later", "runs.db")
	s := open(t, missing)
	storetest.WantIDs(t, s)
	if _, err := os.Stat(missing); err == nil {
		t.Error("List made the file")
	}
	storetest.Fill(t, s, storetest.Run("a", 0))
	storetest.WantIDs(t, s, "a")
}
