// The table of changes of level, as a trend and a history have them.
import { el, none } from "./dom.js";
import { quantity } from "./format.js";
import { change, commit, mark, metricLink, moment, runLink, value } from "./parts.js";
import { table } from "./table.js";

// shifts shows changes of level with the range of commits that each came with.
export function shifts(ctx, found, { caption, empty }) {
  return table(ctx, {
    id: "shifts", caption, empty, rows: found,
    columns: [
      { head: "Metric", cell: (s) => metricLink(ctx, s.name), by: (s) => s.name },
      { head: "Status", cell: (s) => [mark(s.status), s.gates && " fails the gate", s.came_back && " came back since"], by: (s) => s.status },
      { head: "Kind", cell: (s) => s.kind, by: (s) => s.kind },
      { head: "From", num: true, cell: (s) => value(s.from, s.unit) },
      { head: "To", num: true, cell: (s) => value(s.to, s.unit) },
      { head: "Change", num: true, cell: (s) => [change(s.delta_pct), s.delta_interval_pct && el("div", { class: "muted" }, s.delta_interval_pct.map((v) => quantity(v, "%")).join(" to "))], by: (s) => s.delta_pct },
      { head: "Commits", cell: (s) => ["after ", end(s.before), " up to ", end(s.after)] },
      { head: "Since (UTC)", cell: (s) => [moment(s.after.timestamp), el("div", { class: "muted" }, `${s.lasting_runs} runs`)], by: (s) => s.after.timestamp },
      { head: "Why", cell: (s) => s.reason || none() },
    ],
  });
}

const end = (ref) => [commit(ref.git_commit), " (run ", runLink(ref.run_id, "#" + ref.number), ")"];
