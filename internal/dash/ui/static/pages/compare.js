// Any two runs or branches beside each other.
import { get } from "../api.js";
import { el, none, plain } from "../dom.js";
import { count } from "../format.js";
import { change, finder, mark, metricLink, moment, pager, runLink, suiteLink, value } from "../parts.js";
import { only } from "../route.js";
import { table } from "../table.js";

export const scoped = ["repository", "suite"];

export const title = () => "Compare";

const keys = ["repository", "suite", "job", "type"];

export async function load(ctx) {
  const scope = only(ctx.params, keys);
  const { head, base } = ctx.params;
  const [runs, branches, compared] = await Promise.all([
    get("runs", { ...scope, limit: 50 }, ctx.signal),
    get("branches", { ...scope, limit: 200 }, ctx.signal),
    head && base ? get("compare", { ...only(ctx.params, [...keys, "head", "base", "runs", "q", "cursor"]), limit: 200 }, ctx.signal) : null,
  ]);
  const names = [...new Set(branches.items.map((b) => b.branch).filter(Boolean))];
  return { choices: ["latest", ...names.map((n) => "branch:" + n), ...runs.items.map((r) => r.run_id)], compared };
}

export function show({ choices, compared }, ctx) {
  return [form(choices, ctx), compared ? result(compared, ctx) : el("p", { class: "empty" }, "Choose a base and a head: latest, the begin of a run's id, or branch:NAME for the newest runs of a branch.")];
}

function form(choices, ctx) {
  const field = (id, label) => el("label", {}, label,
    el("input", { id: "compare-" + id, name: id, type: "text", list: "choices", value: ctx.params[id] || "", required: true, maxlength: "1000", autocomplete: "off", spellcheck: "false" }));
  const submit = (e) => {
    e.preventDefault();
    const { base, head, runs } = e.target.elements;
    ctx.go({ base: base.value, head: head.value, runs: runs.value });
  };
  return el("form", { class: "bar", "aria-label": "What is compared", submit },
    field("base", "Base"), field("head", "Head"),
    el("label", {}, "Runs of a branch", el("input", { id: "compare-runs", name: "runs", type: "number", min: "1", max: "50", value: ctx.params.runs || "5" })),
    el("button", { id: "compare-go" }, "Compare"),
    el("datalist", { id: "choices" }, choices.map((c) => el("option", { value: c }))));
}

function result({ head, base, total, items, next_cursor: next }, ctx) {
  return [
    el("p", {}, "Base: ", side(base, ctx), el("br"), "Head: ", side(head, ctx)),
    el("div", { class: "bar" }, finder(ctx, "Metrics whose name has")),
    table(ctx, {
      id: "compare", caption: `${count(total, "metric")}, the largest change for the worse first. It says which way values differ; whether that is more than noise is for a verdict to say.`,
      rows: items, next, empty: "No metric fits.",
      columns: [
        { head: "Metric", cell: (d) => metricLink(ctx, d.name, head.runs[0]), by: (d) => d.name },
        { head: "Base", num: true, cell: (d) => spread(d.base, d.unit) },
        { head: "Head", num: true, cell: (d) => spread(d.head, d.unit) },
        { head: "Change", num: true, cell: (d) => change(d.delta_pct), by: (d) => d.delta_pct },
        { head: "That is", cell: (d) => mark(d.change), by: (d) => d.change },
      ],
    }),
    pager(ctx, next),
  ];
}

function side(s, ctx) {
  const [newest] = s.runs;
  const one = s.runs.length === 1;
  return [one ? ["run ", runLink(newest.run_id)] : `${count(s.runs.length, "run")} of ${plain(newest.branch)}, the newest `, !one && runLink(newest.run_id), " of ", suiteLink(ctx, newest), ", ", moment(newest.timestamp), " UTC"];
}

// spread is the median of several runs, with the lowest and highest at hand.
function spread(s, unit) {
  if (s.value === null) return none();
  return s.runs > 1 ? el("span", { title: `${plain(unit)}: ${s.min} to ${s.max} in ${s.runs} runs` }, value(s.value, unit)) : value(s.value, unit);
}
