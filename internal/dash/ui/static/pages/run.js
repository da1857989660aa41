// One run: where it comes from, how it is judged, and what it measured.
import { attempt, get } from "../api.js";
import { el, link, none, plain } from "../dom.js";
import { count, figures, quantity, short, time } from "../format.js";
import { change, commit, facts, finder, mark, metricLink, moment, pager, problem, runLink, suiteLink, value, yesNo } from "../parts.js";
import { only, route, suiteOf } from "../route.js";
import { table } from "../table.js";

export const title = (params) => "Run " + short(params.id, 13);

export async function load(ctx) {
  const at = "runs/" + encodeURIComponent(ctx.params.id || "latest");
  const [run, verdict] = await Promise.all([
    get(at, only(ctx.params, ["q", "cursor"]), ctx.signal),
    attempt(at + "/verdict", {}, ctx.signal),
  ]);
  return { run, verdict };
}

export function show({ run, verdict }, ctx) {
  return [
    origin(run, ctx),
    el("div", { class: "bar" }, finder(ctx, "Metrics whose name has")),
    verdict.data ? judged(run, verdict.data, ctx) : problem("The verdict could not be had", verdict.problem),
    el("h2", {}, "All values"),
    table(ctx, { id: "values", caption: `${count(run.metrics_total, "metric")}, by name`, rows: run.metrics, next: run.next_cursor, empty: "No metric of this run fits.", columns: values(ctx, run) }),
    pager(ctx, run.next_cursor),
  ];
}

function origin(run, ctx) {
  const m = run.runner;
  return [
    facts([
      ["Run", run.run_id], ["Time (UTC)", moment(run.timestamp)], ["Repository", run.repository && link(route("", { repository: run.repository }), run.repository)],
      ["Suite", suiteLink(ctx, run)], ["Type", run.type], ["Branch", run.branch && link(route("runs", { ...suiteOf(run), branch: run.branch }), run.branch)],
      ["Commit", run.git_commit && commit(run.git_commit, 40)], ["Gate", run.gate_passed === null ? null : yesNo(run.gate_passed, "passed", "did not pass")],
      ["Result", run.success === null ? null : yesNo(run.success, "ok", "failed")], ["Took", run.duration === null ? null : quantity(run.duration, "s")],
      ["Event", run.event], ["Workflow", run.workflow], ["Job", run.job], ["Attempt", run.attempt ? String(run.attempt) : null],
      ["Looks again at", run.rerun_of && runLink(run.rerun_of)],
      ["Machine", [m.cpu_model || [m.os, m.arch].filter(Boolean).join("/"), m.cores && count(m.cores, "core"), m.image].filter(Boolean).join(", ")],
    ]),
    run.branch && el("p", {}, el("a", { href: route("compare", { head: run.run_id, base: "branch:main", ...suiteOf(run) }) }, "Compare it with the newest runs of main")),
  ];
}

// judged shows the verdict: its words and figures are those of plumbline check.
function judged(run, verdict, ctx) {
  const words = (ctx.params.q || "").toLowerCase().split(/\s+/);
  const rows = verdict.metrics.filter((m) => words.every((w) => m.name.toLowerCase().includes(w)));
  const found = Object.entries(verdict.counts).filter(([, n]) => n > 0).map(([status, n]) => `${n} ${status}`);
  return [
    el("h2", {}, "Verdict: ", mark(verdict.verdict)),
    el("p", {}, `${found.join(", ") || "nothing was judged"}, against ${count(verdict.baseline.runs, "run")}`,
      verdict.baseline.branch && ` of ${plain(verdict.baseline.branch)}`, verdict.baseline.oldest && ` from ${time(verdict.baseline.oldest)} to ${time(verdict.baseline.newest)} UTC`, "."),
    verdict.notes.length > 0 && el("ul", {}, verdict.notes.map((n) => el("li", {}, plain(n)))),
    table(ctx, {
      id: "verdict", caption: "Metrics, the most important first", rows, empty: "No metric was judged.",
      columns: [
        { head: "Metric", cell: (m) => link(route("metric", { ...suiteOf(run), metric: m.name, run: run.run_id }), m.name), by: (m) => m.name },
        { head: "Status", cell: (m) => mark(m.status), by: (m) => m.status },
        { head: "Baseline", num: true, cell: (m) => value(m.baseline, m.unit) },
        { head: "Head", num: true, cell: (m) => value(m.head, m.unit) },
        { head: "Change", num: true, cell: (m) => change(m.delta_pct), by: (m) => m.delta_pct },
        { head: "Expected", num: true, cell: (m) => (m.interval ? m.interval.map((v) => quantity(v, m.unit)).join(" to ") : none()) },
        { head: "Limit", num: true, cell: (m) => m.limit || none() },
        { head: "q", num: true, cell: (m) => (m.q_value === null ? none() : figures(m.q_value, 2)), by: (m) => m.q_value },
        { head: "Seen from", num: true, cell: (m) => value(m.min_detectable_pct, "%"), by: (m) => m.min_detectable_pct },
        { head: "Why", cell: (m) => m.reason },
      ],
    }),
  ];
}

function values(ctx, run) {
  return [
    { head: "Metric", cell: (m) => metricLink(ctx, m.name, run), by: (m) => m.name },
    { head: "Value", num: true, cell: (m) => value(m.value, m.unit) },
    { head: "Better", cell: (m) => m.better },
    { head: "Samples", num: true, cell: (m) => (m.samples.length ? el("span", { title: m.samples.map((v) => quantity(v, m.unit)).join(", ") }, String(m.samples.length)) : none()) },
    { head: "Tags", cell: (m) => Object.entries(m.tags).map(([k, v]) => `${k}=${v}`).join(", ") || none() },
  ];
}
