// The runs of a suite, a branch or all of them. Two of them can be chosen and
// compared.
import { get } from "../api.js";
import { el, link, none, plain } from "../dom.js";
import { quantity } from "../format.js";
import { commit, moment, pager, runLink, suiteLink, yesNo } from "../parts.js";
import { only, route } from "../route.js";
import { table } from "../table.js";

export const scoped = ["repository", "suite", "branch"];

export const title = () => "Runs";

export const load = (ctx) => get("runs", { ...ctx.scope, ...only(ctx.params, ["cursor", "commit", "since", "until"]) }, ctx.signal);

export function show(runs, ctx) {
  const compare = el("a", { class: "button" });
  const chosen = () => {
    const { head, base } = ctx.params;
    compare.textContent = head && base ? "Compare the two" : "Choose a base and a head to compare";
    if (head && base) compare.setAttribute("href", route("compare", { head, base }));
  };
  chosen();
  return [
    el("p", {}, compare),
    table(ctx, { id: "runs", caption: "Runs, the newest first", rows: runs.items, empty: "No run fits.", columns: columns(ctx, chosen) }),
    pager(ctx, runs.next_cursor),
  ];
}

function columns(ctx, chosen) {
  const pick = (side) => ({
    head: side === "base" ? "Base" : "Head",
    cell: (r) => {
      const radio = el("input", { type: "radio", name: side, id: `${side}-${r.run_id}`, value: r.run_id, "aria-label": `${side}: ${plain(r.run_id)}`, checked: ctx.params[side] === r.run_id });
      radio.addEventListener("change", () => {
        ctx.keep(side, r.run_id);
        chosen();
      });
      return radio;
    },
  });
  return [
    { head: "Run", cell: (r) => runLink(r.run_id) },
    pick("base"), pick("head"),
    { head: "Time (UTC)", cell: (r) => moment(r.timestamp) },
    { head: "Gate", cell: (r) => yesNo(r.gate_passed, "passed", "did not pass") },
    { head: "Result", cell: (r) => yesNo(r.success, "ok", "failed") },
    { head: "Suite", cell: (r) => suiteLink(ctx, r) },
    { head: "Branch", cell: (r) => (r.branch ? link(ctx.to("runs", { branch: r.branch }), r.branch) : none()) },
    { head: "Commit", cell: (r) => commit(r.git_commit) },
    { head: "Took", num: true, cell: (r) => quantity(r.duration, "s") },
    { head: "Event", cell: (r) => (r.rerun_of ? ["looks again at ", runLink(r.rerun_of)] : plain(r.event) || none()) },
  ];
}
