// Saved views: their numbers come after the page, so that counting keeps no one waiting, and again
// each minute and after a step of one's own; in the sheet of views one moves a line up or down before all is saved.

import { ask, repeat } from "./live.js";

const EVERY_MS = 60000;

export function startViews() {
  const row = document.querySelector("[data-views]");
  if (row) {
    const now = () => count(row).catch(() => {}); // a number that did not come is asked for again
    now();
    document.addEventListener("huying:acted", now);
    repeat(() => count(row), EVERY_MS);
    row.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (!button) return;
    event.preventDefault();
    move(button);
  });
  document.addEventListener("focusin", (event) => {
    if (event.target.matches("[data-select]")) event.target.select();
  });
}

async function count(row) {
  const answer = await ask(row.dataset.views);
  if (!answer) return;
  const numbers = await answer.json();
  for (const place of row.querySelectorAll("[data-view-count]")) {
    const number = numbers[place.dataset.viewCount];
    place.textContent = number ?? "";
    place.hidden = number === undefined;
  }
}

function move(button) {
  const line = button.closest("[data-view-line]");
  const up = button.dataset.move === "-1";
  const beside = up ? line.previousElementSibling : line.nextElementSibling;
  if (!beside) return;
  if (up) beside.before(line);
  else beside.after(line);
  // At either end the button that was pressed is gone: its neighbour goes on.
  const still = getComputedStyle(button).visibility !== "hidden";
  (still ? button : line.querySelector(`[data-move="${up ? 1 : -1}"]`)).focus();
}
