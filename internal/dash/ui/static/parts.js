// What several pages show the same way.
import { el, link, name, none, plain } from "./dom.js";
import { quantity, short, time } from "./format.js";
import { suiteName, suiteOf } from "./route.js";

// facts lists words with what is known about them; what is not known is left out.
export function facts(pairs) {
  const known = pairs.filter(([, v]) => v !== null && v !== undefined && v !== "");
  return el("dl", { class: "facts" }, known.map(([k, v]) => el("div", {}, el("dt", {}, k), el("dd", {}, typeof v === "string" ? name(v) : v))));
}

// moment is a time in UTC, for people and for machines.
export function moment(text) {
  return text ? el("time", { datetime: text, title: text }, time(text)) : none();
}

// commit is the beginning of a commit, with all of it at hand.
export function commit(text, n = 8) {
  return text ? el("code", { title: plain(text) }, name(short(text, n))) : none();
}

// runLink leads to a run.
export const runLink = (id, text) => link(`#/run?id=${encodeURIComponent(id)}`, text || short(id, 13), { title: plain(id) });

// metricLink leads to the history of a metric of a suite; of may be any row with
// the suite's columns.
export function metricLink(ctx, metric, of, text = metric) {
  return link(ctx.to("metric", { ...(of && suiteOf(of)), metric }), text);
}

// suiteLink leads to the runs of a suite.
export const suiteLink = (ctx, row) => link(ctx.to("runs", { ...suiteOf(row), branch: null }), suiteName(row));

const words = {
  regression: "bad", regressed: "bad", worse: "bad", failed: "bad", "did not pass": "bad",
  pass: "good", passed: "good", improved: "good", better: "good", ok: "good",
  suspect: "odd", inconclusive: "odd", missing: "odd", waived: "odd",
};

// mark is a word of judgement; its colour says no more than the word does.
export const mark = (word) => el("span", { class: words[word] }, word);

// yesNo says one of two words, or that nobody knows.
export const yesNo = (value, yes, no) => (value === null ? none() : mark(value ? yes : no));

// value is a figure with its unit.
export const value = (v, unit) => (v === null || v === undefined ? none() : plain(quantity(v, unit)));

// change is a difference in per cent: + is larger, and the word says whether that
// is worse.
export function change(pct, word) {
  if (pct === null || pct === undefined) return none();
  const text = (pct > 0 ? "+" : "") + quantity(pct, "%");
  return words[word] ? el("span", { class: words[word] }, `${text} ${word}`) : text;
}

// pager leads to the next page of a list.
export function pager(ctx, next) {
  if (!next && !ctx.params.cursor) return null;
  return el("p", { class: "pager" },
    ctx.params.cursor && link(hereWith(ctx, null), "First page"), " ",
    next && link(hereWith(ctx, next), "Next page"));
}

const hereWith = (ctx, cursor) => ctx.to(ctx.page, { ...ctx.params, cursor });

// finder is a field that narrows the page down to names with some words, while
// these are typed.
export function finder(ctx, label) {
  let later = 0;
  const input = el("input", { id: "q", type: "search", value: ctx.params.q || "", autocomplete: "off", spellcheck: "false", maxlength: "1000" });
  input.addEventListener("input", () => {
    clearTimeout(later);
    later = setTimeout(() => ctx.go({ q: input.value }), 200);
  });
  return el("label", {}, label, input);
}

// problem stands for a part of the page that could not be had.
export const problem = (what, why) => el("p", { class: "error" }, `${what}: ${plain(why)}`);
