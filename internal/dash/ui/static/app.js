// The dashboard: it shows the page that the address names, and shows it again
// when runs come in. A page is a module with title(params), load(ctx) that asks the
// API and show(data, ctx) that makes nodes of the answers and of nothing else.
import { Refused } from "./api.js";
import { el, plain } from "./dom.js";
import { count } from "./format.js";
import { watch } from "./live.js";
import { here, route } from "./route.js";
import { loadScope, showScope } from "./scope.js";
import * as compare from "./pages/compare.js";
import * as gate from "./pages/gate.js";
import * as metric from "./pages/metric.js";
import * as metrics from "./pages/metrics.js";
import * as overview from "./pages/overview.js";
import * as run from "./pages/run.js";
import * as runs from "./pages/runs.js";
import * as sizes from "./pages/sizes.js";
import * as tests from "./pages/tests.js";
import * as trends from "./pages/trends.js";

const pages = { "": overview, runs, run, metrics, metric, compare, tests, sizes, trends, gate };
const main = document.getElementById("main");
const search = document.getElementById("search");
let ctx, seen = "", leave = new AbortController();

// context is what a page may use: its parameters, the scope of the links that it
// makes, and ways to go elsewhere.
function context() {
  const at = here();
  return {
    ...at, signal: leave.signal, say,
    // to links to a page in the same scope.
    to: (page, more) => route(page, { ...at.scope, ...more }),
    // go changes parameters of this page and shows it anew.
    go: (changes) => location.assign(route(at.page, { ...at.params, cursor: null, ...changes })),
    // keep writes into the address what is on the screen already.
    keep: (key, value) => {
      at.params[key] = value;
      history.replaceState(null, "", route(at.page, at.params));
    },
  };
}

// say tells those who do not see the screen.
function say(text) {
  document.getElementById("status").textContent = text;
}

// visit shows the page of the address from its beginning.
async function visit() {
  leave.abort();
  leave = new AbortController();
  const from = ctx;
  ctx = context();
  seen = "";
  navigation();
  const page = pages[ctx.page];
  main.setAttribute("aria-busy", "true");
  if (page) await draw(page, ctx);
  else main.replaceChildren(heading("No such page"), el("p", {}, el("a", { href: "#/" }, "See all repositories")));
  main.removeAttribute("aria-busy");
  if (from && from.page !== ctx.page) {
    window.scrollTo(0, 0);
    main.querySelector("h1").focus({ preventScroll: true });
  }
}

// navigation takes the scope along to the other pages.
function navigation() {
  search.value = ctx.page === "metrics" ? ctx.params.q || "" : "";
  for (const a of document.querySelectorAll("nav a")) {
    const [, to] = /^#\/([^?]*)/.exec(a.getAttribute("href"));
    a.setAttribute("href", ctx.to(to));
    if (to === ctx.page) a.setAttribute("aria-current", "page");
    else a.removeAttribute("aria-current");
  }
}

function heading(text) {
  document.title = plain(text) + " – plumbline";
  return el("h1", { tabindex: "-1" }, plain(text));
}

// draw asks the API and shows its answers, if they differ from what is shown.
async function draw(page, mine, arrived = []) {
  const title = page.title(mine.params);
  try {
    const [scope, data] = await Promise.all([page.scoped ? loadScope(page, mine) : null, page.load(mine)]);
    const text = JSON.stringify([scope, data]);
    if (mine !== ctx || text === seen) return;
    const news = arrived.length ? count(arrived.length, "new run") + " came in." : "The page was updated.";
    if (seen) say(news);
    seen = text;
    const restore = focused();
    main.replaceChildren(heading(title), ...[scope && showScope(page, scope, mine), page.show(data, mine)].flat(Infinity).filter(Boolean));
    restore();
  } catch (error) {
    if (mine !== ctx || error.name === "AbortError") return;
    if (error instanceof Refused) return location.assign("login");
    seen = "";
    main.replaceChildren(heading(title), el("p", { class: "error", role: "alert" }, plain(error.message)), el("p", {}, el("a", { href: "#/" }, "See all repositories")));
  }
}

// focused remembers what has the focus, and what is typed into it, for the new
// nodes that stand in for the old ones.
function focused() {
  const was = document.activeElement;
  if (!main.contains(was)) return () => {};
  const href = was.getAttribute("href"), typed = was.matches("input") && [was.value, was.selectionStart, was.selectionEnd];
  return () => {
    const now = was.id ? document.getElementById(was.id) : [...main.querySelectorAll("a")].find((a) => a.getAttribute("href") === href);
    if (!now) return main.querySelector("h1").focus({ preventScroll: true });
    now.focus({ preventScroll: true });
    if (typed && now.matches("[type=search], [type=text]")) {
      now.value = typed[0];
      now.setSelectionRange(typed[1], typed[2]);
    }
  };
}

search.form.addEventListener("submit", (e) => {
  e.preventDefault();
  location.assign(ctx.to("metrics", { q: search.value }));
});
window.addEventListener("hashchange", visit);
document.addEventListener("keydown", (e) => {
  if (e.key !== "/" || e.ctrlKey || e.metaKey || e.altKey || e.target.matches("input, select, textarea")) return;
  e.preventDefault();
  search.focus();
});
watch("api/v1/events", (runs) => pages[ctx.page] && draw(pages[ctx.page], ctx, runs), (how) => {
  document.getElementById("live").textContent = how;
});
visit();
