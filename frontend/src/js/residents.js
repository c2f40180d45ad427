// The public form: the browser does the small piece of work that the server asks for, while somebody
// types, so that nobody has to read a sum out of a picture. A second tap waits for the first.

import { inOurWords } from "./questions.js";

export function startResidents() {
  for (const input of document.querySelectorAll("input[type=file][data-pick-words]")) inOurWords(input, { pick: input.dataset.pickWords });
  for (const form of document.querySelectorAll("form[data-resident]")) begin(form);
  for (const each of document.querySelectorAll(".public-map")) {
    each.addEventListener("toggle", () => window.dispatchEvent(new Event("resize")));
  }
}

async function begin(form) {
  form.addEventListener("submit", (event) => {
    const button = form.querySelector("[data-send]");
    if (button.getAttribute("aria-busy") === "true") return event.preventDefault();
    button.setAttribute("aria-busy", "true");
  });
  window.addEventListener("pageshow", () => form.querySelector("[data-send]").removeAttribute("aria-busy"));
  // Only where the page came over https: else the sum in the picture stays.
  if (!crypto.subtle) return;
  const sum = form.querySelector("[data-sum]");
  sum.hidden = true;
  try {
    form.elements.proof.value = await work(form.dataset.number, Number(form.dataset.bits));
  } catch {
    sum.hidden = false;
  }
}

async function work(number, bits) {
  const encoder = new TextEncoder();
  for (let n = 0; n < 1 << 22; n += 1) {
    const digest = new DataView(await crypto.subtle.digest("SHA-256", encoder.encode(`${number}:${n}`)));
    if (digest.getUint32(0) >>> (32 - bits) === 0) return String(n);
  }
  throw new Error("no proof found");
}
