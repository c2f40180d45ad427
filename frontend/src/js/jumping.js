// Ctrl-K: one box from which one gets anywhere. What is typed is asked of the server, the last
// question only; arrows choose among the answers while the focus stays in the box.

import { ask, BY_HAND } from "./live.js";

const PAUSE_MS = 150;

let dialog = null;
let form = null;
let input = null;
let results = null;
let timer = 0;
let asking = null;
let waiting = false; // what is shown does not answer what is typed yet
let enter = false; // and Enter was pressed already

export function startJumping() {
  dialog = document.getElementById("jump");
  if (!dialog) return;
  form = dialog.querySelector("form");
  input = form.elements.q;
  results = dialog.querySelector("[data-results]");
  if (/Mac|iP/.test(navigator.platform)) {
    for (const key of document.querySelectorAll("[data-jump-open] kbd")) key.textContent = "⌘K";
  }
  document.addEventListener("keydown", (event) => {
    if (event.key?.toLowerCase() !== "k" || event.ctrlKey === event.metaKey) return;
    if (event.altKey || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    if (dialog.open) dialog.close();
    else open();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-jump-open]")) open();
  });
  dialog.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) follow(option, event);
    else if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener("close", () => {
    // What was looked for stays on no screen.
    stop();
    input.value = "";
    show("");
  });
  input.addEventListener("input", () => {
    stop();
    waiting = true;
    timer = setTimeout(look, PAUSE_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) move(step);
    else if (event.key === "Enter") go();
    else return;
    event.preventDefault();
  });
}

function open() {
  if (dialog.open) return;
  form.elements.case.value = caseOnPage();
  dialog.showModal();
  input.focus();
  look();
}

// The case that is open on the page, on its own or beside the queue.
function caseOnPage() {
  const address = document.querySelector("[data-pulse]")?.dataset.pulse ?? location.pathname;
  return address.match(/\/cases\/(\d+)/)?.[1] ?? "";
}

function stop() {
  clearTimeout(timer);
  asking?.abort();
  asking = null;
  waiting = enter = false;
}

async function look() {
  const mine = new AbortController();
  asking = mine;
  waiting = true;
  try {
    const body = new URLSearchParams(new FormData(form));
    const answer = await ask(form.dataset.jump, BY_HAND, null, { method: "POST", body, signal: mine.signal });
    if (!answer) return location.reload(); // signed out meanwhile
    const html = await answer.text();
    if (asking !== mine) return;
    waiting = false;
    show(html);
    if (enter) go();
  } catch (error) {
    if (error.name === "AbortError" || asking !== mine) return;
    stop();
    show("", { failed: true });
  }
}

function show(html, { failed = false } = {}) {
  if (html) {
    const draft = document.createElement("template");
    draft.innerHTML = html;
    results.replaceChildren(draft.content);
  } else {
    const list = results.querySelector("[role=listbox]");
    list.replaceChildren();
    list.hidden = true;
    results.replaceChildren(list);
  }
  dialog.querySelector("[data-failed]").hidden = !failed;
  const all = options();
  all.forEach((option, n) => (option.id = `jump-${n}`));
  input.setAttribute("aria-expanded", String(all.length > 0));
  choose(all[0]);
  dialog.querySelector("[data-told]").textContent = html ? results.querySelector("[data-said]").dataset.said : "";
}

function options() {
  return [...results.querySelectorAll("[role=option]")];
}

function choose(option) {
  for (const each of results.querySelectorAll("[aria-selected=true]")) each.setAttribute("aria-selected", "false");
  if (!option) {
    input.removeAttribute("aria-activedescendant");
    return;
  }
  option.setAttribute("aria-selected", "true");
  input.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

function chosen() {
  return results.querySelector("[aria-selected=true]");
}

function move(step) {
  const all = options();
  if (all.length) choose(all[(all.indexOf(chosen()) + step + all.length) % all.length]);
}

function go() {
  if (waiting) enter = true;
  else chosen()?.click();
}

function follow(option, event) {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return; // in a tab of its own
  if (option.dataset.find) {
    event.preventDefault();
    form.elements.tab.value = option.dataset.find;
    form.submit();
    return;
  }
  dialog.close();
  const own = "step" in option.dataset ? ownControl(option.href) : lineInQueue(option.href);
  if (!own) return;
  event.preventDefault();
  own.click();
}

// A case that is in the list beside opens as from there.
function lineInQueue(url) {
  return [...document.querySelectorAll(".queue-list [data-open]")].find((link) => link.href === url);
}

// A step's own button on the page: its dialog opens there, and its form knows what the page showed.
function ownControl(url) {
  for (const link of document.querySelectorAll("a[data-dialog]")) if (link.href === url) return link;
  for (const each of document.querySelectorAll("form")) {
    if (each.action === url) return each.querySelector("button");
  }
  return null;
}
