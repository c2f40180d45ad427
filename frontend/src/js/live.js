// An open queue asks every second whether anything has changed, while the page is seen and no
// dialog is open; the server tells that from memory. Each minute, and when the next light turns, it
// looks in any case: time alone changes those. Rows are swapped in place: focus and scroll stay.

import { words } from "./menus.js";
import { here } from "./presence.js";

export function startLive() {
  const rows = document.querySelector("[data-live]");
  if (rows) repeat(refreshRows, Number(rows.dataset.every || 5) * 1000);
  if (rows || document.querySelector("[data-pulse]")) repeat(lookAtCase, 1500);
}

export function repeat(look, wait) {
  let failures = 0;
  const again = async () => {
    if (!document.hidden && !document.querySelector("dialog[open]")) {
      try {
        await look();
        failures = 0;
      } catch {
        failures += 1;
      }
      const lost = document.getElementById("lost");
      if (lost) lost.hidden = failures < 2;
    }
    // A server that is away is not knocked at by every desk at once.
    setTimeout(again, wait * Math.min(1 + failures, 6) + Math.random() * 300);
  };
  setTimeout(again, wait);
}

// Asked by a person: the session goes on.
export const BY_HAND = { "X-Background": "0" };

export async function ask(url, headers = {}, marked = null, how = {}) {
  // The post on which the page stands: on another one another answer would be due.
  const sent = { "X-Background": "1", "X-Post": document.body.dataset.post ?? "", ...headers };
  const answer = await fetch(url, { ...how, headers: sent, redirect: "manual" });
  const told = answer.headers.get("X-Told");
  if (told) document.dispatchEvent(new CustomEvent("huying:told", { detail: told }));
  if (answer.headers.has("X-Mark")) marked?.(answer.headers.get("X-Mark"), answer.headers.get("X-Turns"));
  if (answer.headers.has("X-Emergencies")) {
    document.dispatchEvent(new CustomEvent("huying:emergencies", { detail: answer.headers.get("X-Emergencies") }));
  }
  if (answer.headers.has("X-Here")) {
    document.dispatchEvent(new CustomEvent("huying:here", { detail: answer.headers.get("X-Here") }));
  }
  // Signed out meanwhile: the next click says so; what is on the page stays.
  if (answer.type === "opaqueredirect" || answer.status === 401) return null;
  if (answer.status === 204 || answer.status === 304) return null;
  if (!answer.ok) throw new Error(String(answer.status));
  return answer;
}

const FULL_LOOK_MS = 60000;
let lookedAt = Date.now();

// Counts how often the rows were renewed: an answer to an older question must not undo that.
let turn = 0;
export function renewed() {
  turn += 1;
}

async function refreshRows() {
  const rows = document.querySelector("[data-live]");
  if (!rows) return;
  const mine = turn;
  const known = new Set([...rows.querySelectorAll("[data-row]")].map((row) => row.dataset.row));
  const turns = Number(rows.dataset.turns || 60) * 1000;
  const full = Date.now() - lookedAt > Math.min(FULL_LOOK_MS, turns);
  const since = full ? "" : `&since=${rows.dataset.mark ?? ""}`;
  const seen = {
    "X-Seen": rows.dataset.version ?? "",
    "X-Shown": [...known].join(","),
    "X-Last": rows.dataset.last ?? "",
  };
  let drawn = false; // a busy server lets a list wait: then it is asked again
  const answer = await ask(rows.dataset.live + since, seen, (mark, next) => {
    if (mine === turn) rows.dataset.mark = mark;
    if (next) rows.dataset.turns = next;
    drawn ||= Boolean(next);
  });
  if (drawn) lookedAt = Date.now();
  const html = await answer?.text();
  if (!answer || mine !== turn) return;
  const focused = document.activeElement?.closest?.("[data-row]")?.dataset.row;
  if ("reload" in rows.dataset) {
    // The list was empty and taught something; with its first case it becomes a table.
    if (html.trim()) location.reload();
    return;
  }
  // The first full look only learns the version of what the page came with.
  const first = full && rows.dataset.version === undefined;
  rows.dataset.version = answer.headers.get("X-Version") ?? "";
  rows.dataset.last = answer.headers.get("X-Last") ?? "";
  const draft = document.createElement("template");
  draft.innerHTML = html;
  rows.replaceChildren(draft.content);
  let fresh = 0;
  for (const row of rows.querySelectorAll("[data-row]")) {
    if (!known.has(row.dataset.row)) {
      fresh += 1;
      if (!first) row.classList.add("fresh");
    }
    if (row.dataset.row === focused) row.querySelector("[data-open]")?.focus({ preventScroll: true });
  }
  if (fresh && !first) tell(rows, words("fresh", { n: fresh }));
  document.dispatchEvent(new CustomEvent("huying:rows"));
}

// The case that is shown may be another one, or none, at each look.
async function lookAtCase() {
  const pulse = document.querySelector("[data-pulse][hidden]");
  if (!pulse) return;
  const since = pulse.dataset.mark ? `&since=${pulse.dataset.mark}` : "";
  const answer = await ask(pulse.dataset.pulse + since + here(), {}, (mark) => (pulse.dataset.mark = mark));
  if (!answer || !pulse.isConnected) return;
  pulse.hidden = false;
  document.dispatchEvent(new CustomEvent("huying:moved"));
}

// Said aloud, and shown above the list until it is clicked: it leads to the first new line.
function tell(rows, text) {
  say(text);
  document.querySelector(".news")?.remove();
  const news = document.createElement("button");
  news.type = "button";
  news.className = "news chip";
  news.textContent = text;
  news.addEventListener("click", () => {
    news.remove();
    const row = rows.querySelector(".fresh");
    row?.scrollIntoView({ block: "center" });
    row?.querySelector("[data-open]")?.focus({ preventScroll: true });
  });
  rows.closest(".panel")?.before(news);
}

export function say(text) {
  const line = document.getElementById("announce");
  if (line) line.textContent = text;
}
