// Asks the API. Each answer has an ETag, so that the browser fetches it again only
// where it has changed.
import { query } from "./route.js";

// Refused says that the server wants to know who asks.
export class Refused extends Error {}

// get reads one answer of the API: get("runs", {branch: "main"}, signal).
export async function get(path, params, signal) {
  const answer = await fetch("api/v1/" + path + query(params), { signal });
  if (answer.status === 401) throw new Refused("the server wants a token");
  if (!answer.ok) throw new Error(await problem(answer));
  return answer.json();
}

// attempt is get for a part of a page without which the rest stands: what went
// wrong is said in its place.
export async function attempt(path, params, signal) {
  try {
    return { data: await get(path, params, signal) };
  } catch (error) {
    if (error instanceof Refused || error.name === "AbortError") throw error;
    return { problem: error.message };
  }
}

async function problem(answer) {
  const said = await answer.json().catch(() => ({}));
  return said.detail || said.title || `the server answered ${answer.status}`;
}
