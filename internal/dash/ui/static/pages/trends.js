// Changes of level that lasted, with the commits that may have brought them.
import { get } from "../api.js";
import { count, time } from "../format.js";
import { facts, mark, moment } from "../parts.js";
import { shifts } from "../shifts.js";

export const scoped = ["repository", "suite", "branch"];
export const whole = "the newest";

export const title = () => "Trends";

export const load = (ctx) => get("trends", ctx.scope, ctx.signal);

export function show({ trend, shifts: found }, ctx) {
  return [
    facts([
      ["Verdict", mark(trend.verdict)], ["Searched", `${count(trend.runs, "run")} of ${trend.stored_runs}`], ["News", `in the newest ${count(trend.newest_runs, "run")}`],
      ["Metrics", trend.metrics_too_short ? `${trend.metrics}, and ${trend.metrics_too_short} with too few values` : String(trend.metrics)],
      ["From (UTC)", moment(trend.oldest)], ["To (UTC)", moment(trend.newest)],
    ]),
    shifts(ctx, found, { caption: "Changes that lasted: what fails the gate first, then the newest", empty: trend.oldest ? `No level changed for good since ${time(trend.oldest)} UTC.` : "There are no runs yet." }),
  ];
}
