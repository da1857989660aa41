package config

// Sample is a configuration file that says nothing, with every key in a comment.
// A line of prose has one space after its #; the others are a configuration
// without it.
func Sample() string { return sample }

const sample = `# What plumbline compares, and what may change. All of it is optional: the keys in
# comments are defaults and examples. An unknown key or a bad value is an error
# that names its place.

#baseline:
#  store: artifact    # where runs are kept: artifacts on GitHub, .plumbline elsewhere; or dir:PATH
#  branch: main       # whose runs are compared with; else the one that a change is for
#  runs: 50           # so many at most, the newest
#  max-age: 90d       # and no older; of any age where this is not said
#  runner: prefer     # times are compared on the head's kind of machine; or require, any
#  commit: v1.2       # the runs of this tag or commit alone
#  ruler: "bench/calibrate.ns_per_op"   # a metric that tells how fast a run's machine was

#gate:
#  false-alarm-rate: 5%    # of clean runs that may alert, over all of their metrics
#  min-runs: 6             # before anything is judged from history
#  threshold: 5%           # an allowed change of every metric that no rule gives one
#  confirm: 0              # re-runs that must agree before a metric counts as regressed; 2 find most
#  against: history        # or last, or mean:10: a plain threshold without noise
#  on-inconclusive: pass   # or warn, fail: nothing could be judged
#  on-missing: warn        # or pass, fail: a metric of the baseline is gone

# The first rule that matches a metric decides. * stands for any characters but /,
# ** for any at all.
#rules:
#  - {match: "coverage.*", better: higher, limit: 0.5pp}   # an allowed change: %, pp or an amount with its unit
#  - {match: "artifact.*_mb", max: 50, limit: 1%}          # max and min: a budget that needs no history
#  - {match: "bench/**", limit: 5%, level: fail}           # level: fail, warn or off

# A waiver lets a known regression pass until its last day, and no further than
# its ceiling. An accepted level is the new normal.
#waivers:
#  - {metric: "bench/Parse.ns_per_op", ceiling: 30%, until: 2099-12-31, reason: "new checksum", issue: 123}
#accepted:
#  - {metric: "artifact.wheel_mb", since: 2026-05-30, ceiling: 20%, reason: "ships its fonts"}

# What plumbline prune keeps: all runs that one of these wants. It runs when you
# run it.
#retention:
#  last: 50                # the newest of each suite and branch
#  within: 30d             # and no older than this
#  hourly: 48              # one of each hour, day, week, month or year: so many, or for so long
#  daily: 1y
#  weekly: 104
#  monthly: 5y
#  yearly: 10
#  branch: ["release/*"]   # for ever: the runs of these branches,
#  event: release          # of these events,
#  tag: "v*"               # and of commits with these tags

# Who is told when a metric got worse for good on the default branch, and when it
# is back. Addresses of webhooks and passwords are secrets: the file names the
# variables of the environment that hold them.
#notices:
#  branch: main            # else the default branch
#  issue: {label: plumbline, mention: "@org/perf"}   # an issue, open while something is worse
#  trend: true             # the action searches the history for what came in small steps
#  quiet: {from: "22:00", until: "07:00", zone: UTC, days: [saturday, sunday]}
#  to:
#  - {slack: SLACK_WEBHOOK, mention: "<!here>"}
#  - {discord: DISCORD_WEBHOOK, mention: "<@&123456789>"}
#  - {teams: TEAMS_WEBHOOK}
#  - {webhook: PERF_WEBHOOK, token: PERF_TOKEN}
#  - {mail: perf@example.com, from: ci@example.com, server: "smtp.example.com:587", user: SMTP_USER, password: SMTP_PASSWORD, tls: required}
`
