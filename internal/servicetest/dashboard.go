package servicetest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// Dashboard is one of the dashboards of .github/grafana.
type Dashboard struct {
	UID           string
	Title         string
	SchemaVersion int
	Panels        []struct {
		ID         int
		Type       string
		Title      string
		Datasource reference
		GridPos    struct{ X, Y, W, H int }
		Targets    []Target
	}
	Templating struct{ List []Variable }
}

// Target is one query of a panel: Expr for Prometheus, RawSQL for PostgreSQL.
type Target struct {
	RefID      string
	Datasource reference
	Expr       string
	Instant    bool
	RawSQL     string
	Format     string
}

// Variable is one that the queries have.
type Variable struct {
	Name, Type, Regex string
	Definition        string // the query of its values
	Datasource        reference
}

type reference struct{ Type, UID string }

// ReadDashboard reads a dashboard, whose form it holds against what Grafana needs to
// import it without edits: every panel and query asks the data source that a
// variable chooses, panels have numbers of their own and do not overlap.
func ReadDashboard(t testing.TB, name, source string) *Dashboard {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	text, err := os.ReadFile(filepath.Join(filepath.Dir(here), "..", "..", ".github", "grafana", name))
	if err != nil {
		t.Fatal(err)
	}
	d := &Dashboard{}
	if err := json.Unmarshal(text, d); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if d.SchemaVersion < 36 || d.UID == "" || d.Title == "" || len(d.Panels) < 5 || !strings.Contains(string(text), `"id": null`) {
		t.Errorf("%s is no dashboard to import: schema %d, uid %q, title %q, %d panels", name, d.SchemaVersion, d.UID, d.Title, len(d.Panels))
	}
	if v := d.Templating.List[0]; v.Name != "datasource" || v.Type != "datasource" {
		t.Errorf("%s: the first variable is %+v, want the data source", name, v)
	}
	d.variables(t, source)
	d.panels(t, source)
	return d
}

func (d *Dashboard) variables(t testing.TB, source string) {
	t.Helper()
	known := map[string]bool{}
	for _, v := range d.Templating.List {
		if known[v.Name] || v.Type == "query" && (v.Definition == "" || v.Datasource != reference{source, "${datasource}"}) {
			t.Errorf("%s: variable %+v", d.UID, v)
		}
		known[v.Name] = true
	}
}

func (d *Dashboard) panels(t testing.TB, source string) {
	t.Helper()
	ids, cells := map[int]bool{}, map[[2]int]int{}
	for _, p := range d.Panels {
		if ids[p.ID] || p.ID <= 0 || p.Title == "" || p.GridPos.X+p.GridPos.W > 24 || p.GridPos.W < 1 || p.GridPos.H < 1 {
			t.Errorf("%s: panel %d, %q, at %+v", d.UID, p.ID, p.Title, p.GridPos)
		}
		ids[p.ID] = true
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if other := cells[[2]int{x, y}]; other != 0 {
					t.Fatalf("%s: panels %d and %d overlap", d.UID, other, p.ID)
				}
				cells[[2]int{x, y}] = p.ID
			}
		}
		want := reference{source, "${datasource}"}
		if p.Type != "row" && (len(p.Targets) == 0 || p.Datasource != want) {
			t.Errorf("%s: panel %q asks %+v", d.UID, p.Title, p.Datasource)
		}
		refs := map[string]bool{}
		for _, q := range p.Targets {
			if refs[q.RefID] || q.Datasource != want || q.Expr+q.RawSQL == "" {
				t.Errorf("%s: panel %q has the query %+v", d.UID, p.Title, q)
			}
			refs[q.RefID] = true
		}
	}
}
