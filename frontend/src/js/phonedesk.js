// The telephone: number, words, item, place, and the next call, without a hand off the keyboard.

export function startPhoneDesk(library) {
  if (!document.querySelector("form[data-call]")) return;
  document.addEventListener("keydown", (event) => {
    const form = event.target.closest?.("form[data-call]");
    if (!form || event.isComposing || event.altKey) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      if (!form.dataset.under) form.requestSubmit();
    } else if (!event.ctrlKey && !event.metaKey && keyIn(event.target, form, event.key)) {
      event.preventDefault();
      // A digit that chose something is nobody else's.
      event.stopPropagation();
    }
  }, true);
  document.addEventListener("change", ({ target }) => {
    if (target.matches("form[data-call] [data-caller]")) lookUp(library, target);
    if (target.name === "about") showSort(target.form);
  });
  document.addEventListener("input", ({ target }) => {
    if (target.matches("[data-address]")) forget(target.form);
  });
  document.addEventListener("click", ({ target }) => {
    const offer = target.closest("[data-offer]");
    const place = target.closest(".call-place");
    if (offer) take(offer.closest("form"), offer.dataset.offer);
    if (place) choose(place.closest("form"), place);
  });
  document.addEventListener("htmx:beforeRequest", ({ target }) => {
    if (target.matches("form[data-call]")) target.dataset.under = "1";
  });
  document.addEventListener("htmx:afterRequest", ({ target }) => {
    if (target.matches("form[data-call]")) delete target.dataset.under;
  });
  document.addEventListener("htmx:afterSwap", ({ detail: { target } }) => {
    if (target.id === "call-places") open(target);
    if (target.id === "call") arrived();
  });
}

// The new form is there: what became of the call is read out, and the next number is awaited.
function arrived() {
  const call = document.getElementById("call");
  const done = call.querySelector("[data-call-done]");
  if (done) document.getElementById("announce").textContent = done.dataset.callDone.replace(/\d/g, "$& ");
  (call.querySelector("[aria-invalid]") ?? call.querySelector("[data-caller]")).focus();
  showSort(call.querySelector("form"));
}

function keyIn(field, form, key) {
  if (field.matches("[data-caller]")) return key === "Enter" && next(field, form);
  if (field.name === "about" || field.name === "sort") return aboutKey(form, key);
  if (field.matches("[data-item]")) return itemKey(field, form, key);
  if (field.matches("[data-address]")) return addressKey(field, form, key);
  return key === "Enter" && field.tagName === "INPUT";
}

let asked = { number: "", field: null, answer: null };

// One question for a number, whether Enter or the way out of the field asks it.
function lookUp(library, field) {
  const number = field.value.replace(/\D/g, "");
  if (number !== asked.number || field !== asked.field) asked = { number, field, answer: look(library, field, number) };
  return asked.answer;
}

async function look(library, field, number) {
  if (number.length < 5) {
    field.form.querySelector("#caller").replaceChildren();
    return;
  }
  // By POST with the form's token: no number gets into an address, or a log.
  await library.ajax("POST", field.dataset.caller, { source: field, target: "#caller", swap: "innerHTML" });
  // Without an answer the next Enter asks again.
  if (!field.form.querySelector("#caller").childElementCount) asked.number = "";
  showSort(field.form);
}

// Enter after the number: on to the words at once, whatever the server takes. What the caller has
// open comes first where nothing is written yet; nobody is taken out of a word.
function next(field, form) {
  const { text } = form.elements;
  text.focus();
  lookUp(window.htmx, field).then(() => {
    const about = form.querySelector("[data-about] [name=about]:checked");
    if (about && document.activeElement === text && !text.value) about.focus();
  });
  return true;
}

function aboutKey(form, key) {
  const choices = [...form.querySelectorAll("[name=about]")];
  if (key === "u") {
    const urge = form.querySelector("[name=sort][value=urge]");
    urge.checked = true;
    if (choices[0].checked && choices[1]) choices[1].checked = true;
  } else if (choices[key] && /^\d$/.test(key)) choices[key].checked = true;
  else if (key !== "Enter") return false;
  showSort(form);
  form.elements.text.focus();
  return true;
}

// What the caller wants is asked of a case that is known alone; its item and place are known too.
function showSort(form) {
  const known = Boolean(form.querySelector("[name=about]:checked")?.value);
  const sort = form.querySelector(".call-sort");
  if (sort) sort.hidden = !known;
  for (const id of ["id_item", "id_address", "id_contact_name"]) form.querySelector(`#${id}`).closest(".field").hidden = known;
}

function itemKey(field, form, key) {
  const offer = field.value === "" && form.querySelectorAll("[data-offer]")[Number(key) - 1];
  if (offer) return take(form, offer.dataset.offer);
  if (key !== "Enter") return false;
  form.elements.address.focus();
  return true;
}

function take(form, item) {
  form.querySelector("[data-item]").value = item;
  form.elements.address.focus();
  return true;
}

// --- The place: a list under the field, by the pattern of a combobox ---------------------------

const options = (form) => [...form.querySelectorAll(".call-place")];
const list = (form) => form.querySelector("#call-places");

function open(place) {
  const form = place.closest("form");
  place.hidden = !place.childElementCount;
  form.elements.address.setAttribute("aria-expanded", String(!place.hidden));
  mark(form, 0);
}

function close(form) {
  list(form).hidden = true;
  form.elements.address.setAttribute("aria-expanded", "false");
  form.elements.address.removeAttribute("aria-activedescendant");
}

function mark(form, at) {
  options(form).forEach((option, n) => option.setAttribute("aria-selected", String(n === at)));
  const here = options(form)[at];
  if (here) form.elements.address.setAttribute("aria-activedescendant", here.id);
  here?.scrollIntoView({ block: "nearest" });
}

function addressKey(field, form, key) {
  const all = options(form);
  const here = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
  const shown = !list(form).hidden && all.length;
  if (key === "Enter") {
    if (shown) choose(form, all[here]);
    else form.elements.contact_name.focus();
  } else if (shown && key === "Escape") close(form);
  else if (shown && (key === "ArrowDown" || key === "ArrowUp")) mark(form, (here + (key === "ArrowDown" ? 1 : all.length - 1)) % all.length);
  else return false;
  return true;
}

function choose(form, { dataset }) {
  const { address, area, lon, lat } = form.elements;
  address.value = dataset.name;
  area.value = dataset.area;
  lon.value = dataset.lon ?? "";
  lat.value = dataset.lat ?? "";
  form.querySelector("[data-area-said]").textContent = dataset.said;
  // An item on trial is offered where it is tried alone.
  for (const item of form.querySelectorAll("[data-towns]")) item.disabled = !item.dataset.towns.split(" ").includes(area.value.slice(0, 9));
  close(form);
  address.focus();
}

// Another house in the same lane: the area that was chosen still holds, the exact point does not.
function forget(form) {
  form.elements.lon.value = "";
  form.elements.lat.value = "";
}
