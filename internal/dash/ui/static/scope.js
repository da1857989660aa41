// The bar that chooses repository, suite and branch.
import { get } from "./api.js";
import { el, plain } from "./dom.js";
import { suiteName, suiteOf } from "./route.js";

const most = 1000; // entries of a list; the newest come first

// loadScope asks for what can be chosen. A page's scoped is the list of those of
// repository, suite and branch that it takes.
export async function loadScope(page, ctx) {
  const { repository, suite, job, type } = ctx.params;
  const ask = (part, path, params) => (page.scoped.includes(part) ? get(path, { ...params, limit: most }, ctx.signal) : { items: [] });
  const [repositories, suites, branches] = await Promise.all([
    ask("repository", "repositories", {}),
    ask("suite", "suites", { repository }),
    ask("branch", "branches", { repository, suite, job, type }),
  ]);
  return {
    repositories: repositories.items.map((r) => r.repository).filter(Boolean),
    suites: suites.items.map((s) => [suiteOf(s), suiteName(s), s.repository]),
    branches: [...new Set(branches.items.map((b) => b.branch).filter(Boolean))],
  };
}

// showScope makes the bar.
export function showScope(page, scope, ctx) {
  const { repository, suite, branch } = ctx.params;
  const bar = [];
  if (page.scoped.includes("repository")) {
    const all = [["", "all"], ...scope.repositories.map((r) => [r, r])];
    bar.push(choice("repository", "Repository", listed(all, repository), (v) => ctx.go({ ...noSuite, repository: v })));
  }
  if (page.scoped.includes("suite")) {
    const all = [["", page.whole || "all"], ...scope.suites.map(([of, text, owner]) => [key(of), owner && !repository ? `${text} (${owner})` : text, of])];
    const mine = suite === undefined ? "" : key(ctx.params);
    bar.push(choice("suite", "Suite", listed(all, mine, suiteName(ctx.params)), (v, of) => ctx.go({ ...noSuite, ...of })));
  }
  if (page.scoped.includes("branch")) {
    const all = [["", "all"], ...scope.branches.map((b) => [b, b])];
    bar.push(choice("branch", "Branch", listed(all, branch), (v) => ctx.go({ branch: v })));
  }
  return el("div", { class: "bar", role: "group", "aria-label": "What is shown" }, bar);
}

const noSuite = { suite: null, job: null, type: null, branch: null };
const key = (of) => JSON.stringify([of.repository || "", of.suite, of.job || "", of.type || ""]);

// listed adds what the address says to a list that lacks it, and marks it chosen.
function listed(options, chosen = "", text = chosen) {
  const all = options.some(([v]) => v === chosen) ? options : [...options, [chosen, text]];
  return { all, chosen };
}

// choice is a list to choose from.
function choice(id, label, { all, chosen }, changed) {
  const select = el("select", { id: "choose-" + id }, all.map(([v, text]) => el("option", { value: v, selected: v === chosen }, plain(text))));
  select.addEventListener("change", () => changed(select.value, all[select.selectedIndex][2]));
  return el("label", {}, label, select);
}
