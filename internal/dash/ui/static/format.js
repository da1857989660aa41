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
  if (size !== 0 && (size < 1e-4 || size >= 1e15)) return r.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  return r.toLocaleString("en-US", { maximumFractionDigits: 20 });
}

// quantity writes a value in its unit.
export function quantity(v, unit = "", n = 3) {
  if (!known(v)) return "–";
  if (unit === "" || unit === "count" || unit === "1") return whole(v, n);
  if (unit === "%" || unit === "percent" || unit === "pct") return percent(v, n) + " %";
  const [base, ...per] = unit.split("/");
  const at = aliases[base] || base;
  const family = families.find((f) => f.some(([u]) => u === at));
  if (!family) return `${whole(v, n)} ${unit}`;
  const size = v * family.find(([u]) => u === at)[1];
  if (family === families[0] && per.length === 0 && Math.abs(size) >= 59.95e9 && Math.abs(size) < 3.6e15) return clock(size / 1e9);
  if (v === 0) return [`0 ${base}`, ...per].join("/");
  let step = family[0]; // 999.95 ms has three figures only as 1 s: rounding may reach the next unit
  for (const s of family) if (Math.abs(size) >= s[1] || Number(Math.abs(size / step[1]).toPrecision(n)) >= s[1] / step[1]) step = s;
  return [`${figures(size / step[1], n)} ${step[0]}`, ...per].join("/");
}

// clock writes seconds from a minute on as people say them.
function clock(seconds) {
  let big = "min", small = "s", all = Math.round(Math.abs(seconds));
  if (all >= 3600) [big, small, all] = ["h", "min", Math.round(Math.abs(seconds) / 60)];
  return (seconds < 0 ? "-" : "") + `${Math.floor(all / 60)} ${big}` + (all % 60 ? ` ${all % 60} ${small}` : "");
}

// percent does not round up to 100: 99.96 % of the lines is not all of them.
function percent(v, n) {
  while (Math.abs(v) < 100 && Math.abs(Number(v.toPrecision(n))) >= 100 && n < 17) n++;
  return figures(v, n);
}

function whole(v, n) {
  if (Math.abs(v) < 1e15 && (Number.isInteger(v) || Math.abs(v) >= 1000)) return Math.round(v).toLocaleString("en-US");
  return figures(v, n);
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
