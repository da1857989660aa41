package probe

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// TestInbox writes files as programs one after another do, under one name.
func TestInbox(t *testing.T) {
	i, err := NewInbox()
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(i.Dir(), "unit.xml")
	const first, second = "<a/>", "<second/>"
	if err := os.WriteFile(name, []byte(first), 0o600); err != nil {
		t.Fatal(err)
	}
	for { // taken at once, without anybody asking
		if _, err := os.Stat(name); err != nil {
			break
		}
		runtime.Gosched()
	}
	if err := os.WriteFile(name, []byte(second), 0o600); err != nil {
		t.Fatal(err)
	}
	files, lost := i.Files()
	if len(files) != 2 || lost != 0 {
		t.Fatalf("Files = %v, %d lost, want 2 and none lost", files, lost)
	}
	for n, want := range []string{first, second} {
		got, err := os.ReadFile(files[n])
		if string(got) != want || err != nil || i.Name(files[n]) != "unit.xml" || filepath.Ext(files[n]) != ".xml" {
			t.Errorf("file %d is %q of %s (%v), want %q of unit.xml", n, got, i.Name(files[n]), err, want)
		}
	}
	if err := i.Remove(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Dir(i.Dir())); err == nil {
		t.Error("the inbox is there after Remove")
	}
}

// TestInboxLoss has two writers at one name at the same time: that one of them is
// gone must be known.
func TestInboxLoss(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells who opened a file")
	}
	i, err := NewInbox()
	if err != nil {
		t.Fatal(err)
	}
	defer i.Remove()
	name := filepath.Join(i.Dir(), "unit.xml")
	one, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := one.WriteString("<a>"); err != nil {
		t.Fatal(err)
	}
	two, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []*os.File{one, two} {
		if _, err := f.WriteString("<a/>"); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if files, lost := i.Files(); len(files) != 1 || lost != 1 {
		t.Errorf("Files = %v, %d lost, want one and one lost", files, lost)
	}
}
