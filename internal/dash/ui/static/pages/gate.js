// How often the gate alerted, and how often it cried wolf.
import { get } from "../api.js";
import { el, none } from "../dom.js";
import { count, quantity, share } from "../format.js";
import { metricLink, moment, pager, suiteLink } from "../parts.js";
import { only, suiteName } from "../route.js";
import { table } from "../table.js";

export const scoped = ["repository", "suite", "branch"];

export const title = () => "Gate";

export const load = (ctx) => get("statistics", { ...ctx.scope, ...only(ctx.params, ["cursor"]), limit: 20 }, ctx.signal);

export function show(statistics, ctx) {
  return [
    el("p", {}, "Each suite's newest runs are judged again, each by the runs before it. An alert that lasted was right; one after which the next runs were back was a false alarm, in hindsight."),
    table(ctx, { id: "gate", caption: "Alerts by suite", rows: statistics.items, next: statistics.next_cursor, empty: "No run can be judged again yet.", columns: alerts(ctx) }),
    table(ctx, { id: "noise", caption: "From which change on half of the metrics alert, and what CI made of the runs", rows: statistics.items, next: statistics.next_cursor, columns: noise(ctx) }),
    pager(ctx, statistics.next_cursor),
    statistics.items.filter((s) => s.noisiest.length > 0).map((s, i) => [el("h2", {}, "Alerts of ", suiteLink(ctx, s)), noisiest(ctx, s, i)]),
  ];
}

const suite = (ctx) => [
  { head: "Suite", cell: (s) => suiteLink(ctx, s), by: (s) => suiteName(s) },
  { head: "Repository", cell: (s) => s.repository || none(), by: (s) => s.repository },
];

const number = (head, of) => ({ head, num: true, cell: (s) => String(of(s)), by: of });

const alerts = (ctx) => [
  ...suite(ctx),
  number("Runs", (s) => s.runs),
  number("With alerts", (s) => s.alerting_runs),
  { head: "Cried wolf", num: true, cell: (s) => el("strong", {}, count(s.runs_whose_alerts_all_passed, "run")), by: (s) => s.runs_whose_alerts_all_passed },
  { head: "Promised", num: true, cell: (s) => (s.false_alarm_rate === null ? none() : `≤ ${share(s.false_alarm_rate)}`) },
  number("Alerts", (s) => s.alerts),
  number("Lasted", (s) => s.alerts_lasted),
  number("Passed", (s) => s.alerts_passed),
  number("Too new", (s) => s.alerts_open),
];

const noise = (ctx) => [
  ...suite(ctx),
  { head: "Sees from", num: true, cell: (s) => (s.min_detectable_pct[1] === null ? none() : quantity(s.min_detectable_pct[1], "%")), by: (s) => s.min_detectable_pct[1] },
  number("Failed in CI", (s) => s.gate_failed_runs),
  number("Looked at again", (s) => s.rerun_runs),
  number("Passed after all", (s) => s.reruns_took_back),
  { head: "From (UTC)", cell: (s) => moment(s.oldest), by: (s) => s.oldest },
];

function noisiest(ctx, s, i) {
  return table(ctx, {
    id: "noisy-" + i, caption: "Metrics that alerted most", rows: s.noisiest,
    columns: [
      { head: "Metric", cell: (m) => metricLink(ctx, m.name, s), by: (m) => m.name },
      number("Alerts", (m) => m.alerts), number("Lasted", (m) => m.lasted), number("Passed", (m) => m.passed),
    ],
  });
}
