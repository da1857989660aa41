// Writes figures as collect.Quantity does: three of them and the prefix that fits.
// Nothing is computed here that says something; that is the server's.

const families = [
  [["ns", 1], ["µs", 1e3], ["ms", 1e6], ["s", 1e9]],
  [["B", 1], ["kB", 1e3], ["MB", 1e6], ["GB", 1e9], ["TB", 1e12]],
  [["B", 1], ["KiB", 2 ** 10], ["MiB", 2 ** 20], ["GiB", 2 ** 30], ["TiB", 2 ** 40]],
];
const aliases = { us: "µs", "μs": "µs", sec: "s", seconds: "s", KB: "kB", bytes: "B", byte: "B" };

const known = (v) => typeof v === "number" && Number.isFinite(v);

// figures writes n significant figures without trailing zeros.
export function figures(v, n = 3) {
  const r = Number(v.toPrecision(n)), size = Math.abs(r);
  if (size !== 0 && (size < 1e-4 || size >= 1e15)) return String(r);
  return r.toLocaleString("en-US", { maximumFractionDigits: 20 });
}

// quantity writes a value in its unit.
export function quantity(v, unit = "", n = 3) {
  if (!known(v)) return "–";
  if (unit === "%" || unit === "percent" || unit === "pct") return figures(v, n) + " %";
  if (unit === "" || unit === "count" || unit === "1") return whole(v, n);
  const [base, ...per] = unit.split("/");
  const at = aliases[base] || base;
  const family = families.find((f) => f.some(([u]) => u === at));
  if (!family) return `${whole(v, n)} ${unit}`;
  if (v === 0) return `0 ${unit}`;
  const size = Math.abs(v * family.find(([u]) => u === at)[1]);
  let step = family[0];
  for (const s of family) if (Number((size / s[1]).toPrecision(n)) >= 1) step = s;
  return [`${figures((Math.sign(v) * size) / step[1], n)} ${step[0]}`, ...per].join("/");
}

function whole(v, n) {
  return Number.isInteger(v) && Math.abs(v) < 1e15 ? v.toLocaleString("en-US") : figures(v, n);
}

// signed is a change with its sign.
export function signed(v, unit) {
  if (!known(v)) return "–";
  return (v > 0 ? "+" : "") + quantity(v, unit);
}

// share writes a part of one as per cent.
export const share = (v) => (known(v) ? figures(v * 100) + " %" : "–");

// time is a moment in UTC, as the lists on a terminal show it.
export function time(text) {
  const t = new Date(text);
  return text && !isNaN(t) ? t.toISOString().slice(0, 16).replace("T", " ") : "–";
}

// short is the beginning of a commit or of an id.
export const short = (text, n = 8) => (text ? String(text).slice(0, n) : "–");

// count writes a number of things with their word.
export const count = (n, one, many = one + "s") => `${whole(n, 3)} ${n === 1 ? one : many}`;
