// Slow tests and flaky ones.
import { get } from "../api.js";
import { el, none } from "../dom.js";
import { count, quantity } from "../format.js";
import { finder, metricLink, moment, pager, runLink, value } from "../parts.js";
import { only } from "../route.js";
import { table } from "../table.js";

export const scoped = ["repository", "suite", "branch"];
export const whole = "the newest with tests";

export const title = () => "Tests";

export async function load(ctx) {
  const [slow, flaky] = await Promise.all([
    get("tests/slow", { ...ctx.scope, ...only(ctx.params, ["q", "cursor"]) }, ctx.signal),
    get("tests/flaky", ctx.scope, ctx.signal),
  ]);
  return { slow, flaky };
}

export function show({ slow, flaky }, ctx) {
  return [
    el("h2", {}, "Slow tests"),
    slow.run && el("p", {}, `${count(slow.total, "test")} of run `, runLink(slow.run.run_id), ` took ${quantity(slow.total_seconds, "s")} together.`),
    el("div", { class: "bar" }, finder(ctx, "Tests whose name has")),
    table(ctx, {
      id: "slow", caption: "Tests, the slowest first", rows: slow.items, next: slow.next_cursor, empty: "No test has a time.",
      columns: [
        { head: "Test", cell: (t) => metricLink(ctx, t.metric, slow.run, t.case || t.metric), by: (t) => t.case },
        { head: "Suite", cell: (t) => t.suite || none(), by: (t) => t.suite },
        { head: "Newest run", num: true, cell: (t) => value(t.seconds, "s"), by: (t) => t.seconds },
        { head: "Median", num: true, cell: (t) => value(t.median_seconds, "s"), by: (t) => t.median_seconds },
        { head: "Runs", num: true, cell: (t) => String(t.runs), by: (t) => t.runs },
      ],
    }),
    pager(ctx, slow.next_cursor),
    el("h2", {}, "Flaky tests"),
    table(ctx, {
      id: "flaky", caption: `How often tests failed and passed when they ran again, in the newest ${count(flaky.runs, "run")}`, rows: flaky.items, empty: "No run counts flaky tests.",
      columns: [
        { head: "Count", cell: (t) => metricLink(ctx, t.metric) },
        { head: "Runs with a flaky test", num: true, cell: (t) => `${t.flaky_runs} of ${t.runs}`, by: (t) => t.flaky_runs },
        { head: "Flaky tests", num: true, cell: (t) => value(t.flaky_tests, ""), by: (t) => t.flaky_tests },
        { head: "Newest (UTC)", cell: (t) => (t.newest ? [moment(t.newest), " ", runLink(t.newest_run_id)] : none()), by: (t) => t.newest },
      ],
    }),
  ];
}
