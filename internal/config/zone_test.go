package config

import (
	"archive/zip"
	"bytes"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write zones.txt from Go's data of time zones")

// TestZoneRules: the rules are those that Go's own data of time zones end with.
func TestZoneRules(t *testing.T) {
	t.Parallel()
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Skipf("needs Go: %v", err)
	}
	z, err := zip.OpenReader(filepath.Join(strings.TrimSpace(string(root)), "lib", "time", "zoneinfo.zip"))
	if err != nil {
		t.Skipf("needs Go's data of time zones: %v", err)
	}
	defer z.Close()
	byRule := map[string][]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if lines := bytes.Split(bytes.TrimSpace(data), []byte("\n")); err == nil && len(lines) > 1 {
			rule := string(lines[len(lines)-1])
			byRule[rule] = append(byRule[rule], f.Name)
		}
	}
	var lines []string
	for rule, names := range byRule {
		slices.Sort(names)
		lines = append(lines, rule+" "+strings.Join(names, " ")+"\n")
	}
	slices.Sort(lines)
	want := strings.Join(lines, "")
	if *update {
		if err := os.WriteFile("zones.txt", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	// Releases of Go differ in what few countries changed since.
	for line := range strings.Lines(zoneRules) {
		if rule, names, _ := strings.Cut(line, " "); strings.Contains(names, "Europe/Berlin") && !slices.Contains(byRule[rule], "Europe/Berlin") || len(byRule) < 80 {
			t.Errorf("the rule of Europe/Berlin is %s, and of Go's %d rules another", rule, len(byRule))
		}
	}
}

// TestZoneByRule: what a rule says of a zone is what the whole data say, all
// through a year to come.
func TestZoneByRule(t *testing.T) {
	t.Parallel()
	known, wrong := 0, []string{}
	for line := range strings.Lines(zoneRules) {
		rule, names, _ := strings.Cut(strings.TrimSpace(line), " ")
		name, _, _ := strings.Cut(names, " ")
		real, err := time.LoadLocation(name)
		got, bad := time.LoadLocationFromTZData(name, ruled(rule))
		if bad != nil {
			t.Errorf("%s, whose rule is %s: %v", name, rule, bad)
		}
		if err != nil || bad != nil || name == "Africa/Casablanca" { // Ramadan is no rule of POSIX's
			continue
		}
		known++
		for at := time.Date(2030, 1, 1, 0, 30, 0, 0, time.UTC); at.Year() == 2030; at = at.Add(6 * time.Hour) {
			if got, want := at.In(got).Format(time.DateTime), at.In(real).Format(time.DateTime); got != want {
				wrong = append(wrong, name+" "+rule+": "+got+", want "+want)
				break
			}
		}
	}
	if known == 0 {
		t.Skip("needs the data of time zones")
	}
	if len(wrong) > 5 { // some country changes its rule every year
		t.Errorf("of %d rules these are not as the data have them: %q", known, wrong)
	}
}

func TestZone(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires"} {
		if _, ok := zone(name); !ok {
			t.Errorf("%s is not known", name)
		}
	}
	for _, name := range []string{"Local", "Europe/Atlantis", "CET-1CEST", ""} {
		if loc, ok := zone(name); ok && name != "" {
			t.Errorf("%s is %v", name, loc)
		}
	}
}
