// Sizes of artifacts and images, by label.
import { get } from "../api.js";
import { change, metricLink, moment, runLink, value } from "../parts.js";
import { count } from "../format.js";
import { table } from "../table.js";

export const scoped = ["repository", "suite", "branch"];
export const whole = "the newest with sizes";

export const title = () => "Sizes";

export const load = (ctx) => get("sizes", ctx.scope, ctx.signal);

export function show(sizes, ctx) {
  return [table(ctx, {
    id: "sizes", caption: `Sizes by label, in the newest ${count(sizes.runs, "run")}`, rows: sizes.items, empty: "No run has a size.",
    columns: [
      { head: "Label", cell: (s) => metricLink(ctx, s.metric, null, s.label), by: (s) => s.label },
      { head: "Packed", cell: (s) => s.encoding || "as it is", by: (s) => s.encoding },
      { head: "Size", num: true, cell: (s) => value(s.value, s.unit), by: (s) => s.value },
      { head: "Oldest of them", num: true, cell: (s) => value(s.first, s.unit) },
      { head: "Change", num: true, cell: (s) => change(s.delta_pct), by: (s) => s.delta_pct },
      { head: "Runs", num: true, cell: (s) => String(s.runs) },
      { head: "Newest (UTC)", cell: (s) => [moment(s.timestamp), " ", runLink(s.run_id)] },
    ],
  })];
}
