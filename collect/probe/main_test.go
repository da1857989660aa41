package probe

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"testing"
	"time"

	"golang.org/x/term"
)

// The test program is also every command that the tests run: with this variable
// it does what helpers has under its first argument, and is no test.
const helperVariable = "PLUMBLINE_PROBE_HELPER"

func TestMain(m *testing.M) {
	if os.Getenv(helperVariable) == "" {
		os.Exit(m.Run())
	}
	helper, ok := helpers[os.Args[1]]
	if !ok {
		helper, ok = systemHelpers[os.Args[1]]
	}
	if !ok {
		fmt.Fprintf(os.Stderr, "no helper %q\n", os.Args[1])
		os.Exit(99)
	}
	os.Exit(helper(os.Args[2:]))
}

// helperArgs makes a command line for a helper.
func helperArgs(t testing.TB, args ...string) []string {
	t.Helper()
	t.Setenv(helperVariable, "1")
	t.Setenv("GORACE", "atexit_sleep_ms=0") // else a helper with the race detector takes a second to end
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return append([]string{exe}, args...)
}

var helpers = map[string]func(args []string) int{
	"exit":  func(a []string) int { return atoi(a[0]) },
	"bytes": func(a []string) int { return status(writeNoise(os.Stdout, atoi(a[0]))) },
	"copy": func([]string) int {
		_, err := io.Copy(os.Stdout, os.Stdin)
		return status(err)
	},
	"endless": func([]string) int {
		for {
			if _, err := fmt.Println("again"); err != nil {
				return 42 // a program that is not killed by the signal says so
			}
		}
	},
	"alloc":   func(a []string) int { return allocate(atoi(a[0]) << 20) },
	"store":   func(a []string) int { return status(store(a[0], atoi(a[1])<<20)) },
	"burn":    func(a []string) int { burn(duration(a[0])); return 0 },
	"sum":     helperSum,
	"orphan":  helperOrphan,
	"many":    helperMany,
	"linger":  helperLinger,
	"wait":    helperWait,
	"tell":    helperTell,
	"measure": helperMeasure,
}

func status(err error) int {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 98
	}
	return 0
}

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(err)
	}
	return n
}

func duration(s string) time.Duration {
	d, err := time.ParseDuration(s)
	if err != nil {
		panic(err)
	}
	return d
}

// noise is the same bytes each time, of every value.
func noise() io.Reader { return rand.NewChaCha8([32]byte{'p'}) }

func writeNoise(w io.Writer, n int) error {
	_, err := io.CopyN(w, noise(), int64(n))
	return err
}

func allocate(n int) int {
	b := make([]byte, n)
	for i := 0; i < n; i += 4096 {
		b[i] = 1
	}
	return int(b[n-1])
}

// store writes to a file and waits until it is on the disk.
func store(path string, n int) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := writeNoise(f, n); err != nil {
		return err
	}
	return f.Sync()
}

// burn uses so much processor time, whatever else the machine does.
func burn(d time.Duration) {
	for x := 1; ownTime() < d; x++ {
		for range 100_000 {
			x *= 3
		}
	}
}

// child runs a helper of this program with our standard output.
func child(args ...string) *exec.Cmd {
	c := exec.Command(os.Args[0], args...)
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	return c
}

// helperSum reads pairs of numbers, and says what they come to.
func helperSum([]string) int {
	var a, b int
	for s := bufio.NewScanner(os.Stdin); s.Scan(); {
		fmt.Sscan(s.Text(), &a, &b)
		fmt.Println(a + b)
	}
	return 0
}

// helperOrphan starts a child that starts one that burns and ends before it. It
// ends when the grandchild has.
func helperOrphan(a []string) int {
	if len(a) == 2 { // the child between
		c := child("burn", a[0])
		c.ExtraFiles = []*os.File{os.NewFile(3, "open until the burning ends")}
		return status(c.Start())
	}
	r, w, err := os.Pipe()
	if err != nil {
		return status(err)
	}
	c := child("orphan", a[0], "between")
	c.ExtraFiles = []*os.File{w}
	if err := c.Run(); err != nil {
		return status(err)
	}
	_ = w.Close()
	_, err = io.Copy(io.Discard, r)
	return status(err)
}

// helperMany runs children one after the other, which all burn.
func helperMany(a []string) int {
	for range atoi(a[0]) {
		if err := child("burn", a[1]).Run(); err != nil {
			return status(err)
		}
	}
	return 0
}

// helperLinger starts a child that waits for its standard input to close, and
// leaves it behind. The child has our standard output only if told so.
func helperLinger(a []string) int {
	c := child("copy")
	if a[0] != "output" {
		c.Stdout = nil
	}
	c.Stdin, c.Stderr = os.Stdin, nil
	return status(c.Start())
}

// helperWait says that it is ready and waits for signals. It counts those that
// it got, and ends with the count at the one that it was told.
func helperWait([]string) int {
	c := make(chan os.Signal, 16)
	signal.Notify(c, waitSignals...)
	fmt.Println("ready")
	counts := map[string]int{}
	for s := range c {
		counts[s.String()]++
		fmt.Println(s)
		if s == waitSignals[0] {
			return counts[waitSignals[1].String()]
		}
	}
	return 97
}

// helperTell says what standard output is.
func helperTell([]string) int {
	if !term.IsTerminal(int(os.Stdout.Fd())) {
		fmt.Print("no terminal")
		return 0
	}
	cols, rows, err := term.GetSize(int(os.Stdout.Fd()))
	if err != nil {
		return status(err)
	}
	fmt.Printf("terminal %dx%d\n\r\n\x00\x04\xff", cols, rows)
	return 0
}

// measured is what helperMeasure tells.
type measured struct {
	Status  int
	Metrics map[string]float64
	Notes   []string
	OwnPeak int64 // bytes
}

// helperMeasure runs the rest of its arguments after the first, which is a file
// that gets what was measured.
func helperMeasure(a []string) int {
	r, err := Run(context.Background(), Command{Args: a[1:], Tee: io.Discard})
	if err != nil {
		return status(err)
	}
	m := measured{Status: r.Status, Metrics: figures(r), Notes: r.Notes, OwnPeak: currentPeak()}
	b, err := json.Marshal(m)
	if err == nil {
		err = os.WriteFile(a[0], b, 0o600)
	}
	if err != nil {
		return status(err)
	}
	return r.Status
}

// figures are the metrics of a result by name.
func figures(r Result) map[string]float64 {
	out := map[string]float64{}
	for _, m := range r.Metrics("x") {
		out[m.Name] = m.Value
	}
	return out
}
