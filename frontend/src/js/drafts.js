// What was typed survives a reload, a lost connection and a sign-out: kept in this browser, one
// draft for each case, verb and account, for two days, and gone once the form was taken.
// Names and phone numbers are never kept: their fields carry data-no-draft.

const PREFIX = "huying.draft.";
const KEEP_MS = 2 * 24 * 3600 * 1000;

export function startDrafts(htmx) {
  forgetOld();
  forgetTaken(document);
  for (const form of document.querySelectorAll("form[data-draft]")) restore(form);
  htmx.onLoad((element) => {
    const forms = element.matches?.("form[data-draft]")
      ? [element]
      : (element.querySelectorAll?.("form[data-draft]") ?? []);
    for (const form of forms) restore(form);
  });
  document.addEventListener("click", (event) => {
    const form = event.target.closest("[data-draft-discard]")?.closest("form");
    if (form) discard(form);
  });
  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("form[data-draft]");
    if (form) save(form);
  });
}

// What was typed is sent: nothing to bring back.
export function forgetTaken(root) {
  for (const taken of root.querySelectorAll("[data-draft-taken]")) remove(taken.dataset.draftTaken);
}

function discard(form) {
  const known = form.restored ?? [];
  for (const [field, before] of known) {
    field.value = before;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
  for (const [field, before] of form.ticked ?? []) field.checked = before;
  remove(form.dataset.draft);
  form.querySelector("[data-draft-line]").hidden = true;
  form.querySelector("textarea, input:not([type=hidden])")?.focus();
}

// Boxes that are ticked to begin with: a draft also keeps that one is not.
function ticks(form) {
  return [...form.elements].filter((field) => "draftTick" in field.dataset);
}

// Reasons from a list are kept like words.
function choices(form) {
  return [...form.elements].filter((field) => field.type === "radio" && field.closest(".pick"));
}

function fields(form) {
  return [...form.elements].filter(
    (field) =>
      field.name &&
      !("noDraft" in field.dataset) &&
      (field.tagName === "TEXTAREA" ||
        (field.tagName === "INPUT" && ["text", "search", "datetime-local"].includes(field.type))),
  );
}

// What makes something is taken once for each number: words that come back are the same form's.
function number(form) {
  return form.elements.form_number;
}

function save(form) {
  const kept = {};
  if (number(form)) kept.form_number = number(form).value;
  for (const field of fields(form)) if (field.value) kept[field.name] = field.value;
  for (const field of choices(form)) if (field.checked) kept[field.name] = field.value;
  for (const field of ticks(form)) kept[field.name] = field.checked ? field.value : "";
  try {
    localStorage.setItem(PREFIX + form.dataset.draft, JSON.stringify({ at: Date.now(), kept }));
  } catch {
    // Storage is full or off: typing goes on without a draft.
  }
}

function restore(form) {
  if (form.restored) return; // the page's start and htmx both come by
  let draft;
  try {
    draft = JSON.parse(localStorage.getItem(PREFIX + form.dataset.draft));
  } catch {
    return;
  }
  if (!draft) return;
  let restored = false;
  form.restored = new Map();
  form.ticked = new Map();
  const chosen = new Set(choices(form).filter((field) => field.checked).map((field) => field.name));
  for (const field of choices(form)) {
    if (!chosen.has(field.name) && field.value && draft.kept[field.name] === field.value) {
      form.ticked.set(field, false);
      field.checked = true;
      restored = true;
    }
  }
  for (const field of ticks(form)) {
    const ticked = draft.kept[field.name];
    if (ticked === undefined || field.checked === Boolean(ticked)) continue;
    form.ticked.set(field, field.checked);
    field.checked = Boolean(ticked);
    restored = true;
  }
  for (const field of fields(form)) {
    if (!field.value && draft.kept[field.name]) {
      form.restored.set(field, field.value);
      field.value = draft.kept[field.name];
      restored = true;
    }
  }
  if (restored && number(form) && draft.kept.form_number) {
    form.restored.set(number(form), number(form).value);
    number(form).value = draft.kept.form_number;
  }
  const line = form.querySelector("[data-draft-line]");
  if (line && restored) line.hidden = false;
}

function remove(key) {
  try {
    localStorage.removeItem(PREFIX + key);
  } catch {
    // nothing was kept
  }
}

function forgetOld() {
  try {
    for (const key of Object.keys(localStorage)) {
      if (!key.startsWith(PREFIX)) continue;
      const { at } = JSON.parse(localStorage.getItem(key)) ?? {};
      if (!at || Date.now() - at > KEEP_MS) localStorage.removeItem(key);
    }
  } catch {
    // storage is off
  }
}
