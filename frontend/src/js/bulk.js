// Many cases at once: boxes, ranges and a bar in the queue; on the look ahead, the choice of units
// and a run in small parts. The selection is kept by number, for one account, post and list.

import { meant, move } from "./keys.js";
import { say } from "./live.js";

const KEPT = "huying.bulk";
const PART = 10; // rows of one request of a run

let picked = new Set();
let anchor = null; // where a range begins
let base = new Set(); // what was selected when it began
let bar = null;

export function startBulk() {
  forgetDone();
  startRun();
  bar = document.querySelector("[data-bulk]");
  startAhead();
  if (!bar) return;
  // Another account, post or list has a selection of its own: this one begins with none.
  if (stored()?.whose !== bar.dataset.bulk) write({ numbers: [] });
  picked = read();
  draw();
  // The list is swapped under us when it is looked at again.
  const list = bar.closest(".panel") ?? document.body;
  new MutationObserver((changes) => {
    if (changes.some((each) => !bar.contains(each.target))) draw();
  }).observe(list, { childList: true, subtree: true });

  document.addEventListener("click", pressed, true);
  document.addEventListener("keydown", typed);
  bar.addEventListener("submit", () => {
    const here = new Set(boxes().map((box) => box.value));
    for (const old of bar.querySelectorAll("input[name=number]")) old.remove();
    for (const number of picked) {
      if (here.has(number)) continue;
      const input = document.createElement("input");
      Object.assign(input, { type: "hidden", name: "number", value: number });
      bar.append(input);
    }
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    picked = read();
    draw();
  });
}

// The queue

function boxes() {
  return [...document.querySelectorAll("input[form=bulk][name=number]")];
}

function pressed(event) {
  if (event.target.closest("[data-bulk-clear]")) return clear();
  if (event.target.closest("[data-bulk-all]")) return all();
  const whole = event.target.closest("[data-bulk-page]");
  if (whole) return whole.checked ? all() : none();
  const box = event.target.closest("input[form=bulk][name=number]");
  if (box) {
    if (event.shiftKey && anchor) return extend(box.value);
    return toggle(box.value, box.checked);
  }
  // A range by the mouse: anywhere on the line, where a browser would open a window.
  const row = event.shiftKey && !event.ctrlKey && !event.metaKey && event.target.closest("[data-row]");
  const own = row && row.querySelector("input[form=bulk][name=number]");
  if (!own || event.target.closest("label")) return undefined;
  event.preventDefault();
  event.stopPropagation();
  document.getSelection()?.removeAllRanges();
  return extend(own.value);
}

function typed(event) {
  if (!meant(event)) return;
  if (ahead(event) || queue(event)) event.preventDefault();
}

function queue(event) {
  if (!boxes().length && !picked.size) return false;
  const key = event.key.toLowerCase();
  if (event.key === "Escape" && picked.size) return clear(), true;
  if (event.shiftKey) {
    if (key === "a") return all(), true;
    const here = current();
    if (key === "x" && here) return extend(here), true;
    if (key === "j" || key === "k") {
      if (!anchor && here) begin(here);
      move(key === "j" ? 1 : -1);
      const there = current();
      if (there) extend(there);
      return true;
    }
    return false;
  }
  const here = current();
  if (key === "x" && here) return toggle(here, !picked.has(here)), true;
  const verb = picked.size && bar.querySelector(`[data-bulk-verb="${key === "a" || key === "d" ? key : "-"}"]`);
  if (!verb) return false;
  verb.click();
  return true;
}

// The case of the line that has the focus.
function current() {
  const row = document.activeElement?.closest?.("[data-row]");
  return row?.querySelector("input[form=bulk][name=number]")?.value ?? null;
}

function begin(number) {
  anchor = number;
  base = new Set(picked);
}

function toggle(number, on) {
  if (on) add(number);
  else picked.delete(number);
  begin(number);
  keep();
}

function extend(number) {
  const order = boxes().map((box) => box.value);
  if (!anchor || !order.includes(anchor)) begin(number);
  const [from, to] = [order.indexOf(anchor), order.indexOf(number)].sort((a, b) => a - b);
  picked = new Set(base);
  for (const each of order.slice(from, to + 1)) if (!add(each)) break;
  keep();
}

function all() {
  for (const box of boxes()) if (!add(box.value)) break;
  keep();
}

function none() {
  for (const box of boxes()) picked.delete(box.value);
  keep();
}

function clear() {
  picked.clear();
  anchor = null;
  keep();
  if (bar.contains(document.activeElement)) document.getElementById("main")?.focus();
}

function add(number) {
  if (picked.has(number)) return true;
  if (picked.size >= Number(bar.dataset.most)) {
    say(words(bar, "most", { n: bar.dataset.most }));
    return false;
  }
  picked.add(number);
  return true;
}

function draw() {
  const all = boxes();
  for (const box of all) {
    box.checked = picked.has(box.value);
    box.closest("tr").classList.toggle("picked", box.checked);
  }
  const here = all.filter((box) => box.checked).length;
  const whole = document.querySelector("[data-bulk-page]");
  if (whole) {
    whole.checked = all.length > 0 && here === all.length;
    whole.indeterminate = here > 0 && here < all.length;
  }
  bar.classList.toggle("any", picked.size > 0);
  const text = told(picked.size, picked.size - here);
  const count = bar.querySelector("[data-bulk-count]");
  if (count.textContent !== text) count.textContent = text;
}

function told(n, m) {
  if (!n) return words(bar, "none");
  return m ? words(bar, "elsewhere", { n, m }) : words(bar, "some", { n });
}

function keep() {
  draw();
  const full = picked.size >= Number(bar.dataset.most) ? ` ${words(bar, "most", { n: bar.dataset.most })}` : "";
  say(bar.querySelector("[data-bulk-count]").textContent + full);
  write({ whose: bar.dataset.bulk, numbers: [...picked] });
}

// What is kept

function read() {
  return new Set(stored()?.numbers ?? []);
}

function stored() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  } catch {
    return null; // storage is off: the selection lasts as long as the page
  }
}

function write(kept) {
  try {
    if (kept.numbers.length) sessionStorage.setItem(KEPT, JSON.stringify(kept));
    else sessionStorage.removeItem(KEPT);
  } catch {
    // as above
  }
}

// What was done is selected no more; what was refused stays for another try.
function forgetDone() {
  const line = document.querySelector("[data-bulk-done]");
  const kept = line && stored();
  if (!kept) return;
  const done = new Set(line.dataset.bulkDone.split(" "));
  write({ ...kept, numbers: kept.numbers.filter((number) => !done.has(number)) });
}

// The look ahead

function startAhead() {
  const form = document.querySelector("[data-bulk-run]");
  if (!form) return;
  const whole = form.querySelector("[data-bulk-page]");
  form.addEventListener("change", (event) => {
    const target = event.target;
    if (target === whole) for (const box of rowsOf(form)) box.checked = whole.checked;
    if (target.matches("[data-bulk-for-all]")) {
      for (const select of form.querySelectorAll("[data-bulk-unit]")) choose(select, target.value);
    }
    if (target.matches("[data-bulk-unit]")) {
      explain(target);
      form.querySelector("[data-bulk-for-all]").value = "";
    }
    counted(form);
  });
  // With scripts the choice for all is made in each line, where it can still be changed.
  form.querySelector("[data-bulk-for-all]")?.removeAttribute("name");
  document.addEventListener("htmx:afterSwap", () => counted(form));
  document.addEventListener("keydown", typed);
  counted(form);
}

function ahead(event) {
  if (bar || event.key.toLowerCase() !== "x" || event.shiftKey) return false;
  const box = document.activeElement?.closest?.("[data-row]")?.querySelector("input[name=row]");
  if (!box) return false;
  box.click();
  return true;
}

function rowsOf(form) {
  return [...form.querySelectorAll("input[name=row]")];
}

// One unit for all goes to each line that may have it.
function choose(select, value) {
  if (!value || ![...select.options].some((option) => option.value === value)) return;
  select.value = value;
  explain(select);
}

function explain(select) {
  const row = select.closest("tr");
  const option = select.selectedOptions[0];
  row.querySelector("[data-bulk-why]").textContent = option?.dataset.why ?? "";
  row.querySelector("[data-bulk-lacks]")?.toggleAttribute("hidden", Boolean(select.value));
  row.querySelector("[data-bulk-best]")?.toggleAttribute("hidden", !option?.defaultSelected);
  row.querySelector("input[name=row]").checked = Boolean(select.value);
  // Who leads does not assist.
  for (const box of row.querySelectorAll("[data-bulk-assist]")) box.disabled = box.value === select.value;
}

function counted(form) {
  const boxes = rowsOf(form);
  const on = boxes.filter((box) => box.checked);
  form.querySelector("[data-bulk-n]").textContent = String(on.length);
  form.querySelector("[data-bulk-go]").disabled = !on.length;
  const whole = form.querySelector("[data-bulk-page]");
  whole.checked = on.length > 0 && on.length === boxes.length;
  whole.indeterminate = on.length > 0 && on.length < boxes.length;
  const list = form.querySelector("[data-bulk-loads]");
  if (!list) return;
  const units = new Map();
  for (const box of on) {
    const option = box.closest("tr").querySelector("[data-bulk-unit]")?.selectedOptions[0];
    if (!option?.value) continue;
    const unit = units.get(option.value) ?? { unit: option.dataset.name, load: option.dataset.load, n: 0 };
    unit.n += 1;
    units.set(option.value, unit);
  }
  list.replaceChildren(
    ...[...units.values()]
      .sort((a, b) => b.n - a.n)
      .map((unit) => {
        const line = document.createElement("li");
        line.textContent = words(form, "load", unit);
        return line;
      }),
  );
  list.hidden = !units.size;
}

// The run goes in parts, so that one sees how far it is. Each row is done once under the form's
// token: after a broken connection the same parts are simply sent again.

function startRun() {
  const form = document.querySelector("[data-bulk-run]");
  if (!form) return;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    if (!form.dataset.sending) send(form);
  });
}

async function send(form) {
  const numbers = rowsOf(form)
    .filter((box) => box.checked)
    .map((box) => box.value);
  if (!numbers.length) return;
  const given = new FormData(form);
  const [go, progress, trouble] = ["go", "progress", "trouble"].map((name) => form.querySelector(`[data-bulk-${name}]`));
  form.dataset.sending = "1";
  go.disabled = true;
  trouble.hidden = true;
  const slow = setTimeout(() => (progress.hidden = false), 700);
  try {
    let target = "";
    for (let n = 0; n < numbers.length; n += PART) {
      show(form, progress, n, numbers.length);
      target = (await sent(form, given, numbers.slice(n, n + PART))).results;
    }
    show(form, progress, numbers.length, numbers.length);
    location.assign(target);
  } catch {
    trouble.textContent = words(form, "trouble");
    trouble.hidden = false;
    go.disabled = false;
  } finally {
    clearTimeout(slow);
    delete form.dataset.sending;
  }
}

async function sent(form, given, numbers) {
  const part = new FormData();
  for (const name of ["csrfmiddlewaretoken", "token"]) part.set(name, given.get(name));
  for (const number of numbers) {
    part.append("row", number);
    for (const [name, value] of given) if (name.startsWith(`${number}-`)) part.append(name, value);
  }
  const answer = await fetch(form.action, {
    method: "POST",
    body: part,
    headers: { Accept: "application/json" },
    redirect: "error",
  });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

function show(form, progress, n, all) {
  progress.querySelector("progress").max = all;
  progress.querySelector("progress").value = n;
  progress.querySelector("[data-bulk-so-far]").textContent = words(form, "so-far", { n, all });
}

// Words

function words(holder, name, values = {}) {
  let said = name;
  for (const template of holder.querySelectorAll("[data-bulk-words]")) {
    said = template.content.querySelector(`[data-w="${name}"]`)?.textContent ?? said;
  }
  for (const [key, value] of Object.entries(values)) said = said.replace(`{${key}}`, value);
  return said;
}
