// 正在处理: a page with a case on it says so in the question that it asks anyway, whether anything
// has happened to the case; the answer's head says who else has it open. Where nobody asks that
// (a form lies over the case, or is a page of its own) it is asked from here.

import { ask } from "./live.js";

const EVERY_MS = 2500;

let tab = "";
let asked = 0;

export function startPresence() {
  // Not randomUUID: an intranet without TLS has none.
  tab = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  document.addEventListener("huying:here", (event) => show(event.detail));
  const again = async () => {
    const place = placeNow();
    if (place && !document.hidden && Date.now() - asked > EVERY_MS) {
      await ask(`${place.dataset.present}?seq=${here()}`).catch(() => {});
    }
    setTimeout(again, 500);
  };
  again();
}

// Which page asks, and which form is open on it.
export function here() {
  const place = placeNow();
  if (!place) return "";
  asked = Date.now();
  return `&tab=${tab}&doing=${place.dataset.doing ?? ""}`;
}

function placeNow() {
  return document.querySelector("dialog[open] [data-present]") ?? document.querySelector("[data-present]");
}

function show(told) {
  const at = told.indexOf(":");
  const [number, line] = [told.slice(0, at), decodeURIComponent(told.slice(at + 1))];
  for (const place of document.querySelectorAll("[data-present]")) {
    if (place.dataset.number !== number) continue; // an answer about the case that was here before
    const words = place.querySelector("[data-words]");
    if (words.textContent !== line) words.textContent = line;
    place.hidden = !line;
  }
}
