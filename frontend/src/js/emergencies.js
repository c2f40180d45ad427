// The banner of emergencies that nobody has taken, with its sound. A list that asks every second
// anyway is told in the answer's head whether the banner has changed; other pages ask for it.

import { ask, say } from "./live.js";

const MUTED = "huying.alarm.muted";
const AGAIN_MS = 12000;

let audio = null;
let heard = "";
let beeping = 0;

export function startEmergencies() {
  const place = document.getElementById("emergencies");
  if (!place) return;
  // Browsers let a page make a sound only once somebody has touched it.
  for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, wake, { once: true, capture: true });
  place.addEventListener("click", (event) => {
    if (event.target.closest("[data-mute]")) mute(!muted());
  });
  document.addEventListener("huying:emergencies", (event) => {
    if (event.detail !== place.dataset.version) look(place).catch(() => {});
  });
  watch(place);
  arrived(place, "");
}

// Also behind another window, and over a dialog, where a list does not ask: then it is heard.
async function watch(place) {
  const listAsks = document.querySelector("[data-live]") && !document.hidden && !document.querySelector("dialog[open]");
  if (!listAsks) await look(place).catch(() => {});
  setTimeout(() => watch(place), 1000 + Math.random() * 200);
}

async function look(place) {
  const before = numbers(place);
  const answer = await ask(place.dataset.emergencies, { "X-Seen": place.dataset.version });
  if (!answer) return;
  place.dataset.version = answer.headers.get("X-Emergencies") ?? "";
  const draft = document.createElement("template");
  draft.innerHTML = await answer.text();
  place.replaceChildren(draft.content);
  arrived(place, before);
}

function numbers(place) {
  return [...place.querySelectorAll("li a")].map((link) => link.getAttribute("href")).join(" ");
}

function arrived(place, before) {
  show();
  const now = numbers(place);
  clearInterval(beeping);
  if (!now) {
    heard = "";
    return;
  }
  const fresh = now.split(" ").some((each) => !before.includes(each) && !heard.includes(each));
  if (fresh && before !== now) say(place.querySelector("b").textContent);
  heard = now;
  beep();
  beeping = setInterval(beep, AGAIN_MS);
}

function wake() {
  const Context = window.AudioContext ?? window.webkitAudioContext;
  if (!Context || audio) return;
  audio = new Context();
  if (document.querySelector(".alarm-banner")) beep();
}

// Two tones, three times: heard across a room, over in two seconds.
function beep() {
  if (!audio || muted()) return;
  audio.resume?.().catch(() => {});
  const begin = audio.currentTime + 0.02;
  const volume = audio.createGain();
  volume.gain.value = 0.12;
  volume.connect(audio.destination);
  for (let n = 0; n < 6; n += 1) {
    const tone = audio.createOscillator();
    tone.type = "square";
    tone.frequency.value = n % 2 ? 660 : 880;
    tone.connect(volume);
    tone.start(begin + n * 0.3);
    tone.stop(begin + n * 0.3 + 0.24);
  }
  document.documentElement.dataset.beeped = String(Number(document.documentElement.dataset.beeped ?? 0) + 1);
}

function muted() {
  try {
    return localStorage.getItem(MUTED) === "1";
  } catch {
    return false; // storage is off: there is sound on each new page
  }
}

function mute(on) {
  try {
    localStorage.setItem(MUTED, on ? "1" : "");
  } catch {
    clearInterval(beeping);
  }
  show();
  if (!on) beep();
}

function show() {
  const on = muted();
  for (const button of document.querySelectorAll("[data-mute]")) {
    button.setAttribute("aria-pressed", String(on));
    button.querySelector("[data-mute-off]").hidden = on;
    button.querySelector("[data-mute-on]").hidden = !on;
  }
}

// A member on duty tells where they are: the browser asks them first.
export function startLocating() {
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-locate]");
    if (!form || form.elements.lon.value) return;
    event.preventDefault();
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        form.elements.lon.value = coords.longitude;
        form.elements.lat.value = coords.latitude;
        form.submit();
      },
      () => form.submit(), // without a position the server says what is lacking
      { enableHighAccuracy: true, timeout: 10000 },
    );
  });
}
