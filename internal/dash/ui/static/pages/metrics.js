// Search of the names of metrics.
import { get } from "../api.js";
import { el } from "../dom.js";
import { finder, metricLink, pager } from "../parts.js";
import { only } from "../route.js";
import { table } from "../table.js";

export const scoped = ["repository", "suite"];

export const title = () => "Metrics";

export const load = (ctx) => get("metrics", { ...only(ctx.params, ["repository", "suite", "job", "type", "q", "cursor"]), limit: 200 }, ctx.signal);

export function show(found, ctx) {
  return [
    el("div", { class: "bar" }, finder(ctx, "Names that have all these words")),
    table(ctx, {
      id: "metrics", caption: "Metrics by name", rows: found.items, next: found.next_cursor, empty: "No metric has all these words in its name.",
      columns: [
        { head: "Metric", cell: (m) => metricLink(ctx, m.name) },
        { head: "Unit", cell: (m) => m.unit },
        { head: "Better", cell: (m) => m.better },
      ],
    }),
    pager(ctx, found.next_cursor),
  ];
}
