package report

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

var nan = math.NaN()

// results are constructed results, one for each thing that a page can be about.
func results() map[string]check.Result {
	return map[string]check.Result{
		"regression": mixed(), "suspect": suspected(), "pass": passed(), "new": allNew(),
		"inconclusive": thin(), "empty": {Verdict: check.Pass}, "hostile": hostile(), "missing": gatedByMissing(),
		"large": many(10_000), "wide": wide(), "warned": warned(), "gates": gates(),
		"unread": {Verdict: check.InconclusiveRun, Head: origin(), Unread: "what was measured could not be read: artifact unit: it is no zip file"},
	}
}

func window() check.Window {
	return check.Window{
		Runs: 42, Branch: "main", SameRunner: 30, NewestCommit: "9fceb02d0ae598e95dc970b74767f19372d61af8",
		Newest: time.Date(2026, 4, 5, 14, 30, 0, 0, time.UTC), Oldest: time.Date(2026, 3, 3, 9, 0, 0, 0, time.UTC),
	}
}

func origin() collect.Origin {
	return collect.Origin{
		ID: "550e8400-e29b-41d4-a716-446655440000", Commit: "4f3a9c1e5b7d9f1a3c5e7f9b1d3f5a7c9e1b3d5f",
		Branch: "fast-parse", Time: time.Date(2026, 4, 6, 8, 15, 45, 123456000, time.UTC),
		Runner: collect.Runner{OS: "linux", Arch: "amd64"},
	}
}

func result(v check.Verdict, metrics ...check.Comparison) check.Result {
	r := check.Result{Verdict: v, Head: origin(), Baseline: window(), Metrics: metrics, Counts: map[check.Status]int{}}
	for _, m := range metrics {
		r.Counts[m.Status]++
	}
	return r
}

// compared is a metric with all its figures: baseline's history around base, head
// off by delta per cent.
func compared(name string, s check.Status, u collect.Unit, base, delta float64) check.Comparison {
	noise := rand.New(rand.NewPCG(uint64(len(name)), 7))
	c := check.Comparison{
		Name: name, Status: s, Level: check.Fail, Unit: u, Better: collect.Lower, Baseline: base, Head: base * (1 + delta/100),
		DeltaPct: delta, P: 0.0004, Q: 0.003, Low: base * 0.93, High: base * 1.08, MinDetectablePct: 6.2, Runs: 42,
	}
	for range 42 {
		c.History = append(c.History, base*(1+0.03*noise.NormFloat64()))
	}
	return c
}

// bare is a metric of which only the value is known.
func bare(name string, s check.Status, u collect.Unit, head, baseline float64, reason string) check.Comparison {
	return check.Comparison{
		Name: name, Status: s, Level: check.Fail, Unit: u, Better: collect.Lower, Head: head, Baseline: baseline,
		DeltaPct: nan, P: nan, Q: nan, Low: nan, High: nan, MinDetectablePct: nan, Reason: reason,
	}
}

func mixed() check.Result {
	login := compared("test.case_seconds[suite=github.com/acme/shop/internal/auth,case=TestLogin/with_token]", check.Regressed, "s", 1.02, 31.4)
	login.Reason = "1.34 s is above the 1.1 s that runs like these 42 show at most"
	alloc := compared("bench/github.com/acme/shop/internal/parse.Document[cpu=8].allocs_per_op", check.Regressed, "allocs/op", 12, 8.333)
	alloc.Low, alloc.High, alloc.P, alloc.Q, alloc.Limit = 12, 12, nan, nan, "0%"
	alloc.History, alloc.Reason = []float64{12, 12, 12, 12, 12, 12, 12, 12}, "the count has never changed before, and this change is exact"
	cover := compared("coverage.line_pct", check.Regressed, "%", 84.2, -1.6)
	cover.Better, cover.Level, cover.Limit, cover.Low, cover.High = collect.Higher, check.Warn, "0.5pp", 83.6, nan
	size := compared("artifact.dist_mb", check.Waived, "MB", 24.1, 12)
	size.Limit, size.Reason = "1%", "waived until 31 Dec 2026: new fonts (#123)"
	fast := compared("bench/github.com/acme/shop/internal/parse.Scan.ns_per_op", check.Improved, "ns/op", 340, -21)
	through := compared("bench/github.com/acme/shop/internal/parse.Scan.mb_per_s", check.Improved, "MB/s", 12.3, 26)
	through.Better = collect.Higher
	gone := bare("test.case_seconds[suite=api,case=TestOld]", check.Missing, "s", nan, 0.21, "in 42 of 42 baseline runs, not in this one")
	gone.History = []float64{0.2, 0.21, nan, 0.22, 0.21}
	r := result(check.Regression, login, alloc, cover, size, fast, through, gone,
		bare("test.case_seconds[suite=api,case=TestNew]", check.New, "s", 0.5, nan, "no baseline run has it"),
		bare("bench/github.com/acme/shop/internal/parse.New.ns_per_op", check.New, "ns/op", 1250, nan, "no baseline run has it"),
		bare("step.seconds[job=unit,step=setup]", check.Inconclusive, "s", 64.2, 58.9, "3 baseline runs have it, 6 are needed"))
	for i := range 36 {
		r.Metrics = append(r.Metrics, compared(fmt.Sprintf("test.case_seconds[suite=core,case=Test%02d]", i), check.Unchanged, "s", 0.01*float64(i+1), 0.4))
	}
	r.Counts[check.Unchanged] = 36
	r.Gated = []string{"2 metrics regressed"}
	r.Notes = []string{"5 failed runs were left out of the baseline", "12 of the 42 runs were on another kind of machine (AMD EPYC 7763 instead of Intel Xeon 8370C)"}
	return r
}

func suspected() check.Result {
	c := compared("pytest.total_seconds", check.Suspect, "s", 134, 40)
	c.Reason = "past the limit of a single look; one re-run must agree"
	c.NormalisedBy = "bench/calibrate.ns_per_op"
	c.Samples = &check.Samples{Head: 3, Baseline: 5, HeadPct: 2.5, BaselinePct: 2, RunsPct: 4, BetweenPct: nan, Widened: 1.1}
	return result(check.SuspectRun, c, compared("ram.peak_mb", check.Unchanged, "MB", 128, 0.1))
}

func passed() check.Result {
	return result(check.Pass, compared("container.build_seconds", check.Unchanged, "s", 12.3, 1.1),
		compared("artifact.dist_mb", check.Unchanged, "MB", 2.5, 0))
}

func allNew() check.Result {
	r := result(check.Pass)
	r.Baseline = check.Window{}
	for i := range 12 {
		r.Metrics = append(r.Metrics, bare(fmt.Sprintf("bench/parse.Case%d.ns_per_op", i), check.New, "ns/op", 120*float64(i), nan, "there is no baseline yet"))
	}
	r.Counts[check.New] = 12
	return r
}

func thin() check.Result {
	r := result(check.InconclusiveRun,
		bare("pytest.total_seconds", check.Inconclusive, "s", 134, 120, "3 baseline runs have it, 6 are needed"),
		bare("system.memory_percent", check.Inconclusive, "%", 41.5, 40.25, "it swings by a factor of 3 from run to run"))
	r.Baseline.Runs, r.Baseline.SameRunner, r.Fails = 3, 3, true
	return r
}

func gatedByMissing() check.Result {
	r := result(check.Regression, bare("coverage.line_pct", check.Missing, "%", nan, 84, "in 42 of 42 baseline runs, not in this one"))
	r.Gated = []string{"1 metric is missing and gate.on-missing is fail"}
	return r
}

// warned has only what does not gate: a warning, a waiver and a metric that is off.
func warned() check.Result {
	c, w, o := compared("ram.peak_mb", check.Regressed, "MB", 128, 30), compared("artifact.dist_mb", check.Waived, "MB", 2.5, 10), compared("noise", check.Unchanged, "s", 1, 0)
	c.Level, o.Level = check.Warn, check.Off
	o.Reason = `not judged: "noise" is off`
	r := result(check.Pass, c, w, compared("pytest.total_seconds", check.Unchanged, "s", 30, 1), o)
	r.Counts[check.Unchanged] = 1
	r.Baseline.Branch, r.Head.Runner = "", collect.Runner{}
	return r
}

// gates fails for more than one reason.
func gates() check.Result {
	r := result(check.Regression, compared("pytest.total_seconds", check.Regressed, "s", 30, 40), compared("ram.peak_mb", check.Suspect, "MB", 128, 12),
		bare("coverage.line_pct", check.Missing, "%", nan, 84, "not in the head run; measured in 42 of 42 baseline runs"))
	r.Fails, r.Gated = true, []string{"pytest.total_seconds is regressed", "coverage.line_pct is missing", "ram.peak_mb is suspect"}
	return r
}

// wide has names of other scripts.
func wide() check.Result {
	return result(check.Regression,
		compared("test.case_seconds[suite=ログイン,case=パスワードが間違っている場合はエラーを返す]", check.Regressed, "s", 1, 50),
		compared("test.case_seconds[suite=cafe\u0301,case=e\u0301te\u0301]", check.Regressed, "s", 1, 40),
		compared("x", check.Regressed, "s", 1, 30))
}

const attack = "\x1b[31mred\x1b]0;title\a\u202egnp.exe\u2066\u200b|a`b``c<img src=x onerror=alert(1)>-->@octocat #1 GH-12 " +
	"https://evil.example www.evil.example a@evil.example\n::error::owned\r\n##[error]owned\t*b* _i_ [l](http://e) ![i](x) <!-- m -->"

func hostile() check.Result {
	c := compared(attack, check.Regressed, collect.Unit("x|<b>"+attack), 1, 50)
	c.Reason, c.Limit = attack, attack
	d := compared("::error::at the start", check.Regressed, "s", 1, 20)
	d.Reason = "# heading <details> ## [x]"
	f := compared("</details></table>", check.Improved, "s", 1, -20)
	r := result(check.Regression, c, d, f, bare("- item", check.New, "", 3, nan, "<!-- plumbline -->"))
	r.Baseline.Branch, r.Head.Branch, r.Head.Commit, r.Head.ID = attack, attack, attack, attack
	r.Baseline.NewestCommit = "##[x]"
	r.Notes = []string{attack, "::warning::note", "1. one", "--- "}
	return r
}

// many is a result of n metrics of all statuses, most of them unchanged.
func many(n int) check.Result {
	r, model := result(check.Regression), compared("", "", "ns/op", 100, 20)
	statuses := []check.Status{check.Regressed, check.Waived, check.Improved, check.Missing, check.New, check.Inconclusive}
	for i := range n {
		s := check.Unchanged
		if i < n/2 {
			s = statuses[i*len(statuses)/(n/2)]
		}
		name := fmt.Sprintf("bench/github.com/acme/shop/internal/pkg%d.Case%d.ns_per_op", i/100, i)
		c := model
		c.Name, c.Status, c.Baseline, c.Head = name, s, 100+float64(i), 1.2*(100+float64(i))
		r.Metrics = append(r.Metrics, c)
		r.Counts[s]++
	}
	return r
}
