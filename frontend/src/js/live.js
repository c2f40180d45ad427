// The queue is looked at again every few seconds, while the page is seen and nobody is typing in
// a dialog. Rows are swapped in place: focus and scroll stay where they are.

import { words } from "./menus.js";

export function startLive() {
  const rows = document.querySelector("[data-live]");
  if (rows) repeat(() => refreshRows(rows), Number(rows.dataset.every || 5) * 1000);
  const pulse = document.querySelector("[data-pulse]");
  if (pulse) repeat(() => lookAt(pulse), 8000);
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
    setTimeout(again, wait * Math.min(1 + failures, 6) + Math.random() * 500);
  };
  setTimeout(again, wait);
}

export async function ask(url, headers = {}) {
  const answer = await fetch(url, { headers: { "X-Background": "1", ...headers }, redirect: "manual" });
  // Signed out meanwhile: the next click says so; what is on the page stays.
  if (answer.type === "opaqueredirect" || answer.status === 401) return null;
  if (answer.status === 204 || answer.status === 304) return null;
  if (!answer.ok) throw new Error(String(answer.status));
  return answer;
}

async function refreshRows(rows) {
  const answer = await ask(rows.dataset.live, { "X-Seen": rows.dataset.version ?? "" });
  if (!answer) return;
  const known = new Set([...rows.querySelectorAll("[data-row]")].map((row) => row.dataset.row));
  const focused = document.activeElement?.closest?.("[data-row]")?.dataset.row;
  const html = await answer.text();
  if ("reload" in rows.dataset) {
    // The list was empty and taught something; with its first case it becomes a table.
    if (html.trim()) location.reload();
    return;
  }
  const first = rows.dataset.version === undefined;
  rows.dataset.version = answer.headers.get("X-Version") ?? "";
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
  if (fresh && !first) say(words("fresh", { n: fresh }));
}

async function lookAt(pulse) {
  const answer = await ask(pulse.dataset.pulse);
  if (answer) pulse.hidden = false;
}

function say(text) {
  const line = document.getElementById("announce");
  if (line) line.textContent = text;
}
