// Turns a history as the API has it into what plumblineChart draws: levels and
// changes of level there are places among the points.

import { plain } from "./dom.js";

// drawable takes the answer of series, or of a run's series.
export function drawable({ series, judged, head, reruns }) {
  const points = series.points.filter((p) => p.run_id !== head?.run_id); // which is drawn apart
  const times = points.map((p) => Date.parse(p.timestamp));
  const first = (time) => times.findIndex((t) => t >= Date.parse(time));
  const last = (time) => times.findLastIndex((t) => t <= Date.parse(time));
  const within = (from, to) => from >= 0 && to >= from;
  return {
    name: plain(series.metric.name), unit: plain(series.metric.unit), better: series.metric.better, status: judged?.status,
    points: points.map(point),
    head: head ? [head, ...reruns].map(point) : [],
    levels: series.levels.map((l) => ({ from: first(l.from), to: last(l.to), value: l.value })).filter((l) => within(l.from, l.to)),
    changes: series.shifts.map((s) => ({
      before: last(s.before.timestamp), at: first(s.after.timestamp), from: s.from, to: s.to, delta_pct: s.delta_pct,
      status: s.status, creep: s.kind === "creep", back: s.came_back,
    })).filter((c) => within(c.before, c.at)),
    band: judged?.interval ? { low: judged.interval[0], high: judged.interval[1] } : null,
  };
}

const point = (p) => ({ id: p.run_id, run: plain(p.run_id), commit: plain(p.git_commit), time: p.timestamp, value: p.value });
