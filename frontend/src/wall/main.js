// The wall: asks every few seconds for what moves, and says clearly when it gets no answer.
import "leaflet/dist/leaflet.css";
import "./wall.css";

const body = document.body;
if ("wall" in body.dataset) startWall();
if ("door" in body.dataset) startDoor();
document.documentElement.dataset.ready = "1";

// A link carries the secret behind a #, which no browser sends on. It is given once and forgotten.
function startDoor() {
  const secret = decodeURIComponent(location.hash.slice(1));
  if (!secret) return;
  history.replaceState(null, "", location.pathname);
  const form = document.querySelector("form");
  form.elements.secret.value = secret;
  form.requestSubmit();
}

function startWall() {
  const every = Number(body.dataset.every) * 1000;
  const staleAfter = Number(body.dataset.stale) * 1000;
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let mark = "";
  let failures = 0;
  // By the browser's own steady clock: when the figures that are shown were true.
  let trueAt = performance.now();
  let ahead = 0; // the server's clock before ours
  let map = null;

  const part = (name, root = document) => root.querySelector(`[data-part="${name}"]`);

  async function look() {
    const gone = new AbortController();
    const timer = setTimeout(() => gone.abort(), 10000);
    try {
      const headers = { "X-Background": "1", ...(mark && { "If-None-Match": mark }) };
      const answer = await fetch(body.dataset.wall, { headers, cache: "no-store", redirect: "manual", signal: gone.signal });
      if (answer.status === 401 || answer.status === 403 || answer.type === "opaqueredirect") {
        // Taken back, or signed out: nothing of it stays on the screen.
        document.querySelector("main").replaceChildren();
        location.replace(body.dataset.gone);
        return;
      }
      if (!answer.ok && answer.status !== 304) throw new Error(String(answer.status));
      if (answer.headers.get("X-Build") !== body.dataset.build) return location.reload();
      trueAt = performance.now() - Number(answer.headers.get("X-Age") ?? 0) * 1000;
      ahead = Number(answer.headers.get("X-Now") ?? Date.now()) - Date.now();
      document.querySelector("[data-at]").textContent = answer.headers.get("X-At");
      if (answer.status !== 304) {
        const draft = new DOMParser().parseFromString(await answer.text(), "text/html");
        for (const fresh of draft.querySelectorAll("[data-part]")) {
          const shown = part(fresh.dataset.part);
          if (shown && shown.innerHTML !== fresh.innerHTML) shown.replaceChildren(...fresh.childNodes);
        }
        mark = answer.headers.get("ETag") ?? "";
        map?.warm();
        turn(0);
      }
      failures = 0;
    } catch {
      failures += 1;
    } finally {
      clearTimeout(timer);
    }
  }

  // A server that has just come back is not knocked at by every screen at once.
  async function again() {
    await look();
    age();
    setTimeout(again, Math.min(every * (1 + failures), 15000) + Math.random() * 500);
  }

  const line = document.querySelector("[data-stale-line]");
  const words = line.querySelector("[data-stale-words]");
  function age() {
    const old = performance.now() - trueAt;
    const stale = old > staleAfter;
    body.classList.toggle("is-stale", stale);
    document.querySelector("[data-fresh]").classList.toggle("is-waiting", failures > 0);
    if (stale) {
      const at = document.querySelector("[data-at]").textContent;
      const [unit, n] = old < 120000 ? ["seconds", old / 1000] : old < 7200000 ? ["minutes", old / 60000] : ["hours", old / 3600000];
      const ago = words.dataset[unit].replace("{n}", Math.floor(n));
      const said = words.dataset.staleWords.replace("{at}", at).replace("{ago}", ago);
      if (words.textContent !== said) words.textContent = said;
    }
    line.hidden = !stale;
  }

  const zone = body.dataset.zone;
  const time = new Intl.DateTimeFormat("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: zone });
  const day = new Intl.DateTimeFormat(document.documentElement.lang, { month: "long", day: "numeric", weekday: "short", timeZone: zone });
  function clock() {
    const now = new Date(Date.now() + ahead);
    document.querySelector("[data-clock]").textContent = time.format(now);
    document.querySelector("[data-day]").textContent = day.format(now);
  }

  // Of what is overdue so much is shown at a time as there is room for; then the next.
  let first = 0;
  function turn(step) {
    const list = document.querySelector(".late-list");
    if (!list) return;
    const lines = [...list.querySelectorAll("li:not(.none)")];
    if (!lines.length) return;
    lines.forEach((each) => (each.hidden = false));
    const wide = getComputedStyle(body).getPropertyValue("--stage").trim() === "1";
    const room = wide ? Math.max(1, Math.floor(list.clientHeight / lines[0].offsetHeight)) : 5;
    first = first + step * room < lines.length ? first + step * room : 0;
    lines.forEach((each, n) => (each.hidden = n < first || n >= first + room));
    const said = list.parentElement.querySelector("[data-turn]");
    if (said && lines.length > room) said.textContent = `${first + 1}–${Math.min(first + room, lines.length)} / ${lines.length}`;
  }

  clock();
  setInterval(clock, 1000);
  setInterval(age, 1000);
  setInterval(() => still.matches || turn(1), 9000);
  turn(0);
  addEventListener("resize", () => turn(0));
  addEventListener("online", look);
  setTimeout(again, every);

  const place = document.querySelector("[data-map]");
  if (place) import("./map.js").then(({ draw }) => draw(place)).then((drawn) => {
    map = drawn;
    map.warm();
  });
}
