// Makes elements. Text from the store gets into the page by text nodes and by
// attributes of fixed names alone, never as markup.

// el makes an element: el("a", {href: "#/runs", class: "x"}, "text", node).
// Strings become text; null and false are left out.
export function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") node.addEventListener(key, value);
    else if (key === "href") node.setAttribute("href", harmless(value));
    else node.setAttribute(key, value === true ? "" : value);
  }
  add(node, children);
  return node;
}

function add(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) node.append(child);
  }
}

// harmless lets links lead to pages of this program and to the web, and nothing
// run: whatever else an address is, it leads nowhere.
export function harmless(address) {
  return /^(#\/|https?:\/\/)/i.test(address) ? address : "#/";
}

// Controls, invisible characters and those that turn the direction of writing.
// The joiners stay: emoji and some scripts fall apart without them.
const unseen = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u034f\u115f\u1160\u3164\uffa0]/gu;

// plain shows by its number each character that cannot be seen.
export function plain(text) {
  return String(text ?? "").replace(unseen, (c) => `\\u{${c.codePointAt(0).toString(16)}}`);
}

// name is a name from outside, whose direction of writing ends where it ends.
export function name(text) {
  return el("bdi", {}, plain(text));
}

// link is a link with a name from outside on it.
export function link(href, text, attributes) {
  return el("a", { href, ...attributes }, name(text));
}

// none stands where nothing is known.
export function none() {
  return el("span", { class: "none" }, "–");
}
