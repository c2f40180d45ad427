// Keys: j/k through the queue, Enter opens, single letters are the verbs. They can be turned off
// (WCAG 2.1.4), and never act while someone types.

import { openDialog } from "./dialogs.js";
import { focusOn, later, leave, leftAt } from "./split.js";

const OFF = "huying.keys.off";
const IN_QUEUE = { a: "accept", d: "dispatch", r: "return", c: "close" };

let htmx = null;

export function startKeys(library) {
  htmx = library;
  showChoice();
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-keys-switch]")) return;
    try {
      localStorage.setItem(OFF, event.target.checked ? "" : "1");
    } catch {
      // the choice lasts as long as the page
    }
  });
  document.addEventListener("keydown", (event) => {
    if (!meant(event)) return;
    const act = ACTS[event.key];
    if (act ? act(event) !== false : pressed(event.key)) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-keys-sheet]")) sheet();
  });
}

const ACTS = {
  j: () => move(1),
  k: () => move(-1),
  "/": () => focus("[data-search]"),
  "?": () => sheet(),
  Escape: () => leave() || follow("[data-key-back]"),
};

// Whether a key is meant for the page. An open dialog has its own; the browser closes it on Esc.
export function meant(event) {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return false;
  return !typing(event.target) && !off() && !document.querySelector("dialog[open]");
}

function off() {
  const box = document.querySelector("[data-keys-switch]");
  return box ? !box.checked : false;
}

function showChoice() {
  let chosen = "";
  try {
    chosen = localStorage.getItem(OFF) ?? "";
  } catch {
    // storage is off: keys are on
  }
  for (const box of document.querySelectorAll("[data-keys-switch]")) box.checked = !chosen;
}

function typing(target) {
  return (
    target.isContentEditable ||
    target.matches?.("textarea, select, input:not([type=checkbox]):not([type=radio]):not([type=button])")
  );
}

export function pressed(key) {
  if (key.length !== 1) return false;
  const row = document.activeElement?.closest?.("[data-row]");
  if (row?.dataset.base && IN_QUEUE[key]) {
    const next = encodeURIComponent(location.pathname + location.search);
    openDialog(htmx, `${row.dataset.base}/${IN_QUEUE[key]}?next=${next}`, row.querySelector("[data-open]"));
    return true;
  }
  // No guess at a selector from what was typed: compare the attribute itself.
  for (const element of document.querySelectorAll("[data-key]")) {
    if (element.dataset.key === key.toLowerCase() && !element.closest("[inert]")) {
      element.click();
      return true;
    }
  }
  return later(key);
}

function rows() {
  return [...document.querySelectorAll("[data-row]:has([data-open])")];
}

export function move(step) {
  const all = rows();
  if (!all.length) return false;
  const row = document.activeElement?.closest?.("[data-row]") ?? document.querySelector("[data-row].here");
  const here = all.indexOf(row);
  const gone = here < 0 && document.querySelector(".split-on");
  const next = gone ? leftAt() + Math.min(step, 0) : here < 0 ? (step > 0 ? 0 : all.length - 1) : here + step;
  if (next < 0 || next >= all.length) return true;
  focusOn(all[next]);
  return true;
}

function focus(selector) {
  const element = document.querySelector(selector);
  if (!element) return false;
  element.focus();
  element.select?.();
  return true;
}

function follow(selector) {
  const element = document.querySelector(selector);
  if (!element) return false;
  element.click();
  return true;
}

function sheet() {
  document.getElementById("keys")?.showModal();
  return true;
}
