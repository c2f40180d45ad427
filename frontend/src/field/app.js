// The frame around the views: addresses, the bar below, what is said of the connection.
import { changed, config, h, icon, link, note, w } from "./dom.js";
import { add, entries, isOpen, pump, startSending } from "./queue.js";
import { isFresh, me, refresh, remembered, state } from "./state.js";
import { act } from "./views/act.js";
import { assigned, assignment } from "./views/assigned.js";
import { care, carePerson } from "./views/care.js";
import { grid } from "./views/grid.js";
import { home } from "./views/home.js";
import { inbox } from "./views/inbox.js";
import { month } from "./views/month.js";
import { mine, useLook } from "./views/me.js";
import { outbox } from "./views/outbox.js";
import { patrol, patrolPlace } from "./views/patrol.js";
import { report, settle } from "./views/report.js";
import { survey, surveyEntry, surveys } from "./views/surveys.js";
import { task, tasks } from "./views/tasks.js";
import { startTracking, trackNow } from "./track.js";
import { startUpdating } from "./updating.js";

const AGAIN_MS = 60000;

const VIEWS = [
  ["", home],
  ["tasks", tasks],
  ["cases/:number", task],
  ["cases/:number/:verb", act],
  ["assigned", assigned],
  ["assigned/:id", assignment],
  ["patrol", patrol],
  ["patrol/:id", patrolPlace],
  ["p/:code", patrolPlace],
  ["care", care],
  ["care/:id", carePerson],
  ["surveys", surveys],
  ["surveys/:survey", survey],
  ["surveys/:survey/new", surveyEntry],
  ["surveys/:survey/targets/:target", surveyEntry],
  ["surveys/:survey/entries/:entry", surveyEntry],
  ["report", report],
  ["settle", settle],
  ["outbox", outbox],
  ["grid", grid],
  ["inbox", inbox],
  ["month", month],
  ["me", mine],
];

function viewAt(path) {
  const parts = path.slice(config.home.length).split("/");
  for (const [pattern, view] of VIEWS) {
    const wanted = pattern.split("/");
    if (wanted.length !== parts.length) continue;
    const found = {};
    const fits = wanted.every((each, at) => {
      if (!each.startsWith(":")) return each === parts[at];
      found[each.slice(1)] = decodeURIComponent(parts[at]);
      return parts[at] !== "";
    });
    if (fits) return [view, found];
  }
  return [home, {}];
}

const main = document.getElementById("main");
let leave = null;
let drawing = 0;
let shownView = null;

// Draws the view of the address. A view that shows what is known is drawn again when that changes.
async function draw({ arrived = false } = {}) {
  const [view, found] = viewAt(location.pathname);
  if (!arrived && view === shownView && !view.live) return frame();
  const turn = ++drawing;
  const all = await entries();
  if (turn !== drawing) return undefined;
  leave?.();
  leave = null;
  const focused = document.activeElement?.dataset?.at;
  const top = arrived ? 0 : scrollY;
  const needsData = view !== mine && view !== outbox && !state.data;
  const made = needsData ? waiting() : await view({ ...found, all, query: new URLSearchParams(location.search) });
  if (turn !== drawing) {
    made.leave?.();
    return undefined;
  }
  leave = made.leave ?? null;
  shownView = needsData ? null : view;
  main.replaceChildren(...[notices(), made.node ?? made].flat(3).filter(Boolean));
  document.title = `${made.title ?? w("app")} · ${w("huying")}`;
  made.after?.();
  if (arrived) main.focus({ preventScroll: true });
  else if (focused) main.querySelector(`[data-at="${focused}"]`)?.focus({ preventScroll: true });
  scrollTo(0, top);
  return frame();
}

function waiting() {
  const words = state.signedOut ? "sign_in_first" : state.noPost ? "no_post" : state.online ? "loading" : "first_online";
  return h("div", { class: "nothing" }, icon("refresh"), h("p", null, w(words)), state.signedOut ? signIn() : null);
}

const signIn = () => link(`${config.login}?next=${encodeURIComponent(location.pathname)}`, "door-enter", w("sign_in"), { class: "btn btn-main" });

// What everybody must know wherever they are: signed out, or on a post that sees nothing.
function notices() {
  if (state.signedOut && state.data) return [note("warn", "door-enter", h("p", null, w("session_over")), signIn())];
  return [];
}

async function frame() {
  const open = (await entries()).filter((entry) => isOpen(entry) && entry.account === me()?.account);
  const stuck = open.filter((entry) => entry.state === "refused" || entry.state === "conflict").length;
  const counts = { outbox: open.length, tasks: state.data?.tasks.length ?? 0 };
  for (const place of document.querySelectorAll("[data-count]")) {
    const n = counts[place.dataset.count] ?? 0;
    place.textContent = n > 99 ? "99+" : String(n);
    place.hidden = !n;
    place.classList.toggle("count-bad", place.dataset.count === "outbox" && stuck > 0);
  }
  for (const each of document.querySelectorAll(".bar a")) {
    if (each.getAttribute("href") === location.pathname) each.setAttribute("aria-current", "page");
    else each.removeAttribute("aria-current");
  }
  const place = document.getElementById("connection");
  const name = !state.online ? "offline" : state.signedOut ? "signed_out" : isFresh() ? "online" : "connecting";
  place.replaceChildren(icon({ offline: "plug", signed_out: "door-enter", online: "circle-check", connecting: "refresh" }[name]), h("span", null, w(name)));
  place.dataset.is = name;
  if (shownView || state.signedOut || state.noPost || !state.online) document.documentElement.dataset.ready = "1";
}

export function go(path, { replace = false } = {}) {
  history[replace ? "replaceState" : "pushState"]({ ours: true }, "", path);
  return draw({ arrived: true });
}

document.addEventListener("field:go", (event) => go(event.detail.path, event.detail));

document.addEventListener("click", (event) => {
  const anchor = event.target.closest("a[href]");
  if (!anchor || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const url = new URL(anchor.href);
  if (url.origin !== location.origin || !url.pathname.startsWith(config.home) || anchor.target) return;
  event.preventDefault();
  go(url.pathname + url.search);
});

addEventListener("popstate", () => draw({ arrived: true }));
document.addEventListener("field:changed", () => draw());

export async function start() {
  useLook();
  await remembered();
  await draw({ arrived: true });
  startUpdating();
  startSending();
  startTracking();
  await refresh();
  if (state.signedOut && !state.data) location.replace(`${config.login}?next=${encodeURIComponent(location.pathname)}`);
  setInterval(() => {
    if (!document.hidden) refresh({ background: true });
  }, AGAIN_MS);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) refresh({ background: true });
  });
  addEventListener("offline", changed);
}

// For whoever looks into a phone that will not send, and for tests: what waits, and sending it now.
window.huyingField = { add, entries, pump, state, trackNow };
