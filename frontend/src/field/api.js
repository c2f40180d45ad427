// The one way to the server: the interface that programs use, under this session.
import { config } from "./dom.js";

const SHORT_MS = 20000;
const LONG_MS = 180000;

// There was no answer, or none that says whether it was done: the same may be sent again.
export class NoAnswer extends Error {
  constructor(words = "", wait = 0) {
    super(words);
    this.wait = wait;
  }
}

// The session has ended: who works here signs in again, and everything goes on.
export class SignedOut extends Error {}

// Somebody else has signed in here since it was asked who is.
export class Another extends NoAnswer {}

// The server has answered and says no. Nothing was written.
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail ?? "");
    this.status = status;
    this.problem = problem;
    this.code = problem.code ?? "";
  }

  get words() {
    const { problem } = this;
    const chinese = document.documentElement.lang !== "en";
    const said = (chinese ? problem.detail_zh : problem.detail) ?? "";
    return said || `${this.status}`;
  }
}

function token() {
  const found = document.cookie.split("; ").find((each) => each.startsWith(`${config.csrf}=`));
  return found ? decodeURIComponent(found.slice(config.csrf.length + 1)) : "";
}

export async function ask(path, { json, form, bytes, key, background = false, by, again = true } = {}) {
  const write = json !== undefined || form !== undefined || bytes !== undefined;
  const headers = { Accept: "application/json" };
  if (background) headers["X-Background"] = "1";
  if (key) headers["Idempotency-Key"] = key;
  if (by) headers["X-Written-By"] = `${by.account}/${by.post}`;
  if (write) headers["X-CSRFToken"] = token();
  if (json !== undefined) headers["Content-Type"] = "application/json";
  if (bytes !== undefined) headers["Content-Type"] = "application/octet-stream";
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), form || bytes ? LONG_MS : SHORT_MS);
  let answer;
  let body;
  try {
    answer = await fetch(path, {
      method: write ? "POST" : "GET",
      headers,
      body: form ?? bytes ?? (json === undefined ? undefined : JSON.stringify(json)),
      redirect: "manual",
      cache: "no-store",
      signal: patience.signal,
    });
    // A redirect leads to the sign-in page: no answer for a program.
    if (answer.type === "opaqueredirect" || answer.status === 401) throw new SignedOut();
    body = answer.status === 204 ? {} : await answer.json();
  } catch (error) {
    if (error instanceof SignedOut) throw error;
    throw new NoAnswer(answer ? `${answer.status}` : "");
  } finally {
    clearTimeout(timer);
  }
  if (answer.ok) return body;
  if (answer.status >= 500 || answer.status === 408 || answer.status === 429) {
    throw new NoAnswer(`${answer.status}`, Number(answer.headers.get("Retry-After")) * 1000 || 0);
  }
  if (body.code === "csrf_failed" && again) {
    // The cookie is older than the session; asking who is here sets a new one.
    await ask(config.who, { background: true });
    return ask(path, { json, form, bytes, key, background, by, again: false });
  }
  if (body.code === "another_account") throw new Another("409");
  throw new Refused(answer.status, body);
}
