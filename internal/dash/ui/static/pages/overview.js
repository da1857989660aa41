// All suites of a store, and the branches of a repository.
import { get } from "../api.js";
import { el, link, none } from "../dom.js";
import { count } from "../format.js";
import { facts, moment, pager, suiteLink } from "../parts.js";
import { route } from "../route.js";
import { table } from "../table.js";

export const scoped = ["repository"];

export const title = (params) => params.repository || "Overview";

export async function load(ctx) {
  const { repository, cursor } = ctx.params;
  const [health, suites, more] = await Promise.all([
    get("health", {}, ctx.signal),
    get("suites", { repository, cursor }, ctx.signal),
    repository ? get("branches", { repository }, ctx.signal) : get("repositories", {}, ctx.signal),
  ]);
  delete health.uptime_seconds; // which is always news
  return { health, suites, more };
}

export function show({ health, suites, more }, ctx) {
  const { repository } = ctx.params;
  return [
    facts([["Store", health.store], ["Newest run", moment(health.newest)], ["Version", health.version], ["Trouble", health.error]]),
    el("h2", {}, "Suites"),
    table(ctx, {
      id: "suites", caption: "Runs that can be compared with each other, those with the newest first", rows: suites.items, next: suites.next_cursor, empty: "No runs are stored yet.",
      columns: [
        { head: "Suite", cell: (s) => suiteLink(ctx, s), by: (s) => s.suite || s.job },
        { head: "Repository", cell: (s) => repositoryLink(s.repository), by: (s) => s.repository },
        { head: "Type", cell: (s) => s.type || none(), by: (s) => s.type },
        { head: "Runs", num: true, cell: (s) => count(s.runs, "run"), by: (s) => s.runs },
        { head: "Branches", num: true, cell: (s) => String(s.branches), by: (s) => s.branches },
        { head: "Newest (UTC)", cell: (s) => moment(s.newest), by: (s) => s.newest },
        { head: "Oldest (UTC)", cell: (s) => moment(s.oldest), by: (s) => s.oldest },
      ],
    }),
    pager(ctx, suites.next_cursor),
    el("h2", {}, repository ? "Branches" : "Repositories"),
    repository ? branches(ctx, more) : repositories(ctx, more),
  ];
}

const repositoryLink = (name) => (name ? link(route("", { repository: name }), name) : none());

function repositories(ctx, more) {
  return table(ctx, {
    id: "repositories", caption: "Repositories by name", rows: more.items, next: more.next_cursor,
    columns: [
      { head: "Repository", cell: (r) => repositoryLink(r.repository), by: (r) => r.repository },
      { head: "Suites", num: true, cell: (r) => String(r.suites), by: (r) => r.suites },
      { head: "Runs", num: true, cell: (r) => count(r.runs, "run"), by: (r) => r.runs },
      { head: "Newest (UTC)", cell: (r) => moment(r.newest), by: (r) => r.newest },
    ],
  });
}

function branches(ctx, more) {
  return table(ctx, {
    id: "branches", caption: "Branches, those with the newest runs first", rows: more.items, next: more.next_cursor,
    columns: [
      { head: "Branch", cell: (b) => (b.branch ? link(ctx.to("runs", { branch: b.branch }), b.branch) : none()), by: (b) => b.branch },
      { head: "Runs", num: true, cell: (b) => count(b.runs, "run"), by: (b) => b.runs },
      { head: "Newest (UTC)", cell: (b) => moment(b.newest), by: (b) => b.newest },
    ],
  });
}
