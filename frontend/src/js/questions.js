// Questions on a page: those whose condition is not met are hidden while somebody answers, by the
// same rules as on the server. Hidden fields are switched off, so that nothing of them is sent.
import { check, PREFIX } from "./forms.js";

export function startQuestions(htmx) {
  htmx.onLoad((element) => {
    const boxes = [...(element.querySelectorAll?.("[data-questions]") ?? [])];
    if (element.matches?.("[data-questions]")) boxes.push(element);
    for (const box of boxes) begin(box);
  });
}

function begin(box) {
  if (box.sheet) return;
  box.sheet = JSON.parse(box.dataset.questions);
  for (const said of box.querySelectorAll(".q-when")) said.hidden = true;
  box.addEventListener("input", () => show(box));
  box.addEventListener("change", () => show(box));
  show(box);
}

function show(box) {
  const asked = new Set(check(box.sheet, given(box)).asked);
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
