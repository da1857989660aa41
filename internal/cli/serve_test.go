package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A server takes a run that is sent with the token, judges it as check does, and ends
// in good order.
func TestServe(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	tokenFile := filepath.Join(dir, "token")
	const token = "0123456789abcdef0123456789abcdef"
	if err := os.WriteFile(tokenFile, []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out, in := io.Pipe()
	var stderr bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		ended <- Main(ctx, Env{
			Args:   []string{"serve", "--listen", "127.0.0.1:0", "--write", "--token-file", tokenFile, "--config", "", filepath.Join(dir, "store")},
			Stdout: in, Stderr: &stderr, Getenv: func(string) string { return "" }, Now: time.Now,
		})
		in.Close()
	}()
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the server says no address: %v; status %d: %s", err, <-ended, &stderr)
	}
	address = strings.TrimSuffix(address, "/\n")
	ask := func(method, path, body string) (int, map[string]any) {
		r, err := http.NewRequestWithContext(ctx, method, address+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Content-Type", "application/x-ndjson")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		var v map[string]any
		if err := json.NewDecoder(answer.Body).Decode(&v); err != nil {
			t.Fatalf("%s %s = %d: %v", method, path, answer.StatusCode, err)
		}
		return answer.StatusCode, v
	}
	var lines strings.Builder
	for i := range 12 {
		seconds := 10 + float64(i%3)/10
		if i == 11 {
			seconds = 20
		}
		fmt.Fprintf(&lines, `{"run_id":"r%02d","timestamp":"2026-01-%02dT00:00:00Z","branch":"main","metrics":{"build.seconds":%v}}`+"\n", i, i+1, seconds)
	}
	if status, v := ask("POST", "/api/v1/runs", lines.String()); status != http.StatusCreated {
		t.Errorf("sending runs = %d %v, want 201", status, v)
	}
	if status, v := ask("GET", "/api/v1/runs/latest/verdict", ""); status != 200 || v["verdict"] != "regression" {
		t.Errorf("the verdict = %d %v, want a regression", status, v)
	}
	if status, v := ask("GET", "/api/v1/trends", ""); status != 200 || v["trend"] == nil {
		t.Errorf("the trend = %d %v", status, v)
	}
	if status, v := ask("GET", "/api/v1/health", ""); status != 200 || v["status"] != "ok" || v["writable"] != true {
		t.Errorf("the health = %d %v, want ok and writable", status, v)
	}
	cancel()
	if status := <-ended; status != 0 {
		t.Errorf("the server ends with status %d: %s", status, &stderr)
	}
}
