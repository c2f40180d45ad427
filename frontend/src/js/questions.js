// Questions on a page: those whose condition is not met are hidden while somebody answers, by the
// same rules as on the server. Hidden fields are switched off, so that nothing of them is sent.
import { check, PREFIX } from "./forms.js";
import { pinned } from "./pinned.js";

export function startQuestions(htmx) {
  htmx.onLoad((element) => {
    const boxes = [...(element.querySelectorAll?.("[data-questions]") ?? [])];
    if (element.matches?.("[data-questions]")) boxes.push(element);
    for (const box of boxes) begin(box);
    for (const card of element.querySelectorAll?.(".q-card") ?? []) fitting(card);
  });
  document.addEventListener("change", (event) => {
    const card = event.target.closest?.(".q-card");
    if (card && event.target.matches("[data-kind], [data-when]")) fitting(card);
  });
}

// In the editor: only the fields that the chosen kind and condition have.
function fitting(card) {
  const fit = (choice, name) => {
    const chosen = card.querySelector(`[data-${choice}]`)?.value;
    for (const part of card.querySelectorAll(`[data-${name}]`)) {
      part.hidden = !part.getAttribute(`data-${name}`).split(" ").includes(chosen);
    }
  };
  fit("kind", "only");
  fit("when", "when-only");
}

function begin(box) {
  if (box.sheet) return;
  wire(box, JSON.parse(box.dataset.questions));
  pinned(box, box.sheet.words, async (...how) => (await import("./pin.js")).pinOn(...how));
}

// Lets drawn questions come and go; `more` gives answers that stand elsewhere on the page.
export function wire(box, sheet, more = () => ({})) {
  box.sheet = sheet;
  box.more = more;
  for (const said of box.querySelectorAll(".q-when")) said.hidden = true;
  for (const input of box.querySelectorAll("input[type=file]")) inOurWords(input, box.sheet.words);
  box.addEventListener("input", () => show(box));
  box.addEventListener("change", () => show(box));
  show(box);
}

// The browser's own button speaks the browser's language; the label over it speaks ours.
export function inOurWords(input, words) {
  const label = document.createElement("label");
  label.className = "btn";
  label.htmlFor = input.id;
  label.textContent = words.pick;
  const chosen = document.createElement("span");
  chosen.className = "muted q-chosen";
  input.className = "away";
  input.after(label, chosen);
  input.addEventListener("change", () => {
    chosen.textContent = [...input.files].map((file) => file.name).join(", ");
  });
}

function show(box) {
  const asked = new Set(check(box.sheet, { ...given(box), ...box.more() }).asked);
  for (const part of box.querySelectorAll("[data-question]")) {
    const here = asked.has(part.dataset.question);
    part.hidden = !here;
    for (const field of part.querySelectorAll("input, textarea, select")) field.disabled = !here;
  }
}

// What the fields hold, as forms.rendering.given_by reads it from what is sent.
export function given(box) {
  const found = {};
  for (const { id, kind } of box.sheet.questions) {
    const part = box.querySelector(`[data-question="${id}"]`);
    if (!part || kind === "section") continue;
    const fields = [...part.querySelectorAll("[name]")];
    const named = (name) => fields.find((field) => field.name === name)?.value ?? "";
    if (kind === "position") {
      found[id] = { lon: named(`${PREFIX}${id}.lon`), lat: named(`${PREFIX}${id}.lat`) };
    } else if (kind === "several_of") {
      found[id] = fields.filter((field) => field.checked).map((field) => field.value);
    } else if (kind === "photo") {
      // A file that is chosen and not yet sent is an answer already.
      const files = fields.flatMap((field) => [...(field.files ?? [])]);
      const kept = fields.filter((field) => field.type === "hidden").map((field) => field.value);
      found[id] = files.length ? ["00000000-0000-0000-0000-000000000000"] : kept;
    } else if (kind === "yes_no" || kind === "one_of") {
      found[id] = fields.find((field) => field.checked)?.value ?? "";
    } else {
      found[id] = named(`${PREFIX}${id}`);
    }
  }
  return found;
}
