// The history of one metric: its chart, levels and changes of level, and with
// run= how that run was judged by it.
import { get } from "../api.js";
import { el, none, plain } from "../dom.js";
import { count, quantity, signed } from "../format.js";
import { commit, facts, mark, moment, runLink, suiteLink, value } from "../parts.js";
import { only } from "../route.js";
import { drawable } from "../series.js";
import { shifts } from "../shifts.js";
import { table } from "../table.js";

export const scoped = ["repository", "suite", "branch"];
export const whole = "the newest with this metric";

export const title = (params) => params.metric || "Metric";

export async function load(ctx) {
  const { run, metric } = ctx.params;
  if (run) return get(`runs/${encodeURIComponent(run)}/series`, { metric }, ctx.signal);
  const series = await get("series", { ...ctx.scope, ...only(ctx.params, ["metric", "since", "until"]) }, ctx.signal);
  return { series, judged: null, head: null, reruns: [] };
}

export function show(data, ctx) {
  const { series, judged } = data;
  const unit = series.metric.unit;
  return [
    judged && verdict(judged, ctx),
    facts([
      ["Suite", suiteLink(ctx, series)], ["Repository", series.repository], ["Branch", series.branch || "all"], ["Unit", unit],
      ["Better", { lower: "lower is better", higher: "higher is better", none: "neither way" }[series.metric.better]],
      ["Runs", count(series.runs, "run")], ["Level now", series.levels.length > 0 && value(series.levels.at(-1).value, unit)],
    ]),
    !judged && period(ctx),
    picture(data),
    el("p", { class: "muted" }, [
      series.thinned && "Of many runs the lowest and highest of neighbours are drawn; a shorter time shows all of them. ",
      !series.complete && "There are older runs than these; choose an earlier end to see them.",
    ]),
    el("h2", {}, "Changes of level"),
    shifts(ctx, series.shifts, { caption: "Changes that lasted, the oldest first", empty: "The level did not change for good." }),
    el("h2", {}, "Levels"),
    levels(ctx, series),
    el("h2", {}, "Values"),
    values(ctx, series),
  ];
}

// picture draws the history when it is in the page, whose width it takes. A click on
// a run, or Enter, opens it.
function picture(data) {
  const box = el("div", { class: "chart" });
  requestAnimationFrame(() => plumblineChart(box, drawable(data), {
    height: 320, format: quantity, link: (point) => new URL("#/run?id=" + encodeURIComponent(point.id), location.href).href,
  }));
  return box;
}

function verdict(judged, ctx) {
  return el("p", {}, "Run ", runLink(ctx.params.run), ": ", mark(judged.status), judged.reason && `, ${plain(judged.reason)}`,
    ` (${quantity(judged.baseline, judged.unit)} → ${quantity(judged.head, judged.unit)}`, judged.delta_pct !== null && `, ${signed(judged.delta_pct, "%")}`, "). ",
    el("a", { href: ctx.to("metric", { metric: ctx.params.metric }) }, "See its whole history"));
}

// period chooses the time that is shown.
function period(ctx) {
  const day = (id, label) => {
    const input = el("input", { id, type: "date", value: (ctx.params[id] || "").slice(0, 10) });
    input.addEventListener("change", () => ctx.go({ [id]: input.value }));
    return el("label", {}, label, input);
  };
  return el("div", { class: "bar", role: "group", "aria-label": "Time" }, day("since", "From"), day("until", "Until"),
    (ctx.params.since || ctx.params.until) && el("button", { type: "button", id: "all-time", click: () => ctx.go({ since: null, until: null }) }, "All of it"));
}

function levels(ctx, series) {
  return table(ctx, {
    id: "levels", caption: "Levels, the oldest first", rows: series.levels, empty: "Too few runs are known for a level.",
    columns: [
      { head: "From (UTC)", cell: (l) => moment(l.from) },
      { head: "To (UTC)", cell: (l) => moment(l.to) },
      { head: "Median", num: true, cell: (l) => value(l.value, series.metric.unit), by: (l) => l.value },
      { head: "Runs", num: true, cell: (l) => String(l.runs), by: (l) => l.runs },
    ],
  });
}

function values(ctx, series) {
  return table(ctx, {
    id: "points", caption: "Values, the newest first", rows: series.points.toReversed(), empty: "No run has this metric.",
    columns: [
      { head: "Run", cell: (p) => runLink(p.run_id) },
      { head: "Value", num: true, cell: (p) => value(p.value, series.metric.unit), by: (p) => p.value },
      { head: "Time (UTC)", cell: (p) => moment(p.timestamp), by: (p) => p.timestamp },
      { head: "Commit", cell: (p) => commit(p.git_commit) },
      { head: "Branch", cell: (p) => p.branch || none() },
    ],
  });
}
