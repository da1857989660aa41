// Makes tables: a caption, column headers that sort where they can, and no more
// rows in the page than somebody looks at.
import { el, plain } from "./dom.js";

const shownAtOnce = 200;

// table makes a table of {id, caption, columns, rows, empty, next}. A column is
// {head, cell(row), num, by(row)}: cell gives text or a node, num sets it right,
// by gives what the column is sorted by; without it the column is not sorted, and
// none is where next, the cursor of further rows, says that these are not all.
// The order is kept in the address, so that a bookmark has it.
export function table(ctx, t) {
  if (t.rows.length === 0) return el("p", { class: "empty" }, t.empty || "Nothing here.");
  const body = el("tbody");
  const param = "sort-" + t.id;
  const heads = t.columns.map((c) => el("th", { scope: "col", class: c.num && "num" }, c.head));
  const more = el("button", { type: "button", class: "more" });
  let rows = t.rows, shown = 0;

  const grow = () => {
    body.append(...rows.slice(shown, shown + shownAtOnce).map((r) => line(t.columns, r)));
    shown = Math.min(shown + shownAtOnce, rows.length);
    more.hidden = shown >= rows.length;
    more.textContent = `Show more (${shown} of ${rows.length} are shown)`;
  };
  const order = (key) => {
    const at = t.columns.findIndex((c) => c.by && c.head === key.replace(/^-/, ""));
    heads.forEach((h) => h.removeAttribute("aria-sort"));
    rows = t.rows;
    if (at >= 0) {
      const down = key.startsWith("-");
      rows = sorted(t.rows, t.columns[at].by, down);
      heads[at].setAttribute("aria-sort", down ? "descending" : "ascending");
    }
    body.replaceChildren();
    shown = 0;
    grow();
  };
  t.columns.forEach((c, i) => {
    if (!c.by || t.next || ctx.params.cursor) return;
    const first = (c.num ? "-" : "") + c.head, second = (c.num ? "" : "-") + c.head; // the largest number first
    const click = () => {
      const key = ctx.params[param] === first ? second : first;
      ctx.keep(param, key);
      order(key);
    };
    heads[i].replaceChildren(el("button", { type: "button", id: `${param}-${i}`, click }, c.head));
  });
  more.addEventListener("click", grow);
  order(ctx.params[param] || "");

  const caption = el("caption", { id: "caption-" + t.id }, t.caption);
  return [
    el("div", { class: "scroll", role: "region", tabindex: "0", "aria-labelledby": caption.id },
      el("table", {}, caption, el("thead", {}, el("tr", {}, heads)), body)),
    more,
  ];
}

// The first cell of a row is its header.
function line(columns, row) {
  return el("tr", {}, columns.map((c, i) => {
    const cell = c.cell(row);
    return el(i === 0 ? "th" : "td", { scope: i === 0 && "row", class: c.num && "num" }, typeof cell === "string" ? plain(cell) : cell);
  }));
}

// sorted keeps rows of which nothing is known at the end, whichever way.
function sorted(rows, by, down) {
  const sign = down ? -1 : 1;
  return rows.map((row) => [by(row), row]).sort(([a], [b]) => {
    if (a === b) return 0;
    if (a === null || a === undefined) return 1;
    if (b === null || b === undefined) return -1;
    return a < b ? -sign : sign;
  }).map(([, row]) => row);
}
