// The case beside the queue. Going through the list shows each case without leaving it; after a
// step the list is looked at again in place, and the next case in turn is shown.

import { forgetTaken } from "./drafts.js";
import { pressed } from "./keys.js";
import { ask, BY_HAND, renewed, say } from "./live.js";
import { clearMaps } from "./maps.js";
import { startUndo } from "./undo.js";

const WIDE = matchMedia("(min-width: 1200px)");
// Whoever runs through the list with a key held down asks for the last case only.
const PAUSE_MS = 120;

let htmx = null;
let split = null;
let pane = null;
let asking = null; // the request under way, and the number that it is for
let timer = 0;
let left = 0; // the line from which the last case went that is not in the list any more
let stayed = ""; // that case, if it stayed in view

export function startSplit(library) {
  htmx = library;
  split = document.querySelector("[data-split]");
  if (!split) return;
  pane = document.getElementById("pane");
  mark();
  // Come back to with a case in view, the list is where it was left: j and k go on from there.
  if (isOn() && WIDE.matches && document.activeElement === document.body) focusOn(rowOf(pane.dataset.number));

  document.addEventListener("click", (event) => {
    if (!WIDE.matches || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const link = event.target.closest("a");
    if (!link || !split.contains(link)) return;
    if (link.matches(".queue-list [data-open]")) {
      event.preventDefault();
      // Enter goes into the case; the mouse only points at it.
      show(link.closest("[data-row]").dataset.row, { enter: event.detail === 0 });
    } else if (link.matches("[data-pane-close]")) {
      event.preventDefault();
      close();
    } else if (link.closest("[data-pulse]")) {
      event.preventDefault();
      show(pane.dataset.number, { again: true, enter: true });
    }
  });
  split.addEventListener("focusin", (event) => {
    const number = event.target.matches(".queue-list [data-open]") && event.target.closest("[data-row]").dataset.row;
    if (!number || !isOn() || !WIDE.matches || number === chosen()) return;
    // Until the other case is there, no key may act on this one.
    rest();
    clearTimeout(timer);
    timer = setTimeout(() => show(number), PAUSE_MS);
  });
  pane.addEventListener("submit", (event) => {
    event.preventDefault();
    send(event.target);
  });
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const path = event.detail.pathInfo?.requestPath ?? "";
    if (!event.detail.xhr.getResponseHeader("HX-Redirect") || !/\/cases\/\d+\//.test(path)) return;
    event.preventDefault();
    acted(path.match(/\/cases\/(\d+)\//)[1]);
  });
  document.addEventListener("huying:rows", mark);
  document.addEventListener("huying:moved", () => {
    if (!isOn() || asking || pane.contains(document.activeElement)) return;
    show(pane.dataset.number, { again: true });
  });
  addEventListener("popstate", () => {
    const number = new URL(location).searchParams.get("case");
    if (number) show(number, { history: "" });
    else if (isOn()) close({ history: "" });
  });
}

// Esc: out of the case into the list, then out of the side by side. Whether there was anything to do.
export function leave() {
  if (!isOn() || !WIDE.matches) return false;
  const row = rowOf(pane.dataset.number);
  if (row && !row.contains(document.activeElement)) focusOn(row);
  else close();
  return true;
}

// A key pressed while the case in view is being looked at again is meant for it as it will be;
// pressed on the way to another case it is meant for none. Whether the key will be pressed later.
export function later(key) {
  if (!asking || asking.number !== pane.dataset.number) return false;
  asking.key = key;
  return true;
}

function isOn() {
  return Boolean(split?.classList.contains("split-on"));
}

function chosen() {
  return asking?.number ?? pane.dataset.number;
}

function rowOf(number) {
  return number ? split.querySelector(`.queue-list [data-row="${CSS.escape(number)}"]`) : null;
}

function rows() {
  return [...split.querySelectorAll(".queue-list [data-row]")];
}

export function focusOn(row) {
  row?.querySelector("[data-open]")?.focus({ preventScroll: true });
  row?.scrollIntoView({ block: "nearest" });
}

function mark() {
  const here = isOn() ? rowOf(chosen()) : null;
  for (const row of rows()) {
    row.classList.toggle("here", row === here);
    const link = row.querySelector("[data-open]");
    if (row === here) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

function rest() {
  pane.inert = true;
  pane.setAttribute("aria-busy", "true");
}

function wake() {
  pane.inert = false;
  pane.removeAttribute("aria-busy");
}

async function show(number, { again = false, enter = false, history: how = null } = {}) {
  clearTimeout(timer);
  if (!again && number === pane.dataset.number && isOn()) {
    asking?.abort.abort();
    asking = null;
    wake();
    mark();
    if (enter) enterPane();
    return;
  }
  if (!again && asking?.number === number) {
    asking.enter ||= enter;
    return;
  }
  // Asked for anew, the case keeps what was to be done with it, and its keyboard.
  const waiting = asking?.number === number ? asking : null;
  const within = again && pane.contains(document.activeElement);
  asking?.abort.abort();
  const mine = (asking = { number, enter: enter || Boolean(waiting?.enter), key: waiting?.key, abort: new AbortController() });
  const before = isOn();
  rest();
  mark();
  let answer;
  try {
    answer = await ask(addressOf(number), again && !enter ? {} : BY_HAND, null, { signal: mine.abort.signal });
    if (!answer) return location.assign(addressOf(number).split("?")[0]); // signed out meanwhile
    const html = await answer.text();
    if (mine !== asking) return;
    put(number, html);
  } catch (error) {
    if (mine !== asking) return;
    asking = null;
    wake();
    // What was shown stays; a case that is no longer the actor's to see does not.
    if (error.message === "404") close();
    else document.getElementById("lost")?.removeAttribute("hidden");
    return mark();
  }
  const { enter: into, key } = asking;
  asking = null;
  address(number, how ?? (before ? "replaceState" : "pushState"));
  mark();
  if (!before) rowOf(number)?.scrollIntoView({ block: "nearest" });
  if (into || (within && document.activeElement === document.body)) enterPane();
  if (key) pressed(key);
}

function addressOf(number) {
  return `${split.dataset.split.replace(/0$/, number)}?pane=1`;
}

function put(number, html) {
  clearMaps(pane);
  split.classList.add("split-on");
  pane.hidden = false;
  pane.dataset.number = number;
  htmx.swap(pane, html, { swapStyle: "innerHTML", swapDelay: 0, settleDelay: 0 });
  pane.scrollTop = 0;
  wake();
}

function enterPane() {
  pane.querySelector(".case-title")?.focus({ preventScroll: true });
}

function close({ history: how = "pushState" } = {}) {
  asking?.abort.abort();
  asking = null;
  clearTimeout(timer);
  const row = rowOf(pane.dataset.number);
  clearMaps(pane);
  pane.replaceChildren();
  pane.hidden = true;
  pane.dataset.number = "";
  wake();
  split.classList.remove("split-on");
  mark();
  if (how) address("", how);
  if (row) focusOn(row);
  else document.getElementById("main")?.focus({ preventScroll: true });
}

// The address names the case that is shown: it can be reloaded, and sent to a colleague.
function address(number, how) {
  if (!how) return;
  const url = new URL(location);
  if (number) url.searchParams.set("case", number);
  else url.searchParams.delete("case");
  if (url.href !== location.href) history[how](null, "", url);
}

// A step that needs no form: sent like the forms of the others, so that a refusal comes as a dialog.
async function send(form) {
  await htmx.ajax("POST", form.action, {
    target: "#sheet [data-inside]",
    swap: "innerHTML",
    values: Object.fromEntries(new FormData(form)),
  });
  delete form.dataset.sending;
}

// After a step: list, numbers and news as they are now, and the case that is next in turn.
async function acted(number) {
  const order = rows().map((row) => row.dataset.row);
  let page;
  try {
    const answer = await ask(location.href, BY_HAND);
    if (!answer) return location.reload();
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    return location.reload();
  }
  for (const place of [".tabs", "#messages"]) document.querySelector(place)?.replaceWith(page.querySelector(place) ?? "");
  const news = document.getElementById("messages");
  news.className = "said-here";
  forgetTaken(news);
  startUndo(news);
  renewed();
  refresh(page);
  document.getElementById("sheet").close();
  mark();
  document.dispatchEvent(new CustomEvent("huying:acted"));
  say(news.querySelector("[role=status]")?.textContent.trim() ?? "");

  const at = order.indexOf(number);
  const ours = at >= 0 || number === stayed;
  if (at >= 0) left = at;
  // Asked for anew after each wait: the list may have been renewed meanwhile.
  const next = () => {
    const follower = at < 0 ? rows()[left] : rowOf(order.slice(at + 1).find((each) => rowOf(each)));
    return rowOf(number) ?? follower ?? rows().at(-1);
  };
  if (!isOn() || !WIDE.matches) {
    if (isOn()) return location.assign(location.pathname + location.search);
    return next() ? focusOn(next()) : document.getElementById("main")?.focus();
  }
  // Out of the list, or far down in it, but with its next step one's own: it stays.
  const html = rowOf(number) ? null : await peek(number);
  if (html && (!ours || html.includes("data-first"))) {
    stayed = number;
    put(number, html);
    address(number, "replaceState");
    mark();
    return enterPane();
  }
  const row = next();
  if (!row) return close();
  focusOn(row);
  show(row.dataset.row, { again: true });
}

async function peek(number) {
  try {
    const answer = await ask(addressOf(number), BY_HAND);
    return answer && (await answer.text());
  } catch {
    return null; // out of sight, or the connection is lost: the list goes on
  }
}

// Where the list goes on from a case that is not in it any more.
export function leftAt() {
  return left;
}

function refresh(page) {
  const [old, fresh] = [split, page].map((root) => root.querySelector(".queue-list :is(table.queue, .empty)"));
  const [rowsBefore, rowsNow] = [old, fresh].map((list) => list.querySelector("tbody"));
  if (!rowsBefore || !rowsNow) old.replaceWith(fresh);
  else {
    rowsBefore.replaceChildren(...rowsNow.childNodes);
    // The next full look learns the version anew.
    delete rowsBefore.dataset.version;
    if (rowsNow.dataset.mark) rowsBefore.dataset.mark = rowsNow.dataset.mark;
    rowsBefore.dataset.last = rowsNow.dataset.last ?? "";
    rowsBefore.dataset.turns = rowsNow.dataset.turns ?? "";
  }
  const [foot, footNow] = [split, page].map((root) => root.querySelector(".queue-foot"));
  if (foot) foot.replaceWith(footNow ?? "");
  else if (footNow) split.querySelector(".queue-list").append(footNow);
}
