package dash

import (
	"fmt"
	"io"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/baseline/store"
	"github.com/plumbline-ci/plumbline/collect"
)

// Whatever a repository is called, its name chooses its runs, and no others.
func TestRepositoryNames(t *testing.T) {
	t.Parallel()
	repositories := []string{"plain", "group/sub/name", "a/b/c/d/e", "o/*", "o/r", `o/\*`, "o/[r]", "o/[", `o/r\`, "o/?", "ö é/ü%_", "https://host/x?y&z#f", "'; --"}
	var runs []collect.Run
	for i, name := range repositories {
		for n := range 3 {
			runs = append(runs, collect.Run{
				Origin:  collect.Origin{ID: fmt.Sprint(i, "-", n), Time: noon.Add(time.Duration(3*i+n) * time.Hour), Repository: name, Name: "unit", Branch: "main", Event: "push"},
				Metrics: []collect.Metric{{Name: "m", Value: float64(i)}, {Name: fmt.Sprint("of.", i), Value: 1}},
			})
		}
	}
	for kind, address := range map[string]string{"folder": t.TempDir(), "database": "sqlite:" + t.TempDir() + "/runs.db"} {
		s, err := store.OpenNew(address)
		if err != nil {
			t.Fatal(err)
		}
		if closer, ok := s.(io.Closer); ok {
			defer closer.Close()
		}
		c := newClient(t, Options{Store: s}, runs...)
		if got := names(c, "/api/v1/repositories?limit=100", "repository"); len(got) != len(repositories) || slices.ContainsFunc(repositories, func(r string) bool { return !slices.Contains(got, r) }) {
			t.Errorf("%s: the repositories are %q, want %q", kind, got, repositories)
		}
		for i, name := range repositories {
			of := "repository=" + url.QueryEscape(name)
			for path, want := range map[string]string{
				"runs?limit=9&" + of: "run_id", "suites?" + of: "repository", "branches?" + of: "repository", "metrics?" + of + "&q=of": "name",
				"runs?suite=unit&" + of: "run_id", "metrics?suite=unit&q=of&" + of: "name",
			} {
				wants := map[string][]string{"repository": {name}, "run_id": {fmt.Sprint(i, "-2"), fmt.Sprint(i, "-1"), fmt.Sprint(i, "-0")}, "name": {fmt.Sprint("of.", i)}}[want]
				if got := names(c, "/api/v1/"+path, want); !slices.Equal(got, wants) {
					t.Errorf("%s: GET %s has %q, want %q", kind, path, got, wants)
				}
			}
			if x := get[series](c, "/api/v1/series?metric=m&"+of); x.Repository != name || x.Runs != 3 || x.Points[0].Value != float64(i) {
				t.Errorf("%s: the series of %q is %+v, want its three runs", kind, name, x)
			}
			if x := get[struct{ Series series }](c, fmt.Sprint("/api/v1/runs/", i, "-2/series?metric=m")); x.Series.Runs != 3 {
				t.Errorf("%s: the series of the run %d-2 has %d runs, want 3", kind, i, x.Series.Runs)
			}
			if x := get[paged[gateStatistics]](c, "/api/v1/statistics?"+of); len(x.Items) != 1 || x.Items[0].Stored != 3 {
				t.Errorf("%s: the statistics of %q are %+v, want those of three runs", kind, name, x.Items)
			}
		}
	}
}
