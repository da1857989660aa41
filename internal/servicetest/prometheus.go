package servicetest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Prometheus is a Prometheus server that scrapes each second.
type Prometheus struct{ address string }

// StartPrometheus starts a Prometheus that scrapes pages: addresses by their jobs.
// Labels of a page win over those of the scrape.
func StartPrometheus(t testing.TB, pages map[string]string) *Prometheus {
	t.Helper()
	program, err := exec.LookPath("prometheus")
	if err != nil {
		t.Skip("needs a real Prometheus: prometheus is not installed")
	}
	dir := t.TempDir()
	config := "global: {scrape_interval: 1s}\nscrape_configs:\n"
	for job, page := range pages {
		u, err := url.Parse(page)
		if err != nil {
			t.Fatal(err)
		}
		config += fmt.Sprintf("- {job_name: %s, honor_labels: true, metrics_path: %q, static_configs: [{targets: [%q]}]}\n", job, "/"+strings.TrimPrefix(u.Path, "/"), u.Host)
	}
	file := filepath.Join(dir, "prometheus.yml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	for range attempts {
		address := FreeAddress(t)
		p := start(t, exec.Command(program, "--config.file="+file, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+address))
		if p.answers("http://" + address + "/-/ready") {
			return &Prometheus{"http://" + address}
		}
	}
	t.Fatal("Prometheus does not begin")
	return nil
}

// Ask asks the server's API, such as query with the query, and decodes what it
// answers with into data.
func (p *Prometheus) Ask(method string, query url.Values, data any) error {
	resp, err := http.Get(p.address + "/api/v1/" + method + "?" + query.Encode())
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer := struct {
		Error string
		Data  any
	}{Data: data}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return fmt.Errorf("%s: %w", resp.Status, err)
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", resp.Status, answer.Error)
	}
	return nil
}
