// Command count reads what go test -json printed. It shows the tests that
// failed, those that were skipped and why, and counts all of them; each test and
// subtest counts once. With -total it prints the counts alone.
//
// With CI=true a skip for a reason that is not listed here is a failure: in CI
// everything is installed, so that a test cannot hide behind it.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
)

// allowed are the reasons to skip that say something about the machine's kernel
// or user and not about a thing that could be installed.
var allowed = []string{
	`\.ci/image runs it`,
	`no control group of version 2 can be made here`,
	`/\S+ has no cpu\.stat`,
	`needs to mount a file system, which \w+ does not let this user do`,
	`needs a file system with sparse files`,
	`does not count the bytes that are written`,
	`the tests run at a terminal`,
	`only root can give files away`,
	`the node here is older than`,
}

// event is one line of go test -json.
type event struct {
	Action, Package, Test, Output string
}

// tally is what the events add up to.
type tally struct {
	passed, failed, skipped int
	output                  map[string]string // of tests that are not done, by package and test
	broken                  map[string]bool   // packages in which a test failed
}

func main() {
	total := flag.Bool("total", false, "print the counts only")
	flag.Parse()
	out := io.Writer(os.Stdout)
	if *total {
		out = io.Discard
	}
	t := &tally{output: map[string]string{}, broken: map[string]bool{}}
	// The fixtures are beside the project or they are not; no package brings them.
	if _, err := os.Stat("../shared/fixtures"); err != nil {
		allowed = append(allowed, `fixtures`)
	}
	// So is the collector, which .ci/run builds where its modules can be had.
	if os.Getenv("OTELCOL") == "" {
		allowed = append(allowed, `needs a real OpenTelemetry collector`)
	}
	for _, name := range flag.Args() {
		if err := t.file(out, name); err != nil {
			fmt.Fprintln(os.Stderr, "count:", err)
			t.failed++
		}
	}
	fmt.Printf("%d passed, %d failed, %d skipped\n", t.passed, t.failed, t.skipped)
	if t.failed > 0 || t.passed == 0 {
		os.Exit(1)
	}
}

func (t *tally) file(out io.Writer, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return t.read(out, f, os.Getenv("CI") == "true")
}

// read adds up one stream. What is no event, such as an error of the linker, is
// shown as it is.
func (t *tally) read(out io.Writer, r io.Reader, strict bool) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			fmt.Fprintln(out, lines.Text())
			continue
		}
		t.add(out, e, strict)
	}
	if err := lines.Err(); err != nil {
		return err
	}
	// A test that never ended was killed together with its process.
	for _, key := range slices.Sorted(maps.Keys(t.output)) {
		if strings.Contains(key, "\t") {
			t.failed++
			fmt.Fprintf(out, "NOT ENDED %s\n%s", key, t.output[key])
		}
	}
	clear(t.output)
	return nil
}

func (t *tally) add(out io.Writer, e event, strict bool) {
	key := e.Package
	if e.Test != "" {
		key += "\t" + e.Test
	}
	switch e.Action {
	case "output", "build-output":
		t.output[key] += e.Output
		return
	case "start", "run", "pause", "cont", "bench", "build-fail":
		return
	}
	text := t.output[key]
	delete(t.output, key)
	switch {
	case e.Action == "fail" && (e.Test != "" || !t.broken[e.Package]): // a package alone: it did not build, or panicked
		t.failed++
		t.broken[e.Package] = true
		fmt.Fprintf(out, "FAILED %s\n%s", key, text)
	case e.Test == "":
	case e.Action == "pass":
		t.passed++
	case e.Action == "skip" && strict && !listed(text):
		t.failed++
		fmt.Fprintf(out, "SKIPPED, and in CI that is a failure: %s\n%s", key, text)
	case e.Action == "skip":
		t.skipped++
		fmt.Fprintf(out, "skipped %s\n%s", key, text)
	}
}

func listed(text string) bool {
	return slices.ContainsFunc(allowed, func(re string) bool { return regexp.MustCompile(re).MatchString(text) })
}
