// The bell and alarms. Whether anything came, a page that asks for its rows is told in the same
// answer (X-Told); any other page, or one with a dialog over it, asks by itself. The server tells
// that from memory; only when something came is it asked what.

import { ask, say } from "./live.js";
import { words } from "./menus.js";

const EVERY_MS = 1000;

let bell = null;
let known = "";
let asking = false;
const seen = new Set();
const shown = new Map();

export function startInbox() {
  bell = document.querySelector("[data-bell]");
  if (!bell) return;
  known = bell.dataset.told;
  document.addEventListener("huying:told", (event) => {
    if (event.detail !== known) look().catch(() => {});
  });
  document.addEventListener("close", (event) => {
    if (event.target.matches?.("dialog")) place();
  }, true);
  // An alarm that came while no page was open, or that nobody has opened on the page before.
  if ("alarms" in bell.dataset) {
    known = "?";
    look({ quiet: true }).catch(() => {});
  }
  let failures = 0;
  const again = async () => {
    const rowsAsk = document.querySelector("[data-live]") && !document.querySelector("dialog[open]");
    if (!document.hidden && !rowsAsk) {
      try {
        await look();
        failures = 0;
      } catch {
        failures += 1;
      }
    }
    setTimeout(again, EVERY_MS * Math.min(1 + failures, 6) + Math.random() * 300);
  };
  setTimeout(again, EVERY_MS);
}

async function look({ quiet = false } = {}) {
  if (asking) return;
  asking = true;
  try {
    const answer = await ask(`${bell.dataset.bell}?known=${encodeURIComponent(known)}`);
    if (!answer) return;
    const news = await answer.json();
    known = news.told;
    count(news.unread);
    const fresh = news.fresh.filter((id) => !seen.has(id));
    for (const id of fresh) seen.add(id);
    for (const each of [...news.alarms].reverse()) alarm(each);
    const alarms = new Set(news.alarms.map((each) => each.id));
    const plain = fresh.filter((id) => !alarms.has(id)).length;
    if (plain && !quiet) say(words("told", { n: plain }));
  } finally {
    asking = false;
  }
}

function count(number) {
  const badge = bell.querySelector(".bell-count");
  badge.hidden = number === 0;
  badge.textContent = number > 99 ? "99+" : number;
  bell.setAttribute("aria-label", number ? words("unread", { n: number }) : bell.title);
}

function alarm({ id, title, body, href }) {
  if (shown.has(id)) return;
  const box = document.getElementById("alarm").content.firstElementChild.cloneNode(true);
  // A screen reader says what comes into an alert that is there already.
  const [head, text] = [box.querySelector("[data-title]"), box.querySelector("[data-body]")];
  box.querySelector("[data-open-alarm]").href = href;
  const form = box.querySelector("form");
  form.elements.notice.value = id;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    fetch(form.action, { method: "POST", body: new FormData(form), headers: { "X-Background": "0" } }).catch(() => {});
    box.remove();
    count(Math.max(0, (parseInt(bell.querySelector(".bell-count").textContent, 10) || 1) - 1));
  });
  shown.set(id, box);
  place(box);
  head.textContent = title;
  text.textContent = body;
}

// Under a dialog nothing can be pressed and nothing is said: the alarms go into it.
function place(box) {
  const host = document.querySelector("dialog[open]") ?? document.body;
  let stack = document.querySelector(".alarms");
  if (!stack && !box) return;
  if (!stack) {
    stack = document.createElement("div");
    stack.className = "alarms";
  }
  if (stack.parentElement !== host) host.append(stack);
  if (box) stack.prepend(box);
}
