package config_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/internal/config"
)

var now = time.Date(2026, 6, 15, 23, 30, 0, 0, time.UTC)

// documented is the example that the documentation shows.
const documented = `baseline: {store: artifact, branch: main, runs: 50, max-age: 90d}
gate: {false-alarm-rate: 5%, min-runs: 6, confirm: 0, on-inconclusive: pass, on-missing: warn}
rules:                            # the first that matches decides
  - {match: "coverage.*", better: higher, limit: 0.5pp}
  - {match: "artifact.*_mb", max: 50, limit: 1%}
  - {match: "bench/**", limit: 5%, level: fail}
waivers:
  - {metric: "bench/Parse.ns_per_op", ceiling: 30%, until: 2026-12-31, reason: "new checksum", issue: 123}
`

func number(v float64) *float64 { return &v }

func TestParseDocumented(t *testing.T) {
	t.Parallel()
	got, err := config.Parse(".plumbline.yml", []byte(documented), now)
	if err != nil {
		t.Fatal(err)
	}
	want := config.Config{
		Baseline: config.Baseline{Store: "artifact", Branch: "main", Runs: 50, MaxAge: 90 * 24 * time.Hour},
		Gate: check.Thresholds{
			FalseAlarmRate: 0.05, MinRuns: 6, OnInconclusive: check.ActPass, OnMissing: check.ActWarn,
			Rules: []check.Rule{
				{Match: "coverage.*", Better: collect.Higher, Limit: &check.Limit{Value: 0.5, Kind: check.Points}},
				{Match: "artifact.*_mb", Max: number(50), Limit: &check.Limit{Value: 1}},
				{Match: "bench/**", Limit: &check.Limit{Value: 5}, Level: check.Fail},
			},
			Waivers: []check.Waiver{{
				Metric: "bench/Parse.ns_per_op", Ceiling: &check.Limit{Value: 30},
				Until: time.Date(2026, 12, 31, 23, 59, 59, 0, time.UTC), Reason: "new checksum", Issue: 123,
			}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Parse of the documented example (-want +got):\n%s", diff)
	}
}

// A good file: what the row says of it is that it is accepted, by the schema too.
var good = map[string]string{
	"documented":             documented,
	"empty":                  "",
	"comment only":           "# nothing yet\n",
	"byte order mark":        "\ufeffgate: {confirm: 1}\n",
	"CRLF":                   "gate:\r\n  confirm: 1\r\n",
	"markers":                "---\ngate: {confirm: 1}\n...\n",
	"marker and comment":     "# x\n---\ngate: {confirm: 1}\n",
	"empty sections":         "baseline:\ngate:\nrules:\nwaivers: ~\n",
	"store dir":              "baseline: {store: \"dir:perf\"}\n",
	"store git":              "baseline:\n  store: git:perf\n",
	"store s3":               "baseline:\n  store: s3://bucket/prefix\n",
	"rate as a number":       "gate: {false-alarm-rate: 0.05}\n",
	"quoted rate":            "gate: {false-alarm-rate: \"0.5%\"}\n",
	"weeks":                  "baseline: {max-age: 2w}\n",
	"years":                  "baseline: {max-age: 1y}\n",
	"retention":              "retention: {last: 50, within: 30d, hourly: 48, daily: 1y, weekly: 2w, monthly: 5y, yearly: 10, branch: [\"release/*\", main], event: release, tag: \"v*\"}\n",
	"empty retention":        "retention: {}\n",
	"retention of a text":    "retention: {daily: \"30\", branch: []}\n",
	"notices":                "notices:\n  branch: main\n  issue: true\n  trend: false\n  quiet: {from: \"22:00\", until: \"7:30\", days: [saturday]}\n  to:\n  - {slack: A_B, mention: \"<!subteam^S12>\"}\n  - {discord: D, mention: \"@here\"}\n  - {teams: T}\n  - {webhook: W, token: T}\n  - {mail: [a@b.example, c@d.example], from: e@f.example, server: \"localhost:25\", tls: none}\n",
	"no notices":             "notices:\n",
	"notices of nothing":     "notices: {issue: false, quiet: , to: }\n",
	"issue alone":            "notices: {issue: {label: perf, mention: \"@a @b/c\"}}\n",
	"quiet days alone":       "notices: {quiet: {days: [sunday]}}\n",
	"like runners":           "baseline: {runner: require}\n",
	"pinned to a tag":        "baseline: {commit: release/v1.2.3-rc.1+build}\n",
	"pinned to a commit":     "baseline: {commit: 0123abc}\n",
	"pinned to digits":       "baseline: {commit: 1234567}\n",
	"ruler":                  "baseline: {ruler: bench/calibrate.ns_per_op}\n",
	"threshold":              "gate: {threshold: 20%}\n",
	"against the last run":   "gate: {threshold: 20%, against: last}\nrules: [{match: a, against: 'mean:10'}]\n",
	"no change allowed":      "gate: {threshold: 0}\n",
	"limit in a unit":        "rules: [{match: x, limit: 20ms}, {match: y, limit: 1.5 MB}, {match: z, limit: 3 allocs/op}]\n",
	"negative budget":        "rules: [{match: x, min: -1.5, max: 2.0e3}]\n",
	"level off":              "rules: [{match: x, level: off}]\n",
	"waiver of today":        "waivers: [{metric: x, until: 2026-06-15, reason: y}]\n",
	"accepted levels":        "accepted:\n  - {metric: x, since: abc1234, reason: y}\n  - {metric: \"b/**\", since: 2026-06-15, ceiling: 30%, until: 2026-07-01, reason: y, issue: 7}\n  - {metric: x, since: \"2026-06-01T10:30:00Z\", reason: y}\n  - {metric: x, since: 1234567, reason: y}\n",
	"anchor and alias":       "rules:\n  - {match: a, limit: &l 5%}\n  - {match: b, limit: *l}\n",
	"folded reason":          "waivers:\n  - metric: x\n    until: 2026-07-01\n    reason: >\n      long\n      story\n",
	"a rule that only stops": "rules: [{match: x}]\n",
}

func TestParseGood(t *testing.T) {
	t.Parallel()
	for name, text := range good {
		if _, err := config.Parse("f", []byte(text), now); err != nil {
			t.Errorf("%s: Parse = %v, want no error", name, err)
		}
	}
}

// bad files and the whole error. A row whose name ends in * is one that no JSON
// Schema can refuse: it needs the clock, or is lost when YAML becomes values.
var bad = []struct{ name, text, want string }{
	{"unknown key", "gate:\n  treshold: 5%\n", `f:2:3: unknown key "treshold" in gate; did you mean "threshold"?`},
	{"underscore", "baseline: {max_age: 9d}\n", `f:1:12: unknown key "max_age" in baseline; did you mean "max-age"?`},
	{"swapped letters", "rulse: []\n", `f:1:1: unknown key "rulse" in the file; did you mean "rules"?`},
	{"far key", "colour: red\n", `f:1:1: unknown key "colour" in the file; want baseline, gate, rules, waivers, accepted, retention or notices`},
	{"wrong section", "gate: {branch: main}\n", `f:1:8: unknown key "branch" in gate; it belongs under baseline`},
	{"key of a section at the top", "threshold: 5%\n", `f:1:1: unknown key "threshold" in the file; it belongs under gate`},
	{"section in a section", "gate:\n  rules: []\n", `f:2:3: unknown key "rules" in gate; it belongs at the left margin`},
	{"key that is no text", "1: 2\n", `f:1:1: unknown key "1" in the file; want baseline, gate, rules, waivers, accepted, retention or notices`},
	{"key twice*", "gate:\n  confirm: 1\n  confirm: 1\n", `f:3:3: key "confirm" is given twice, first on line 2; keep one of them`},
	{"two documents*", "gate: {}\n---\ngate: {}\n", "f:2:1: a second document begins here; want one in a file, remove the line ---"},
	{"tab*", "gate:\n\tconfirm: 1\n", "f:2:1: found character '\t' that cannot start any token; indent with spaces, YAML takes no tabs"},
	{"open bracket*", "gate: {confirm: 1\n", `f:1:7: could not find flow mapping end token '}'; close what is opened here`},
	{"bare pattern*", "rules:\n  - match: **\n", `f:2:13: unexpected scalar value type; a pattern that starts with * needs quotes, such as "**"`},
	{"bare pattern with letters", "rules:\n  - match: *x\n", `f:2:12: match: nothing is named &x; a pattern that starts with * needs quotes`},
	{"latin-1*", "waivers:\n  - reason: r\xe9sum\xe9\n", `f:2:14: byte 0xe9 is no text; want a file in UTF-8`},
	{"merge key*", "rules:\n  - &a {match: x}\n  - {<<: *a}\n", "f:3:6: merge keys are not supported; write the keys out, or name a whole value with an anchor"},
	{"text for a section", "gate: strict\n", `f:1:7: gate is text; want the keys false-alarm-rate, min-runs, confirm, threshold, against, on-inconclusive or on-missing`},
	{"a list as the file", "- gate\n", `f:1:1: the file is a list; want the keys baseline, gate, rules, waivers, accepted, retention or notices`},
	{"mapping for a list", "rules:\n  match: x\n", `f:2:3: rules is a mapping; want a list, each item behind "- "`},
	{"text for a rule", "rules: [x]\n", `f:1:9: a rule is text; want the keys match, better, limit, against, max, min or level`},
	{"number for a section", "gate: 5\n", `f:1:7: gate is the number 5; want the keys false-alarm-rate, min-runs, confirm, threshold, against, on-inconclusive or on-missing`},
	{"count with quotes", "baseline: {runs: \"50\"}\n", `f:1:18: runs is text; want a whole number`},
	{"count with a fraction", "baseline: {runs: 1.5}\n", `f:1:18: runs is the number 1.5; want a whole number`},
	{"no runs", "baseline: {runs: 0}\n", `f:1:18: runs is 0; want a whole number from 1 to 100000`},
	{"count past any integer", "baseline: {runs: 99999999999999999999}\n", ""},
	{"confirm below", "gate: {confirm: -1}\n", `f:1:17: confirm is -1; want a whole number from 0 to 10`},
	{"empty value", "baseline: {runs: }\n", `f:1:17: runs is empty; want a whole number`},
	{"truth value", "gate: {on-missing: true}\n", `f:1:20: on-missing is the truth value true; want pass, warn or fail`},
	{"rate past all", "gate: {false-alarm-rate: 5}\n", `f:1:26: false-alarm-rate: "5" is more than all; want 5% or a number below 1`},
	{"rate of nothing*", "gate: {false-alarm-rate: 0%}\n", `f:1:26: false-alarm-rate: "0%" is out of range; want more than 0% and less than 100%, such as 5%`},
	{"rate of all", "gate: {false-alarm-rate: 100%}\n", `f:1:26: false-alarm-rate: "100%" is out of range; want more than 0% and less than 100%, such as 5%`},
	{"rate in words", "gate: {false-alarm-rate: low}\n", `f:1:26: false-alarm-rate: "low" is no share; want 5% or 0.05`},
	{"not a number", "gate: {false-alarm-rate: .nan}\n", `f:1:26: false-alarm-rate is the number .nan; want 5% or 0.05`},
	{"age without unit", "baseline: {max-age: 90}\n", `f:1:21: max-age: "90" is no age; want a number with h, d, w or y, such as 12h, 90d or 1y`},
	{"age in months", "baseline: {max-age: 3m}\n", `f:1:21: max-age: "3m" is no age; want a number with h, d, w or y, such as 12h, 90d or 1y`},
	{"age of centuries*", "baseline: {max-age: 99999999d}\n", `f:1:21: max-age: "99999999d" is out of range; want more than 0 and at most 36500d`},
	{"commit range", "baseline: {commit: \"v1..v2\"}\n", `f:1:20: commit: "v1..v2" is no name of a commit; want a tag, or the sha of a commit or its first 7 digits or more`},
	{"commit as an option", "baseline: {commit: \"-x\"}\n", `f:1:20: commit: "-x" is no name of a commit; want a tag, or the sha of a commit or its first 7 digits or more`},
	{"relative commit", "baseline: {commit: \"HEAD~1\"}\n", `f:1:20: commit: "HEAD~1" is no name of a commit; want a tag, or the sha of a commit or its first 7 digits or more`},
	{"runner", "baseline: {runner: same}\n", `f:1:20: unknown runner "same"; want prefer, require or any`},
	{"empty ruler", "baseline: {ruler: \"\"}\n", `f:1:19: ruler is empty; want text`},
	{"ruler at the gate", "gate: {ruler: x}\n", `f:1:8: unknown key "ruler" in gate; it belongs under baseline`},
	{"runner at the gate", "gate: {runner: any}\n", `f:1:8: unknown key "runner" in gate; it belongs under baseline`},
	{"mean of one", "gate: {against: 'mean:1'}\n", `f:1:17: against: "mean:1" averages no such number of runs; want mean:2 to mean:1000`},
	{"unknown against", "rules: [{match: a, against: first}]\n", `f:1:29: against: unknown baseline "first"; want last, mean:N such as mean:10, or history`},
	{"limit without unit", "gate: {threshold: 5}\n", `f:1:19: threshold: "5" has no unit; want 5% or 5pp or an amount with its unit, such as 20ms`},
	{"negative limit", "gate: {threshold: -5%}\n", `f:1:19: threshold: "-5%" is negative; want the size of the allowed change, such as 5%`},
	{"decimal comma", "gate: {threshold: \"0,5%\"}\n", `f:1:19: threshold: "0,5%" is no number with a unit; want 5%, 0.5pp (percentage points) or an amount with its unit, such as 20ms`},
	{"budget with a unit", "rules: [{match: x, max: 50MB}]\n", `f:1:25: max "50MB" has a unit; want the number alone, in the unit of the metric: 50`},
	{"budget in words", "rules: [{match: x, max: big}]\n", `f:1:25: max is text; want a number, in the unit of the metric`},
	{"endless budget", "rules: [{match: x, max: .inf}]\n", `f:1:25: max is the number .inf; want a number, in the unit of the metric`},
	{"no value fits*", "rules: [{match: x, max: 1, min: 2}]\n", `f:1:9: min 2 is more than max 1; no value fits between`},
	{"level", "rules:\n  - match: x\n    level: fial\n", `f:3:12: unknown level "fial"; did you mean "fail"? want fail, warn or off`},
	{"better", "rules: [{match: x, better: faster}]\n", `f:1:28: unknown better "faster"; want lower, higher or none`},
	{"rule without match", "rules:\n  - limit: 5%\n", `f:2:5: rule without match; want the metrics that it is for, such as match: "bench/**"`},
	{"rule with an empty match", "rules: [{match: \"\"}]\n", `f:1:17: match is empty; want text`},
	{"rule never used*", "rules:\n  - {match: x}\n  - {match: x, limit: 5%}\n", `f:3:5: rule for "x" is never used: the one on line 2 comes first; keep one of them`},
	{"unknown store", "baseline: {store: redis}\n", `f:1:19: store: unknown store "redis"; want artifact, dir:PATH, git:BRANCH, sqlite:FILE or an address with s3://, gs://, azblob:// or postgres://`},
	{"near store", "baseline: {store: artefact}\n", `f:1:19: store: unknown store "artefact"; did you mean "artifact"?`},
	{"folder as a store", "baseline: {store: .plumbline/}\n", `f:1:19: store: unknown store ".plumbline/"; for a folder write "dir:.plumbline/"`},
	{"store without a path", "baseline: {store: \"dir:\"}\n", `f:1:19: store: store "dir:" lacks what comes behind the colon; want artifact, dir:PATH, git:BRANCH, sqlite:FILE or an address with s3://, gs://, azblob:// or postgres://`},
	{"address without slashes", "baseline: {store: \"s3:bucket\"}\n", `f:1:19: store: store "s3:bucket" is no address; want s3://… with a place`},
	{"expired waiver*", "waivers:\n  - metric: x\n    until: 2026-06-14\n    reason: y\n", `f:3:12: waiver for "x" expired on 2026-06-14; remove it, or set a day from 2026-06-15 on`},
	{"waiver without a day", "waivers:\n  - metric: x\n    reason: y\n", `f:2:5: waiver for "x" without until; want its last day, such as until: 2026-07-15`},
	{"waiver without a reason", "waivers:\n  - {metric: x, until: 2026-07-01}\n", `f:2:5: waiver for "x" without reason; want why the change is accepted, in quotes`},
	{"waiver without a metric", "waivers:\n  - {until: 2026-07-01, reason: y}\n", `f:2:5: waiver without metric; want the metrics that it is for, such as metric: "bench/**"`},
	{"day", "waivers:\n  - {metric: x, until: 31.12.2026, reason: y}\n", `f:2:24: until: "31.12.2026" is no day; want one such as 2026-12-31`},
	{"day that is none*", "waivers:\n  - {metric: x, until: 2026-02-30, reason: y}\n", `f:2:24: until: "2026-02-30" is no day; want one such as 2026-12-31`},
	{"expired level*", "accepted:\n  - {metric: x, since: abc1234, until: 2026-06-14, reason: y}\n", `f:2:40: accepted level for "x" expired on 2026-06-14; remove it, or set a day from 2026-06-15 on`},
	{"level without since", "accepted:\n  - {metric: x, reason: y}\n", `f:2:5: accepted level for "x" without since; want the commit or the day that brought it, such as since: 2026-06-15`},
	{"level without a reason", "accepted:\n  - {metric: x, since: abc1234}\n", `f:2:5: accepted level for "x" without reason; want why the change is accepted, in quotes`},
	{"since no commit", "accepted:\n  - {metric: x, since: main, reason: y}\n", `f:2:24: since: "main" is neither; want a commit of 7 digits or more, a day such as 2026-05-30, or a time such as "2026-05-30T14:30:00Z"`},
	{"since too short", "accepted:\n  - {metric: x, since: 12345, reason: y}\n", `f:2:24: since: "12345" is neither; want a commit of 7 digits or more, a day such as 2026-05-30, or a time such as "2026-05-30T14:30:00Z"`},
	{"since in a waiver", "waivers:\n  - {metric: x, since: abc1234, until: 2026-07-01, reason: y}\n", `f:2:17: unknown key "since" in a waiver; it belongs under accepted`},
	{"issue with a hash", "waivers:\n  - {metric: x, until: 2026-07-01, reason: y, issue: \"#12\"}\n", `f:2:54: issue is text; want a whole number`},
	{"nothing last", "retention: {last: 0}\n", `f:1:19: last is 0; want a whole number from 1 to 1000000`},
	{"within a count", "retention: {within: 30}\n", `f:1:21: within: "30" is no age; want a number with h, d, w or y, such as 12h, 90d or 1y`},
	{"daily in words", "retention: {daily: always}\n", `f:1:20: daily: "always" is neither; want how many periods, such as 30, or an age such as 90d or 1y`},
	{"daily in months", "retention: {daily: 3m}\n", `f:1:20: daily: "3m" is neither; want how many periods, such as 30, or an age such as 90d or 1y`},
	{"no days", "retention: {daily: 0}\n", `f:1:20: daily: "0" is out of range; want 1 to 100000 periods`},
	{"fewer than no days", "retention: {daily: -1}\n", `f:1:20: daily: "-1" is neither; want how many periods, such as 30, or an age such as 90d or 1y`},
	{"days of centuries*", "retention: {daily: 101y}\n", `f:1:20: daily: "101y" is out of range; want more than 0 and at most 36500d`},
	{"a list of days", "retention: {daily: [1]}\n", `f:1:20: daily is a list; want how many periods, such as 30, or an age such as 90d or 1y`},
	{"pattern of no text", "retention: {last: 1, branch: [5]}\n", `f:1:31: branch is the number 5; want text, in quotes where YAML takes it for something else`},
	{"empty pattern", "retention: {last: 1, tag: \" \"}\n", `f:1:27: tag is empty; want text`},
	{"only for ever", "retention:\n  branch: main\n", `f:2:3: retention says what stays for ever, and not what of the rest: want last, within, hourly, daily, weekly, monthly or yearly too`},
	{"a flag's name", "retention: {keep-last: 3}\n", `f:1:13: unknown key "keep-last" in retention; want last, within, hourly, daily, weekly, monthly, yearly, branch, event or tag`},
	{"daily at the top", "daily: 3\n", `f:1:1: unknown key "daily" in the file; it belongs under retention`},
	{"address in the file", "notices: {to: [{slack: \"https://hooks.example.com/SECRET\"}]}\n", `f:1:24: slack: this is no name of a variable; want the name of the variable of the environment that holds it, such as SLACK_WEBHOOK: the secret itself has no place in a file`},
	{"trend of another kind", "notices: {trend: often}\n", `f:1:18: trend is text; want true or false`},
	{"two media", "notices: {to: [{slack: A, teams: B}]}\n", `f:1:16: a channel with 2 media; want one of slack, discord, teams, webhook and mail`},
	{"no medium", "notices: {to: [{mention: a}]}\n", `f:1:16: a channel with 0 media; want one of slack, discord, teams, webhook and mail`},
	{"unknown medium", "notices: {to: [{slak: A}]}\n", `f:1:17: unknown key "slak" in a notice's channel; did you mean "slack"?`},
	{"mention of another medium", "notices: {to: [{slack: A, mention: \"@everyone\"}]}\n", `f:1:36: mention: "@everyone" is no mention of slack; want <!here>, <!channel>, <@USER> or <!subteam^GROUP>`},
	{"mention in teams", "notices: {to: [{teams: A, mention: \"@a\"}]}\n", `f:1:36: mention: teams mentions nobody; remove it`},
	{"mention of an issue", "notices: {issue: {mention: me}}\n", `f:1:28: mention: "me" is no mention of issue; want @USER or @ORG/TEAM, several with a space between`},
	{"token of slack", "notices: {to: [{slack: A, token: B}]}\n", `f:1:16: token is for webhook; remove it from slack`},
	{"server of slack", "notices: {to: [{slack: A, server: \"a:1\"}]}\n", `f:1:16: from, server, user, password and tls are for mail; remove them from slack`},
	{"mail without a server", "notices: {to: [{mail: a@b.example, from: a@b.example}]}\n", `f:1:16: mail lacks from, server or an address; want all three`},
	{"mail with a name", "notices: {to: [{mail: \"A <a@b.example>\", from: a@b.example, server: \"a:1\"}]}\n", `f:1:23: mail: "A <a@b.example>" is no address; want a mail address such as perf@example.com`},
	{"server without a port", "notices: {to: [{mail: a@b.example, from: a@b.example, server: a}]}\n", `f:1:63: server: "a" has no port; want HOST:PORT of the mail server, such as smtp.example.com:587`},
	{"user alone", "notices: {to: [{mail: a@b.example, from: a@b.example, server: \"a:1\", user: U}]}\n", `f:1:16: mail has one of user and password; want both, or neither`},
	{"password in the clear", "notices: {to: [{mail: a@b.example, from: a@b.example, server: \"a:1\", user: U, password: P, tls: none}]}\n", `f:1:16: tls: none sends the password in the clear; want tls: required, or no password`},
	{"half a night", "notices: {quiet: {from: \"22:00\"}}\n", `f:1:18: quiet has one of from and until; want both, or days alone`},
	{"an empty night*", "notices: {quiet: {from: \"22:00\", until: \"22:00\"}}\n", `f:1:18: quiet hours that end when they begin; want from and until that differ`},
	{"no time of day", "notices: {quiet: {from: \"24:00\", until: \"7:00\"}}\n", `f:1:25: from: "24:00" is no time of day; want a time of day such as "22:00", in quotes`},
	{"quiet for ever", "notices: {quiet: {days: [sunday, monday, tuesday, wednesday, thursday, friday, saturday]}}\n", `f:1:18: every day is quiet, so that nothing is ever sent; leave one out`},
	{"zone that is none*", "notices: {quiet: {days: [sunday], zone: Berlin}}\n", `f:1:41: unknown zone "Berlin"; want a time zone such as Europe/Berlin or UTC`},
	{"label with a comma", "notices: {issue: {label: \"a,b\"}}\n", `f:1:26: label: "a,b" is no label; want up to 50 characters without a comma`},
	{"quiet at the top", "quiet: {}\n", `f:1:1: unknown key "quiet" in the file; it belongs under notices`},
	{"tag*", "gate: {confirm: !!int 1}\n", `f:1:17: confirm is tagged !!int; want a whole number`},
}

func TestParseBad(t *testing.T) {
	t.Parallel()
	for _, row := range bad {
		c, err := config.Parse("f", []byte(row.text), now)
		if err == nil {
			t.Errorf("%s: Parse = %+v, want an error", row.name, c)
			continue
		}
		want := strings.ReplaceAll(row.want, "\t", " ")
		if got := err.Error(); want != "" && got != want {
			t.Errorf("%s: Parse =\n\t%s, want\n\t%s", row.name, got, want)
		}
		var e *config.Error
		if !errors.As(err, &e) || e.Line < 1 || e.Column < 1 || strings.Contains(e.Message, "\n") {
			t.Errorf("%s: Parse = %#v, want an *Error with a place, in one line", row.name, err)
		}
		if diff := cmp.Diff(config.Config{}, c); diff != "" {
			t.Errorf("%s: Parse with an error returned a configuration:\n%s", row.name, diff)
		}
	}
}

// The YAML parser takes a number without a point but with an exponent for text.
func TestParseExponent(t *testing.T) {
	t.Parallel()
	c, err := config.Parse("f", []byte("rules: [{match: x, max: 1e6}]\n"), now)
	if err != nil || c.Gate.Rules[0].Max == nil || *c.Gate.Rules[0].Max != 1e6 {
		t.Errorf("Parse = %+v, %v, want max 1e6", c, err)
	}
}

func TestParseRetention(t *testing.T) {
	t.Parallel()
	c, err := config.Parse("f", []byte(good["retention"]), now)
	const day = 24 * time.Hour
	want := config.Retention{
		Keep: baseline.Keep{
			Last: 50, Within: 30 * day, Hourly: baseline.Thin{Periods: 48}, Daily: baseline.Thin{Age: 365 * day},
			Weekly: baseline.Thin{Age: 14 * day}, Monthly: baseline.Thin{Age: 5 * 365 * day}, Yearly: baseline.Thin{Periods: 10},
		},
		Branches: []string{"release/*", "main"}, Events: []string{"release"}, Tags: []string{"v*"},
	}
	if diff := cmp.Diff(want, c.Retention); diff != "" || err != nil {
		t.Errorf("Parse = %v; the retention (-want +got):\n%s", err, diff)
	}
}

func TestParseNamesEveryProblem(t *testing.T) {
	t.Parallel()
	_, err := config.Parse("f", []byte("gate: {confirm: x, min-runs: 1}\nrules: [{}, {match: x, limit: 5}]\n"), now)
	want := `f:1:17: confirm is text; want a whole number
f:1:30: min-runs is 1; want a whole number from 2 to 10000
f:2:9: rule without match; want the metrics that it is for, such as match: "bench/**"
f:2:31: limit: "5" has no unit; want 5% or 5pp or an amount with its unit, such as 20ms`
	if err == nil || err.Error() != want {
		t.Errorf("Parse =\n%v, want\n%s", err, want)
	}
}

// Files made to exhaust the reader are refused, and the errors are few.
func TestParseHostile(t *testing.T) {
	t.Parallel()
	bomb := "gate: &a {x: 1}\nrules: &r\n" + strings.Repeat("  - *a\n", 15_000)
	for name, text := range map[string]string{
		"brackets":      strings.Repeat("[", 60_000),
		"both brackets": strings.Repeat("[", 60_000) + strings.Repeat("]", 60_000),
		"braces":        "gate: " + strings.Repeat("{a: ", 30_000),
		"dashes":        strings.Repeat("- ", 60_000),
		"questions":     strings.Repeat("? ", 60_000),
		"aliases":       bomb,
		"self":          "rules: &r [*r, *r]\n",
		"circle":        "gate: &a *a\n",
		"large":         "# " + strings.Repeat("x", 1<<20),
		"bytes":         "gate: \x00\x01",
	} {
		_, err := config.Parse("f", []byte(text), now)
		if err == nil {
			t.Errorf("%s: Parse found nothing wrong", name)
		} else if n := strings.Count(err.Error(), "\n"); n >= 10 || len(err.Error()) > 4000 {
			t.Errorf("%s: Parse gave %d lines of %d bytes, want a short error", name, n+1, len(err.Error()))
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range good {
		f.Add([]byte(text))
	}
	for _, row := range bad {
		f.Add([]byte(row.text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := config.Parse("f", data, now)
		var e *config.Error
		switch {
		case err != nil && !errors.As(err, &e):
			t.Errorf("Parse = %v, want an *Error", err)
		case err != nil && strings.Count(err.Error(), "\n") >= 10:
			t.Errorf("Parse = %v, want at most ten lines", err)
		case err == nil:
			for _, r := range c.Gate.Rules {
				if r.Match == "" || r.Limit != nil && !(r.Limit.Value >= 0) {
					t.Errorf("Parse let through the rule %+v", r)
				}
			}
			for _, w := range c.Gate.Waivers {
				if w.Reason == "" || w.Metric == "" || w.Until.Before(now) {
					t.Errorf("Parse let through the waiver %+v", w)
				}
			}
		}
	})
}
