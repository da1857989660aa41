// The addresses of the pages: #/page?parameters.

// What chooses a suite and a branch, in the pages' addresses as in the API's.
const scopeKeys = ["repository", "suite", "job", "type", "branch"];

// query writes parameters. Those that are not given are left out; an empty suite
// is kept, since it means the runs without a name.
export function query(params) {
  const given = Object.entries(params || {}).filter(([k, v]) => v !== null && v !== undefined && (v !== "" || k === "suite"));
  return given.length ? "?" + new URLSearchParams(given) : "";
}

// route is a link to a page.
export const route = (page, params) => "#/" + page + query(params);

// here reads the address: the page, its parameters, and those that are its scope.
export function here() {
  const [, page, rest] = /^#?\/?([^?]*)\??(.*)$/s.exec(location.hash);
  const params = Object.fromEntries(new URLSearchParams(rest));
  return { page, params, scope: only(params, scopeKeys) };
}

// only picks the parameters of some names.
export function only(params, keys) {
  return Object.fromEntries(keys.filter((k) => params[k] !== undefined).map((k) => [k, params[k]]));
}

// suiteOf is what chooses the suite that a run, or a row about a suite, is of.
export function suiteOf(row) {
  const of = { repository: row.repository, suite: row.suite, type: row.type };
  return row.suite === "" ? { ...of, job: row.job } : of;
}

// suiteName says which suite it is: its name, or its job and type.
export const suiteName = (row) => row.suite || [row.job, row.type].filter(Boolean).join(" · ") || "without a name";
