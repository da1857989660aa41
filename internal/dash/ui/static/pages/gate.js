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
    table(ctx, { id: "gate", caption: "Alerts by suite", rows: statistics.items, next: statistics.next_cursor, empty: "No run can be judged again yet.", columns: columns(ctx) }),
    pager(ctx, statistics.next_cursor),
    statistics.items.filter((s) => s.noisiest.length > 0).map((s, i) => [el("h2", {}, "Alerts of ", suiteLink(ctx, s)), noisiest(ctx, s, i)]),
  ];
}

function columns(ctx) {
  return [
    { head: "Suite", cell: (s) => suiteLink(ctx, s), by: (s) => suiteName(s) },
    { head: "Repository", cell: (s) => s.repository || none(), by: (s) => s.repository },
    { head: "Runs", num: true, cell: (s) => count(s.runs, "run"), by: (s) => s.runs },
    { head: "With alerts", num: true, cell: (s) => String(s.alerting_runs), by: (s) => s.alerting_runs },
    { head: "Cried wolf", num: true, cell: (s) => el("strong", {}, count(s.runs_whose_alerts_all_passed, "run")), by: (s) => s.runs_whose_alerts_all_passed },
    { head: "Promised", num: true, cell: (s) => (s.false_alarm_rate === null ? none() : `≤ ${share(s.false_alarm_rate)}`) },
    { head: "Alerts", num: true, cell: (s) => String(s.alerts), by: (s) => s.alerts },
    { head: "Lasted", num: true, cell: (s) => String(s.alerts_lasted) },
    { head: "Passed", num: true, cell: (s) => String(s.alerts_passed) },
    { head: "Too new", num: true, cell: (s) => String(s.alerts_open) },
    { head: "Seen from", num: true, cell: (s) => (s.min_detectable_pct[1] === null ? none() : quantity(s.min_detectable_pct[1], "%")) },
    { head: "Failed in CI", num: true, cell: (s) => String(s.gate_failed_runs) },
    { head: "Run again", num: true, cell: (s) => `${s.rerun_runs}, of which ${s.reruns_took_back} passed after all` },
    { head: "From (UTC)", cell: (s) => moment(s.oldest) },
  ];
}

function noisiest(ctx, s, i) {
  return table(ctx, {
    id: "noisy-" + i, caption: "Metrics that alerted most", rows: s.noisiest,
    columns: [
      { head: "Metric", cell: (m) => metricLink(ctx, m.name, s), by: (m) => m.name },
      { head: "Alerts", num: true, cell: (m) => String(m.alerts), by: (m) => m.alerts },
      { head: "Lasted", num: true, cell: (m) => String(m.lasted), by: (m) => m.lasted },
      { head: "Passed", num: true, cell: (m) => String(m.passed), by: (m) => m.passed },
    ],
  });
}
